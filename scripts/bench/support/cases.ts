/** A data directory with many cases, all alike, for benchmarks of requests. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { commandIdFor } from '../../../src/commands/ids.ts'
import { createDemo, demoTokens } from '../../../src/demo/index.ts'
import { roleTerms } from '../../../src/domain/catalogue/registry.ts'
import { term } from '../../../src/domain/catalogue/terms.ts'
import { categoryOf, type Envelope } from '../../../src/domain/event.ts'
import { openService } from '../../../src/service.ts'
import { EVENTS_FILE } from '../../../src/store/sqlite/index.ts'
import { copyLog, envelopesOf, fillModels, ONCE } from './log.ts'

/** A data directory with many complaints of three events each (registered, accepted, investigators assigned), numbered. */
export async function makeComplaints(directory: string, cases: number) {
  const key = join(directory, 'master.key')
  await createDemo({ directory, masterKeyFile: key, complaints: 0, offices: 1, years: 0.02, until: '2026-06-30' })
  const service = await openService({ directory, masterKeyFile: key, evidenceLimit: 0 })
  let envelopes: Envelope[]
  let token: string
  try {
    const tokens = await demoTokens(service)
    token = tokens.find(({ role }) => role === term(roleTerms, 'centre-director'))!.token
    await service.projections.catchUp()
    const all = (role: string) => service.people.persons().filter(({ grants }) => grants[0]?.role === role)
    const director = service.people.principal(all('centre-director')[0]!.id)!
    let stream: string | undefined
    const act = async (action: string, sent: unknown) => {
      const { decider } = service.categories.complaint!
      const result = await service.execute({
        category: 'complaint',
        ...(stream === undefined ? {} : { stream }),
        action,
        body: decider.actions[action]!.body.parse(sent),
        commandId: commandIdFor('bench', action),
        requestMac: '',
        principal: director,
      })
      if (!result.ok) throw new Error(`${action}: ${result.refusal.code}`)
      stream = result.stream
      await service.finish('complaint', result)
    }
    await act('register', {
      channel: 'visit',
      kind: 'poor-service',
      respondentOffice: service.people.offices()[0]!.id,
      complainant: { name: '王小明', phone: '13800000000', address: '安和县青石镇' },
      matter: '反映收费后未出具票据，多次联系未果，请求查明。',
      request: '退还费用并出具票据。',
    })
    await act('accept', {})
    await act('assignInvestigators', {
      investigators: all('investigator')
        .slice(0, 2)
        .map(({ id }) => id),
    })
    envelopes = [...envelopesOf(service.log)]
  } finally {
    await service.close()
  }
  // What else the demo's days bring is no part of this; the case's numbers are.
  const own = envelopes.filter(({ stream, data }) => {
    const category = categoryOf(stream)
    if (category === 'numbers') return (data as { case: string }).case.startsWith('complaint-')
    return category === 'complaint' || ONCE.has(category)
  })
  for (const file of [EVENTS_FILE, 'readmodels.db', 'board.db', 'search.db'])
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(directory, file + suffix), { force: true })
  copyLog({ path: join(directory, EVENTS_FILE), from: own, copies: cases, keepsSubjects: true })
  await fillModels(directory)
  return { token }
}

/** Complaints of a log, in no particular order. */
export function complaintsOf(directory: string): string[] {
  const db = new DatabaseSync(join(directory, EVENTS_FILE), { readOnly: true })
  const rows = db.prepare("SELECT name FROM streams WHERE name GLOB 'complaint-*'").all() as { name: string }[]
  db.close()
  return rows.map(({ name }) => name)
}
