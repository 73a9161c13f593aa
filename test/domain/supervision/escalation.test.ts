/** What follows lateness and weight: cards and objections, circulars, recorded misses, and who may know of an item (S1-5.2e, S1-5.3e). */
import t from 'tap'
import { levelReached } from '../../../src/domain/supervision/index.ts'
import * as stage from './stages.ts'

const { clockOf: clock, lead, of, second } = stage

t.test(
  'a major item is closed after its written circular; a circular on any other needs a reason (S1-5.3e)',
  async (t) => {
    const major = stage.answered({ importance: 'major' })
    t.match(clock(major, 'supervision.circular'), { limit: '5wd', organisation: 'bureau' })
    major.when('close').then({ code: 'circular-missing', rule: 'S1-5.3e' })
    const told = major.did('issueCircular', { document: '督〔2026〕1号', text: '通报' })
    t.ok(clock(told, 'supervision.circular')?.stoppedAt)
    told.did('close')
    stage
      .answered()
      .when('issueCircular', { document: '督〔2026〕1号', text: '通报' })
      .then({ code: 'circular-without-reason', rule: 'S1-5.3e' })
    stage.answered().did('issueCircular', { document: '督〔2026〕1号', text: '通报', reason: '典型问题' })
  },
)

t.test('a circular criticises only units that had a task', async () => {
  const circular = { document: '督〔2026〕1号', text: '通报', reason: '典型问题' }
  stage
    .answered()
    .when('issueCircular', { ...circular, criticised: ['unit-1', 'unit-9'] })
    .then({ code: 'supervision-unit-not-charged', pointer: '/criticised/1' })
  stage
    .answered()
    .when('issueCircular', { ...circular, criticised: ['unit-1'] })
    .then([{ type: 'WrittenCircularIssued', data: { criticised: ['unit-1'] } }])
})

t.test('cards go up level by level and name who answers for it (S1-5.3e)', async (t) => {
  const card = { task: lead, responsible: 'head-1', reason: '逾期未办' }
  stage
    .signed()
    .when('issueCard', { ...card, level: 'yellow-card' })
    .then({ code: 'card-out-of-order', detail: { next: 'notice' } })
  t.throws(() => stage.signed().when('issueCard', { task: lead, level: 'notice', reason: '逾期' }), 'nobody named')
  const all = stage
    .signed()
    .did('issueCard', { ...card, level: 'notice' })
    .did('issueCard', { ...card, level: 'yellow-card' })
    .did('issueCard', { ...card, level: 'red-card' })
    .did('issueCard', { ...card, level: 'circular' })
  t.equal(levelReached(all.state, 'unit-1'), 'circular')
  t.equal(levelReached(all.state, 'unit-2'), undefined)
  all.when('issueCard', { ...card, level: 'circular' }).then('card-out-of-order')
  all.when('issueCard', { ...card, task: second, level: 'red-card' }).then('card-out-of-order')
  stage
    .opened()
    .when('issueCard', { ...card, level: 'notice' })
    .then('supervision-without-tasks')
  stage
    .assigned()
    .did('cancelTask', { task: lead, reason: '调整' })
    .when('issueCard', { ...card, level: 'notice' })
    .then('supervision-task-ended')
})

t.test('a card is objected to once, and somebody else decides on it', async (t) => {
  const issued = stage
    .signed()
    .did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '逾期' }, { by: 'officer' })
  const card = 'id-4.card'
  issued.when('objectToCard', { card: 'unheard-of', reason: '不服' }).then('card-unknown')
  issued.when('objectToCard', { card, reason: '不服' }, { by: of('unit-2') }).then('acts-for-another-unit')
  issued.when('decideObjection', { card, upheld: true, reason: '属实' }).then('card-objection-missing')
  const objected = issued.did(
    'objectToCard',
    { card, reason: '已按时办理' },
    {
      by: of('unit-1', 'head-1'),
      limits: { 'supervision.objection': '5wd' },
    },
  )
  objected.when('objectToCard', { card, reason: '再次' }).then('card-objection-repeated')
  for (const by of ['officer', 'head-1'])
    objected
      .when('decideObjection', { card, upheld: true, reason: '属实' }, { by })
      .then('card-objection-judge-involved')
  const upheld = objected.did('decideObjection', { card, upheld: true, reason: '属实' }, { by: 'leader' })
  t.equal(levelReached(upheld.state, 'unit-1'), undefined, 'the card is gone')
  t.ok(clock(upheld, `supervision.objection:${card}`)?.stoppedAt)
  upheld
    .when('decideObjection', { card, upheld: false, reason: '再议' }, { by: 'leader' })
    .then('card-objection-missing')
  upheld.did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '仍逾期' })

  const two = objected.did('issueCard', { task: second, level: 'notice', responsible: 'head-2', reason: '逾期' })
  two.when('objectToCard', { card, reason: '再次' }).then({ code: 'card-objection-repeated', rule: 'S1-5.3e' })
  stage
    .answered()
    .did('issueCard', { task: lead, level: 'notice', responsible: 'head-1', reason: '逾期' })
    .did('objectToCard', { card: 'id-9.card', reason: '不服' })
    .when('close')
    .then('card-objection-open')
})

t.test('only those on the list know of a confidential item (S1-5.2e)', async (t) => {
  const listed = stage.opened().did('restrictReaders', { readers: ['officer', 'leader'] })
  t.strictSame(listed.state.readers, ['officer', 'leader'])
  t.equal(listed.did('restrictReaders', { readers: [] }).state.readers, undefined)
})

t.test('a missed deadline is recorded once, dated at the legal moment', async (t) => {
  const item = stage.assigned()
  const miss = {
    clock: `supervision.sign-for:${lead}`,
    kind: 'supervision.sign-for',
    due: '2026-01-05',
    organisation: 'unit-1',
    calendarBound: '2026-01-06',
    calendars: ['cn-2026@2025-11-04'],
  }
  item.when('recordMiss', miss, { by: { reactor: 'sweeper' } }).then('deadline-not-missed-yet')
  // A day later by the recording clock.
  let later = item
  for (let hour = 0; hour < 16; hour++)
    later = later.did('chase', { method: 'phone', whom: 'p', result: '催办' }, { by: 'officer' })
  const recorded = later
    .when('recordMiss', miss, { by: { reactor: 'sweeper' } })
    .then([{ type: 'DeadlineMissed', effectiveAt: '2026-01-05T16:00:00.000Z', data: miss }])
  recorded.when('recordMiss', miss).then([])
  recorded.when('recordMiss', { ...miss, due: '2026-01-04' }).then([])
  t.strictSame(recorded.state.misses, [{ clock: miss.clock, due: miss.due }])
  t.equal(clock(recorded, miss.clock)?.stoppedAt, undefined, 'a miss changes no clock')
  later.when('recordMiss', { ...miss, clock: 'unheard-of' }).then('deadline-clock-unknown')
  // Signed for on the day itself: nothing was missed.
  stage.signed().when('recordMiss', miss).then([])
})
