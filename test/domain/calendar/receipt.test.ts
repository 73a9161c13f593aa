import t from 'tap'
import { computeDeadline, type DeadlineQuestion } from '../../../src/domain/calendar/compute.ts'
import { receipt } from '../../../src/domain/calendar/receipt.ts'
import { shippedCalendars } from '../../../src/domain/calendar/shipped.ts'

const view = shippedCalendars.at('2026-11-22')
const answer = (question: DeadlineQuestion) => {
  const computed = computeDeadline(question, shippedCalendars)
  if (!computed.ok) throw new Error(computed.refusal.code)
  return computed.value
}
const refusal = (question: DeadlineQuestion) => {
  const computed = computeDeadline(question, shippedCalendars)
  return computed.ok ? undefined : [computed.refusal.code, computed.refusal.pointer]
}
const short = (question: DeadlineQuestion) =>
  answer(question).receipt.map(({ date, counted, reason }) => `${date} ${counted ? '+' : '-'} ${reason}`)

t.test('the answer has the fields scripts rely on', async (t) => {
  const value = answer({ from: '2026-09-30', limit: '5wd' })
  t.same(Object.keys(value), ['due', 'provisional', 'limit', 'calendars', 'receipt'])
  t.match(value, { due: '2026-10-13', provisional: false, limit: '5wd', calendars: ['cn-2026@2025-11-04'] })
  t.equal(value.receipt.filter((line) => line.counted).length, 5)
})

t.test('working days: each skipped day says why', async (t) => {
  t.same(short({ from: '2026-09-30', limit: '3wd', pauses: ['2026-10-09/2026-10-10'] }), [
    '2026-09-30 - 起算日，不计入',
    ...[1, 2, 3, 4, 5, 6, 7].map((day) => `2026-10-0${day} - 国庆节`),
    '2026-10-08 + 工作日',
    '2026-10-09 - 中止期间，不计入',
    '2026-10-10 + 补班（国庆节）',
    '2026-10-11 - 周末',
    '2026-10-12 + 工作日',
  ])
})

t.test('calendar days: the last one rolls, and says over what', async (t) => {
  t.same(short({ from: '2026-04-30', limit: '2d' }), [
    '2026-04-30 - 起算日，不计入',
    '2026-05-01 + 自然日',
    '2026-05-02 + 末日为劳动节，顺延',
    '2026-05-03 - 劳动节',
    '2026-05-04 - 劳动节',
    '2026-05-05 - 劳动节',
    '2026-05-06 - 顺延至此日（工作日）',
  ])
  t.same(short({ from: '2026-05-04', limit: '-2d' }), [
    '2026-05-04 - 起算日，不计入',
    '2026-05-03 + 自然日',
    '2026-05-02 + 末日为劳动节，提前',
    '2026-05-01 - 劳动节',
    '2026-04-30 - 提前至此日（工作日）',
  ])
})

t.test('months and hours', async (t) => {
  t.same(short({ from: '2026-01-31', limit: '2mo', pauses: ['2026-02-10/2026-02-11'] }), [
    '2026-01-31 - 起算日，不计入',
    '2026-02-10 - 中止期间，不计入',
    '2026-03-01 + 第1个月届满的对应日',
    '2026-04-01 + 第2个月届满的对应日',
  ])
  t.same(
    short({
      from: '2026-01-31T09:00:00+08:00',
      limit: '24h',
      pauses: ['2026-01-31T12:00:00+08:00/2026-01-31T13:00:00+08:00'],
    }),
    [
      '2026-01-31T09:00:00+08:00 - 起算时刻',
      '2026-01-31T12:00:00+08:00 - 中止期间，不计入',
      '2026-02-01T10:00:00+08:00 + 满24小时',
    ],
  )
  t.equal(
    answer({ from: '2026-01-31', limit: '24h' }).due,
    '2026-02-01T00:00:00+08:00',
    'of a date, hours run from 00:00',
  )
})

t.test('what cannot be computed is refused, with the place', async (t) => {
  t.same(refusal({ from: '2026-02-30', limit: '5wd' }), ['date-invalid', '/from'])
  t.same(refusal({ from: '2026-09-30T09:00:00', limit: '5wd' }), ['date-invalid', '/from'], 'an instant without offset')
  t.same(refusal({ from: '2026-09-30', limit: '5 days' }), ['limit-invalid', '/limit'])
  t.same(refusal({ from: '2026-09-30', limit: '99999y' }), ['limit-invalid', '/limit'])
  t.same(refusal({ from: '2026-09-30', limit: '-99999y' }), ['limit-invalid', '/limit'])
  t.same(refusal({ from: '2026-09-30', limit: '5wd', calendarAsOf: 'today' }), ['date-invalid', '/calendarAsOf'])
  const paused = (...pauses: string[]) => refusal({ from: '2026-09-30', limit: '5wd', pauses })
  t.same(paused('2026-10-09'), ['pause-invalid', '/pauses/0'])
  t.same(paused('2026-10-09/2026-10-08'), ['pause-invalid', '/pauses/0'])
  t.same(paused('2026-10-09/2026-10-10', '2026-10-32/2026-11-01'), ['pause-invalid', '/pauses/1'])
  t.same(paused('2026-10-09/2026-10-12', '2026-10-08/2026-10-10'), ['pauses-overlap', '/pauses/0'])
  t.equal(paused('2026-10-09/2026-10-10', '2026-10-10/2026-10-12'), undefined, 'touching pauses do not overlap')
  t.same(refusal({ from: '2026-09-30', limit: '-5wd', pauses: ['2026-09-09/2026-09-10'] }), [
    'pause-invalid',
    '/pauses/0',
  ])
})

t.test('the full receipt names rule, policy and each notice with its number', async (t) => {
  const full = receipt(
    {
      startedAt: '2020-01-13',
      limit: '10wd',
      pauses: [],
      extensions: ['5wd', '5wd'],
      extensionCap: '7wd',
      rule: '行政复议法 48',
    },
    view,
    'limits@3',
  )
  t.match(full, {
    deadline: { due: '2020-02-12' },
    start: '2020-01-13',
    limit: '10wd',
    extensions: ['5wd', '5wd'],
    capped: true,
    rule: '行政复议法 48',
    policy: 'limits@3',
    calendarBound: '2025-11-04',
    calendars: [{ id: 'cn-2020@2020-01-27', notice: '国办发明电〔2020〕1号', publishedOn: '2020-01-27' }],
  })
  t.equal(full.lines.filter((line) => line.counted).length, 17)
})

t.test('an extension that reaches the cap exactly is not cut', async (t) => {
  const capped = (limit: string, extension: string, cap: string) =>
    receipt(
      {
        startedAt: '2026-03-02',
        limit,
        pauses: [],
        extensions: [extension],
        extensionCap: cap,
        rule: '信访工作条例 34',
      },
      view,
    ).capped
  t.same([capped('60d', '30d', '30d'), capped('60d', '31d', '30d')], [false, true])
  t.same([capped('24h', '12h', '12h'), capped('24h', '13h', '12h')], [false, true])
})

t.test('receipts of paused clocks, given due times and clocks without deadline', async (t) => {
  const base = { pauses: [], extensions: [], rule: 'S1-5.3d' }
  const paused = receipt(
    { ...base, startedAt: '2026-03-02', limit: '5wd', pauses: [{ from: '2026-03-05', reason: 'hearing' }] },
    view,
  )
  t.same(
    paused.lines.map((line) => `${line.date} ${line.counted}`),
    ['2026-03-02 false', '2026-03-03 true', '2026-03-04 true', '2026-03-05 false'],
  )
  const months = receipt(
    { ...base, startedAt: '2026-01-15', limit: '3mo', pauses: [{ from: '2026-02-20', reason: 'hearing' }] },
    view,
  )
  t.same(
    months.lines.map((line) => `${line.date} ${line.counted}`),
    ['2026-01-15 false', '2026-02-15 true', '2026-02-20 false'],
  )
  const given = receipt(
    {
      ...base,
      startedAt: '2026-03-02',
      dueAt: '2026-03-20',
      pauses: [{ from: '2026-03-10', to: '2026-03-12', reason: '' }],
    },
    view,
  )
  t.same(
    given.lines.map((line) => `${line.date} ${line.reason}`),
    [
      '2026-03-02 起算日，不计入',
      '2026-03-10 中止期间，不计入',
      '2026-03-11 中止期间，不计入',
      '2026-03-22 指定的期限',
    ],
  )
  const instant = receipt({ ...base, startedAt: '2026-03-02', dueAt: '2026-03-20T09:00:00Z' }, view)
  t.same(
    instant.lines.map((line) => `${line.date} ${line.reason}`),
    ['2026-03-02T00:00:00+08:00 起算时刻', '2026-03-20T17:00:00+08:00 指定的期限'],
  )
  t.same(receipt({ ...base, startedAt: '2026-03-02' }, view).lines, [])
})
