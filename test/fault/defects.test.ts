/** The test of the test: a program broken in a known way must be found broken, by the sentence that names how. */
import t, { type Test } from 'tap'
import { runImport } from '../../src/commands/import.ts'
import { parseMapping } from '../../src/ledger/mapping.ts'
import type { Rule } from './failpoints.ts'
import {
  type Broken,
  checkRegistered,
  checkWhole,
  copyOf,
  demand,
  makeTemplate,
  patient,
  reopen,
  run,
  type Template,
  temporary,
  Violation,
} from './harness.ts'
import { mapping, ROWS, writeLedger } from './ledger.ts'

patient(t)
t.beforeEach(patient)

const found: string[] = []
let template: Template
t.before(async () => {
  template = await makeTemplate(t, 3)
})

/** The same case twice: sound it passes, with the defect it is found. */
async function expectFound(
  t: Test,
  name: string,
  sentence: RegExp,
  one: (directory: string, defect: string | undefined) => Promise<string>,
): Promise<void> {
  for (const defect of [undefined, name]) {
    const copy = copyOf(template.directory)
    try {
      const outcome = await one(copy.path, defect).catch((error: unknown) => {
        if (!(error instanceof Violation)) throw error
        return `FOUND: ${error.message}`
      })
      if (defect === undefined) t.notMatch(outcome, /FOUND/, `sound: ${outcome}`)
      else {
        t.match(outcome, sentence, `${name}: ${outcome}`)
        if (/FOUND/.test(outcome)) found.push(name)
      }
    } finally {
      copy.remove()
    }
  }
}

const parameters = () => ({ token: template.token, bodies: template.bodies })
const killed = (point: string, nth: number, phase: Rule['phase'] = 'before'): Rule => ({
  point,
  nth,
  phase,
  action: 'kill',
})
const happened = ({ fired }: Broken) => demand(fired.length > 0, 'the fault never happened')

t.test('acknowledging before the commit is found', (t) =>
  expectFound(t, 'acknowledge-before-commit', /FOUND: .*acknowledged and is not there/, async (directory, defect) => {
    const rules = [killed('sqlite events.db COMMIT', 3)]
    const broken = await run('append', directory, parameters(), { rules, ...(defect ? { defect } : {}) })
    return checkRegistered(directory, template, broken.answers)
  }),
)

t.test('losing the second event of an append is found', async (t) => {
  const file = writeLedger(temporary(t))
  await expectFound(t, 'lose-the-second-event', /FOUND: \d+ events were counted/, async (directory, defect) => {
    const before = await sizeOf(directory)
    const broken = await run('import', directory, { file, mapping }, defect ? { defect } : {})
    const report = broken.answers[0] as unknown as { events: number } | undefined
    const service = await reopen(directory)
    try {
      await checkWhole(service)
      const cases = service.log.read(0, 1e9).filter(({ type }) => type === 'CaseImported')
      const stored = cases.reduce((sum, { stream }) => sum + service.log.stream(stream).length, 0)
      demand(
        cases.length === ROWS && stored === 2 * ROWS,
        `${2 * ROWS} events were counted, ${stored} of ${service.log.size() - before} are there`,
      )
      demand((report?.events ?? 0) >= stored, 'the report counts less')
      const ports = { ...service, wake: () => service.projections.wake() }
      const again = await runImport(ports, { file, mapping: parseMapping(mapping), dryRun: false, strict: false })
      demand(again.repeated === ROWS, 'not all rows are known again')
      return 'all rows whole'
    } finally {
      await service.close()
    }
  })
})

const sizeOf = async (directory: string): Promise<number> => {
  const service = await reopen(directory)
  try {
    return service.log.size()
  } finally {
    await service.close()
  }
}

t.test('a checkpoint that is kept before its rows is found', (t) =>
  expectFound(t, 'checkpoint-before-rows', /FOUND: verification fails: read model/, async (directory, defect) => {
    const rules = [killed('sqlite readmodels.db COMMIT', 6)]
    const broken = await run('append', directory, parameters(), defect ? { defect } : { rules })
    demand(broken.ended === 'SIGKILL', 'it was not killed')
    return checkRegistered(directory, template, broken.answers)
  }),
)

t.test('keys that are not durable before the event that uses them are found', (t) =>
  expectFound(t, 'keys-not-durable', /FOUND: .*does not open/, async (directory, defect) => {
    const rules = [killed('sqlite events.db COMMIT', 5, 'after')]
    const broken = await run('append', directory, parameters(), { rules, ...(defect ? { defect } : {}) })
    return checkRegistered(directory, template, broken.answers)
  }),
)

t.test('ignoring a failed sync is found', (t) =>
  expectFound(t, 'ignore-a-failed-sync', /FOUND: .*acknowledged although/, async (directory, defect) => {
    const rules: Rule[] = [{ point: 'fs <id> fsync', nth: 1, phase: 'before', action: 'fail', kind: 'io' }]
    const broken = await run(
      'append',
      directory,
      { ...parameters(), evidence: true },
      { rules, ...(defect ? { defect } : {}) },
    )
    happened(broken)
    const first = broken.answers.find(({ key }) => key === 'k0-e')
    demand(first!.status! >= 500, 'a file was acknowledged although the device said that it is not kept')
    return checkRegistered(directory, template, broken.answers)
  }),
)

t.test('repeating without the key is found', (t) =>
  expectFound(t, 'retry-without-key', /FOUND: .*(is another case|cases of \d+ requests)/, async (directory, defect) => {
    const rules = [killed('sqlite events.db COMMIT', 3, 'after')]
    const broken = await run('append', directory, parameters(), { rules })
    happened(broken)
    return checkRegistered(directory, template, broken.answers, { withoutKeys: defect !== undefined })
  }),
)

t.test('every seeded defect was found', (t) => {
  t.equal(found.length, 6, found.join(', '))
  t.end()
})
