/** Evidence over HTTP: files of complaints, penalty cases, discipline and supervision, each given only to who may see it. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { evidenceAddresses } from '../../src/commands/backup.ts'
import { verify } from '../../src/commands/verify.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { acting, filing, referral } from '../support/acting.ts'
import { register } from '../support/chain.ts'
import { formWith } from '../support/multipart.ts'
import { startService, type TestService, type Who } from '../support/service.ts'

t.test('evidence is taken in by its content, kept as it was, and given to who may see it', async (t) => {
  const service = await startService(t, { evidenceLimit: 64 * 1024 })
  const { json } = await register(service)
  const url = `/api/v1/complaints/${json.case}/evidence`
  const content = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.from([0, 255, 13, 10]), Buffer.from('收据内容')])
  const added = await service.call('reception', 'POST', url, {
    ...formWith(content, '收据.pdf', { submittedBy: 'complainant' }),
    ifMatch: 0,
    key: 'up-1',
  })
  t.match(added, { status: 200, json: { revision: 1 } }, added.text)
  const again = await service.call('reception', 'POST', url, {
    ...formWith(content, '收据.pdf', { submittedBy: 'complainant' }),
    ifMatch: 0,
    key: 'up-1',
  })
  t.same([again.status, again.json.index], [200, added.json.index], 'a retried upload is the same upload')
  const other = await service.call('reception', 'POST', url, { ...formWith('%PDF-1.7 other'), ifMatch: 0, key: 'up-1' })
  t.match(other, { status: 422, json: { code: 'idempotency-key-reused' } })
  const history = await service.call('centre-director', 'GET', `/api/v1/complaints/${json.case}/history`)
  const { data } = history.json.events[1]
  t.match(data, { mediaType: 'application/pdf', size: content.length, name: '收据.pdf', submittedBy: 'complainant' })
  const download = await service.app.inject({
    url: `${url}/${data.sha256}`,
    headers: { authorization: `Bearer ${service.people['centre-director'].token}` },
  })
  t.equal(download.statusCode, 200)
  t.same(download.rawPayload, content)
  t.match(String(download.headers['content-disposition']), /^attachment/)
  const withheld = await service.call('office-account', 'GET', `${url}/${data.sha256}`)
  t.match(withheld, { status: 403, json: { code: 'forbidden' } })
  const foreign = await service.call('elsewhere', 'GET', `${url}/${data.sha256}`)
  t.match(foreign, { status: 404, json: { code: 'not-found' } })
  const missing = await service.call('centre-director', 'GET', `${url}/${'0'.repeat(64)}`)
  t.equal(missing.status, 404)
  for (const [name, sent, status, code] of [
    ['an empty file', formWith(''), 422, 'evidence-empty'],
    ['a program', formWith(Buffer.from('MZ\u0000\u0001\u0000\u0000')), 415, 'evidence-type-refused'],
    [
      'too large a file',
      formWith(Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(70_000)])),
      413,
      'evidence-too-large',
    ],
    ['an unknown field', formWith('%PDF-1.7\n', 'a.pdf', { submittedBy: 'stranger' }), 422, 'invalid-request'],
    [
      'half a form',
      { ...formWith('%PDF-1.7\n'), payload: formWith('%PDF-1.7\n').payload.subarray(0, 150) },
      400,
      'malformed-form',
    ],
    ['JSON instead of a file', { body: {} }, 415, 'unsupported-media-type'],
  ] as const)
    t.match(await service.call('reception', 'POST', url, { ...sent, ifMatch: 1 }), { status, json: { code } }, name)
  t.match(await service.call('reception', 'POST', url, formWith('%PDF-1.7\n')), { status: 428 })
})

t.test('verify names a file that an event names and that is gone, or is not what its address says', async (t) => {
  const service = await startService(t, { evidenceLimit: 64 * 1024 })
  const { json } = await register(service)
  await add(service, 'reception', `/api/v1/complaints/${json.case}`, 0)
  const evidenceCheck = async () => {
    const { log, vault, evidence } = service.service
    const { checks } = await verify({ log, vault, evidence })
    return checks.find(({ name }) => name === 'evidence as addressed')
  }
  t.match(await evidenceCheck(), { ok: true, detail: '1 files' })
  const [address] = evidenceAddresses(service.service.evidenceDirectory)
  const path = join(service.service.evidenceDirectory, address!.slice(0, 2), address!)
  writeFileSync(path, 'something else')
  t.match(await evidenceCheck(), { ok: false, detail: `1: ${address}` })
  rmSync(path)
  const named = new RegExp(`^1: ${address} of index \\d+ complaint-${json.case}@1 is missing$`)
  t.match(await evidenceCheck(), { ok: false, detail: named })
})

/** Adds a file to the case and answers what the file list says of it. */
async function add(
  service: TestService,
  who: Who,
  url: string,
  ifMatch: number,
  fields: Record<string, string> = {},
): Promise<{ status: number; code?: string; revision: number }> {
  const sent = formWith(content, '现场照片.pdf', fields)
  const { status, json } = await service.call(who, 'POST', `${url}/evidence`, { ...sent, ifMatch })
  return { status, code: json.code, revision: json.revision }
}

const content = '%PDF-1.7 账册第三页'

/** Address of the only file of a case, as its last event names it; nothing of the file stands there to be read. */
function addressIn(t: Test, service: TestService, stream: string): string {
  const stored = service.service.log.stream(stream)
  const added = stored.map(({ bytes }) => decodeEnvelope(bytes)).filter(({ type }) => type === 'EvidenceAdded')
  t.equal(added.length, 1)
  for (const { bytes } of stored)
    for (const secret of ['现场照片', '账册']) t.notOk(Buffer.from(bytes).includes(secret), 'the name is sealed')
  return (added[0]!.data as { sha256: string }).sha256
}

async function read(service: TestService, who: Who, url: string): Promise<string> {
  const { status, text, json } = await service.call(who, 'GET', url)
  return status === 200 ? text : json.code
}

t.test(
  'the investigators of a penalty case add its evidence; the office it is about opens none (行政处罚法 46)',
  async (t) => {
    const service = await startService(t)
    const { county, people } = service
    const { did, url, revision } = acting(service, '/api/v1/penalties')
    const { case: id } = await did('grassroots-section', '', filing(county))
    await did('grassroots-section', 'assign-officers', { officers: [people.investigator.id, people.investigator2.id] })
    for (const who of ['reception', 'supervision-officer', 'office-account', 'auditor'] as const)
      t.match(await add(service, who, url(), revision()), { status: 403, code: 'forbidden' }, who)
    t.match(await add(service, 'elsewhere', url(), revision()), { status: 404 })
    t.match(await add(service, 'investigator', url(), revision()), { status: 200 })
    const file = `${url()}/evidence/${addressIn(t, service, `penalty-${id}`)}`
    for (const who of ['investigator', 'grassroots-section', 'city-decider', 'auditor'] as const)
      t.equal(await read(service, who, file), content, who)
    t.equal(await read(service, 'office-account', file), 'forbidden')
    t.equal(await read(service, 'elsewhere', file), 'not-found')
    t.match((await service.call('grassroots-section', 'GET', url())).json, { evidence: 1 })
  },
)

t.test('the referring bureau hands its evidence to the committee (S4-4.5a)', async (t) => {
  const service = await startService(t)
  const { did, url, revision } = acting(service, '/api/v1/disciplines')
  const { case: id } = await did('bureau-leader', '', referral(service.county))
  t.match(await add(service, 'investigator', url(), revision()), { status: 403 })
  t.match(await add(service, 'grassroots-section', url(), revision()), { status: 200 })
  const file = `${url()}/evidence/${addressIn(t, service, `discipline-${id}`)}`
  t.equal(await read(service, 'disciplinary-committee', file), content)
  t.equal(await read(service, 'office-account', file), 'forbidden')
})

t.test(
  'a unit proves its answer on its own task; a confidential item keeps its files too (S1-5.3d, S1-5.2e)',
  async (t) => {
    const service = await startService(t)
    const { bureau, other } = service.county
    const { did, url, revision } = acting(service, '/api/v1/supervisions')
    const { case: id } = await did('supervision-officer', '', { source: 'other', matter: '督办事由' })
    await did('supervision-officer', 'assign-tasks', {
      tasks: [
        { unit: bureau, role: 'lead' },
        { unit: other, role: 'co-handling' },
      ],
    })
    const { json } = await service.call('elsewhere', 'GET', url())
    const taskOf = (unit: string): string => json.tasks.find((task: { unit: string }) => task.unit === unit).id
    for (const fields of [{}, { task: taskOf(bureau) }] as Record<string, string>[])
      t.match(await add(service, 'elsewhere', url(), revision(), fields), {
        status: 403,
        code: 'acts-for-another-unit',
      })
    const added = await add(service, 'elsewhere', url(), revision(), { task: taskOf(other) })
    t.equal(added.status, 200)
    const file = `${url()}/evidence/${addressIn(t, service, `supervision-${id}`)}`
    for (const who of ['elsewhere', 'supervision-officer'] as const)
      t.equal(await read(service, who, file), content, who)
    const named = await service.call('bureau-leader', 'POST', `${url()}/restrict-readers`, {
      body: { readers: [service.people['bureau-leader'].id] },
      ifMatch: added.revision,
    })
    t.equal(named.status, 200, named.text)
    t.equal(await read(service, 'supervision-officer', file), 'not-found')
    t.equal(await read(service, 'bureau-leader', file), content)
  },
)

t.test('what takes no files has no such address', async (t) => {
  const service = await startService(t)
  t.equal((await service.call('reception', 'POST', '/api/v1/visits/x/evidence', formWith(content))).status, 404)
})
