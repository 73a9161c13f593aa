/** The test of the rules' tests: every mutant of a derived rule is caught by them. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { rules } from '../../src/domain/rating/rules/registry.ts'
import { type Mutant, mutants } from './mutants.ts'

t.setTimeout(290_000)

const root = new URL('../../', import.meta.url)
const load = new URL('load.ts', import.meta.url).href
/** The tests of the rules; a mutant lives where all of them pass. */
const tests = ['rules/violations', 'rules/shares', 'rules/duties', 'dates'] as const
const pathOf = (name: string) => fileURLToPath(new URL(`test/domain/rating/${name}.test.ts`, root))

const shares = new Set(['satisfaction', 'assessments-passed', 'on-time-rate'])
const duties = new Set(
  'public-service-hours aid-cases training-hours monthly-study monthly-submissions staffing'.split(' '),
)
/** The test that a mutant's rule has, then the others: nearly all are caught by the first. */
function inOrder({ rule, file }: Mutant): string[] {
  const own = shares.has(rule)
    ? tests[1]
    : duties.has(rule)
      ? tests[2]
      : file.endsWith('dates.ts')
        ? tests[3]
        : tests[0]
  return [own, ...tests.filter((test) => test !== own)].map(pathOf)
}

/** Whether a test passes with a mutant in the place of what it changes; without one where the number is none. */
const passes = (test: string, mutant: number): Promise<boolean> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', load, test], {
      cwd: fileURLToPath(root),
      env: { PATH: process.env.PATH, MUTANT: String(mutant) },
      stdio: 'ignore',
    })
    child.once('exit', (code) => resolve(code === 0))
  })

t.test('the tests pass where nothing is changed', async (t) => {
  for (const test of tests) t.equal(await passes(pathOf(test), -1), true, test)
})

t.test('each spot stands exactly once, and every derived rule has mutants', (t) => {
  for (const { file, from, to } of mutants) {
    t.equal(readFileSync(new URL(file, root), 'utf8').split(from).length, 2, `${file}: ${from}`)
    t.not(from, to)
  }
  t.same(new Set(mutants.map(({ rule }) => rule)), new Set([...rules.keys(), 'shared']))
  t.end()
})

t.test('every mutant is caught', async (t) => {
  const queue = [...mutants.entries()]
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [number, mutant] = next
      const { rule, file, from, to } = mutant
      let caught = false
      for (const test of inOrder(mutant)) caught ||= !(await passes(test, number))
      t.ok(caught, `${rule}: ${file}: ${from.trim()} → ${to.trim()}`)
    }
  }
  await Promise.all([work(), work()])
})
