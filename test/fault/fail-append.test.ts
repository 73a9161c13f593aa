import t from 'tap'
import {
  type Broken,
  casesOf,
  checkRegistered,
  demand,
  FULL,
  makeTemplate,
  patient,
  pointsOf,
  run,
  sweep,
} from './harness.ts'

patient(t)
t.beforeEach(patient)

const part = FULL ? '' : ' (a part of them; all with FAULT_FULL=1)'

/** Whatever failed, it was said by a code of its own; reading went on; the process lived. */
function checkAnswers({ answers, ended, errors }: Broken, allowed: readonly (string | undefined)[]): string {
  demand(ended === 0, `the process ended with ${ended}: ${errors.slice(-500)}`)
  const refused = answers.filter(({ key, status }) => key !== undefined && status! >= 400)
  for (const { key, status, code } of refused)
    demand(allowed.includes(code), `${key} was refused with ${status} ${code}`)
  demand(
    answers.some(({ read }) => read === 200),
    'reading did not go on',
  )
  const codes = [...new Set(refused.map(({ code }) => code))].join(', ')
  return refused.length === 0 ? 'nothing was refused' : `${refused.length} refused (${codes}), reading went on`
}

t.test(`no space at every write of an append: refused whole, then it goes on${part}`, async (t) => {
  const template = await makeTemplate(t, 4)
  const parameters = { token: template.token, bodies: template.bodies, evidence: true }
  const points = await pointsOf('append', template.directory, parameters)
  const choice = {
    phases: ['before'] as const,
    most: 7,
    always: /(events|vault)\.db COMMIT|<id> write|readmodels.db COMMIT/,
  }
  await sweep(
    t,
    template.directory,
    casesOf(points, { action: 'fail', kind: 'full' }, choice),
    async (directory, rule) => {
      const broken = await run('append', directory, parameters, { rules: [rule] })
      return {
        broken,
        async check() {
          const said = checkAnswers(broken, ['disk-full', 'store-unavailable'])
          // One failed write and then space again: one request at most is refused, all others are taken.
          const refused = broken.answers.filter(({ status }) => status! >= 400).length
          demand(refused <= 1, `${refused} were refused for one failed write`)
          return `${said}; ${await checkRegistered(directory, template, broken.answers)}`
        },
      }
    },
  )
})

t.test(`a device that fails at every write of an append: nothing unsaved is acknowledged${part}`, async (t) => {
  const template = await makeTemplate(t, 4)
  const parameters = { token: template.token, bodies: template.bodies, evidence: true }
  const points = await pointsOf('append', template.directory, parameters)
  const choice = { phases: ['before'] as const, most: 5, always: /(events|vault)\.db COMMIT|<id> fsync/ }
  await sweep(
    t,
    template.directory,
    casesOf(points, { action: 'fail', kind: 'io' }, choice),
    async (directory, rule) => {
      const broken = await run('append', directory, parameters, { rules: [rule] })
      return {
        broken,
        async check() {
          const said = checkAnswers(broken, ['store-unavailable', 'vault-unavailable'])
          if (rule.point === 'sqlite events.db COMMIT') {
            const from = broken.answers.findIndex(({ code }) => code === 'store-unavailable')
            const later = broken.answers.slice(from).filter(({ key }) => key !== undefined)
            demand(from >= 0 && later.every(({ status }) => status! >= 500), 'after a failed commit it went on writing')
          }
          return `${said}; ${await checkRegistered(directory, template, broken.answers)}`
        },
      }
    },
  )
})

t.test('a slow disk: every write takes 20 ms longer, eight requests at a time; all are taken in order', async (t) => {
  const template = await makeTemplate(t, 8)
  const slow = ['sqlite events.db COMMIT', 'sqlite vault.db COMMIT', 'sqlite readmodels.db COMMIT', 'fs <id> fsync']
  const rules = slow.map((point) => ({ point, phase: 'before', action: 'delay', ms: 20 }) as const)
  const parameters = { token: template.token, bodies: template.bodies, together: 8 }
  await sweep(t, template.directory, [rules[0]!], async (directory) => {
    const broken = await run('append', directory, parameters, { rules })
    return {
      broken,
      async check() {
        demand(broken.answers.filter(({ status }) => status === 201).length === 8, 'not all were taken')
        return `${broken.fired.length} writes were slow; ${await checkRegistered(directory, template, broken.answers)}`
      },
    }
  })
})
