/** Evidence on the terminal: a file into a case and out again, on a data directory and over a running service. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { register } from '../support/chain.ts'
import { inProcess as duban, serve } from '../support/served.ts'
import { startService, temporaryDirectory } from '../support/service.ts'

t.test('who may add evidence does so from the terminal, and who may read it gets the file as it was', async (t) => {
  const service = await startService(t)
  const { case: id } = (await register(service)).json
  const { directory, people } = service
  await service.close()
  const place = temporaryDirectory(t)
  const [receipt, out] = [join(place, '收据.pdf'), join(place, 'out.pdf')]
  writeFileSync(receipt, '%PDF-1.7 收据')
  const as = (who: keyof typeof people) => ({ DUBAN_TOKEN: people[who].token })
  const served = { url: '', stop: async () => {} }
  t.teardown(() => served.stop())
  for (const [place, where] of [() => ['--data', directory], () => ['--url', served.url]].entries()) {
    const add = ['evidence', 'add', id, receipt, '--submitted-by', 'complainant', ...where(), '--json']
    t.match(await duban(add, as('reception')), { code: 1, json: { code: 'precondition-required' } })
    // By the wall clock of the running service deadlines are missed meanwhile, and recorded.
    const seen = async () => `${(await duban(['show', id, ...where(), '--json'], as('centre-director'))).json.revision}`
    t.match(await duban([...add, '--if-match', await seen()], as('supervision-officer')), {
      code: 1,
      json: { code: 'forbidden' },
    })
    const added = await duban([...add, '--if-match', await seen()], as('reception'))
    t.match(added, { code: 0, json: { case: id, revision: Number, next: Array } }, added.stderr)
    const history = await duban(['history', id, ...where(), '--json'], as('centre-director'))
    const { data } = history.json.events.findLast(({ type }: { type: string }) => type === 'EvidenceAdded')
    t.match(data, { name: '收据.pdf', submittedBy: 'complainant', mediaType: 'application/pdf' })
    const get = ['evidence', 'get', id, data.sha256, out, ...where(), '--json']
    t.match(await duban(get, as('office-account')), { code: 1, json: { code: 'forbidden' } })
    const got = await duban(get, as('centre-director'))
    t.match(got, { code: 0, json: { file: out, bytes: 15 } }, got.stderr)
    t.equal(readFileSync(out, 'utf8'), '%PDF-1.7 收据')
    if (place > 0) continue
    const running = await serve(directory)
    Object.assign(served, { url: running.url, stop: () => running.stop('SIGKILL') })
  }
  t.match(await duban(['evidence', 'add', id, join(place, 'nowhere'), '--url', served.url, '--json']), {
    code: 2,
    json: { code: 'input-unreadable' },
  })
  t.match(await duban(['evidence', 'add', id, receipt, '--category', 'weather', '--url', served.url, '--json']), {
    code: 2,
    json: { code: 'wrong-usage' },
  })
})
