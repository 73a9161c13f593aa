/** Chasing and coordinating: methods, next dates, and whose a difficulty is (S1-5.3b, S1-5.3c). */
import t from 'tap'
import * as stage from './stages.ts'

const { clockOf: clock, lead, limits, of } = stage

t.test(
  'it is chased by phone, on site, in a meeting, at the door: with whom, result and next date (S1-5.3b)',
  async (t) => {
    for (const method of ['phone', 'on-site', 'meeting', 'door-visit'])
      stage.signed().did('chase', { task: lead, method, whom: 'p', result: '已催' })
    stage
      .signed()
      .when('chase', { task: lead, method: 'fax', whom: 'p', result: '已催' })
      .then({ code: 'chase-method-unknown', rule: 'S1-5.3b' })
    stage.signed().when('chase', { task: lead, method: 'phone', result: '已催' }).then('chase-without-whom')
    stage
      .signed()
      .when('chase', { task: lead, method: 'phone', whom: 'p', result: '已催', next: '2026-01-04' })
      .then('date-before-step')
    const chased = stage
      .signed()
      .did(
        'chase',
        { task: lead, method: 'phone', whomInWords: '经办人', result: '已催', next: '2026-01-09' },
        { by: 'officer' },
      )
    t.match(clock(chased, `supervision.next-chase:${lead}`), { dueAt: '2026-01-09', person: 'officer' })
    const again = chased.did('chase', { task: lead, method: 'phone', whom: 'p', result: '已办', next: '2026-01-12' })
    t.ok(clock(again, `supervision.next-chase:${lead}`)?.stoppedAt)
    t.match(clock(again, `supervision.next-chase:${lead}#2`), { dueAt: '2026-01-12', stoppedAt: undefined })
  },
)

t.test('methods are policy data: the practice in force when the item is opened says which', async () => {
  const practice = {
    policy: 'practice-bureau@1',
    practice: {
      methods: [{ key: 'video', name: '视频督办' }],
      levels: [{ level: 'notice', overdueWorkdays: 0 }],
      extensions: 0,
      extensionCap: '5d',
      samplePercent: 20,
      visitAttempts: 3,
    },
  }
  const item = stage
    .nothing()
    .did('open', { source: 'other', matter: '督办' }, { facts: { practice } })
    .did('assignTasks', { tasks: [{ unit: 'unit-1', role: 'lead' }] }, { limits })
  item.did('chase', { method: 'video', whom: 'p', result: '已催' })
  item.when('chase', { method: 'phone', whom: 'p', result: '已催' }).then('chase-method-unknown')
  item
    .when('issueCard', { task: 'id-1.tasks.0', level: 'yellow-card', responsible: 'p', reason: '逾期' })
    .then({ code: 'card-out-of-order', detail: { next: 'notice' } })
  item
    .did('sign', { task: 'id-1.tasks.0' })
    .when('requestExtension', { task: 'id-1.tasks.0', by: '3d', reason: '取证' })
    .then('extensions-used-up')
})

t.test('a normal difficulty goes to the office, an important one to the leader in charge (S1-5.3c)', async (t) => {
  const ask = { task: lead, difficulty: '涉及其他部门' }
  stage
    .signed()
    .when('requestCoordination', ask, { by: of('unit-1') })
    .then([{ type: 'CoordinationRequested', data: { route: 'supervision-office' } }])
  for (const importance of ['important', 'major']) {
    stage
      .signed({ importance })
      .when('requestCoordination', ask, { by: of('unit-1') })
      .then([{ type: 'CoordinationRequested', data: { route: 'leader-in-charge', leader: 'leader-1' } }])
    stage
      .signed({ importance })
      .when('requestCoordination', { ...ask, route: 'supervision-office' }, { by: of('unit-1') })
      .then({ code: 'coordination-misrouted', rule: 'S1-5.3c' })
    stage
      .signed({ importance })
      .when('requestCoordination', { ...ask, leader: 'leader-2' }, { by: of('unit-1') })
      .then({ code: 'coordination-misrouted', pointer: '/leader' })
    stage
      .signed({ importance }, { leader: undefined })
      .when('requestCoordination', ask, { by: of('unit-1') })
      .then('coordination-leader-missing')
  }
  stage
    .signed()
    .when('requestCoordination', { ...ask, route: 'leader-in-charge', leader: 'leader-1' }, { by: of('unit-1') })
    .then('coordination-misrouted')
  const open = stage.signed().did('requestCoordination', ask, { limits: { 'supervision.coordination': '3wd' } })
  open.when('requestCoordination', ask).then('coordination-already-requested')
  t.match(clock(open, `supervision.coordination:${lead}`), { organisation: 'bureau', limit: '3wd' })
  const done = open.did('recordCoordination', { task: lead, result: '已协调' })
  t.ok(clock(done, `supervision.coordination:${lead}`)?.stoppedAt)
  done.when('recordCoordination', { task: lead, result: '再次' }).then('coordination-not-requested')
})
