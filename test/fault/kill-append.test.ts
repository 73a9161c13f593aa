import t from 'tap'
import { casesOf, checkRegistered, FULL, makeTemplate, patient, pointsOf, run, sweep } from './harness.ts'

patient(t)
t.beforeEach(patient)

t.test(`kill -9 at every point of an append${FULL ? '' : ' (a part of them; all with FAULT_FULL=1)'}`, async (t) => {
  const template = await makeTemplate(t, 4)
  const parameters = { token: template.token, bodies: template.bodies, evidence: true }
  const points = await pointsOf('append', template.directory, parameters)
  for (const point of [
    'sqlite vault.db COMMIT',
    'sqlite events.db BEGIN',
    'sqlite events.db INSERT INTO events',
    'sqlite events.db COMMIT',
    'sqlite readmodels.db COMMIT',
    'fs <id> fsync',
    'fs <id> rename',
  ])
    t.ok(points[point], `${point} is passed ${points[point]} times`)
  const rules = casesOf(
    points,
    { action: 'kill' },
    { phases: ['before', 'after'], most: 10, always: /events\.db (COMMIT|INSERT INTO events)|vault\.db COMMIT/ },
  )
  await sweep(t, template.directory, rules, async (directory, rule) => {
    const broken = await run('append', directory, parameters, { rules: [rule] })
    return { broken, check: () => checkRegistered(directory, template, broken.answers) }
  })
})
