import { existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { shippedCalendars, shippedNotices } from '../../../src/domain/calendar/shipped.ts'
import { civilDate, dayNumber } from '../../../src/domain/time.ts'

const folder = new URL('../../../../shared/data/cn-holidays/', import.meta.url)
const absent = existsSync(folder) ? false : 'shared/data/cn-holidays is not here: the days cannot be cross-checked'
if (absent) console.error(absent)

interface Year {
  readonly days: readonly { readonly date: string; readonly isOffDay: boolean }[]
}
const read = (file: string) => (JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Year).days
const range = (from: string, to: string) =>
  Array.from({ length: dayNumber(to) - dayNumber(from) + 1 }, (_, i) => dayNumber(from) + i)

/** Days on which the calendar of a date and the files differ. */
function differences(bound: string | undefined, files: readonly string[], from: string, to: string) {
  const named = new Map(files.flatMap(read).map((day) => [day.date, !day.isOffDay]))
  const view = shippedCalendars.at(bound)
  return range(from, to)
    .filter((day) => {
      const weekday = new Date(`${civilDate(day)}T00:00:00Z`).getUTCDay()
      return view.isWorkday(day) !== (named.get(civilDate(day)) ?? (weekday !== 0 && weekday !== 6))
    })
    .map(civilDate)
}
const years = Array.from({ length: 20 }, (_, i) => `${2007 + i}.json`)

t.test('every day from 2007 to 2026 is what the second source says', { skip: absent }, async (t) => {
  t.equal(range('2007-01-01', '2026-12-31').length, 7305)
  t.same(differences(undefined, years, '2007-01-01', '2026-12-31'), [])
  t.same(differences('2026-11-22', years, '2006-12-25', '2006-12-31'), [], 'make-up days before the first year')
})

t.test('both amendments: the days before and after', { skip: absent }, async (t) => {
  const year = (n: number) => [`${n}-01-01`, `${n}-12-31`] as const
  const before2019 = ['2019.before-amendment-ef17540.json']
  const before2020 = ['2020.before-amendment-be07ee7.json']
  t.same(differences('2019-03-21', before2019, ...year(2019)), [])
  t.same(differences('2019-03-22', ['2019.json'], ...year(2019)), [])
  t.same(differences('2020-01-26', before2020, ...year(2020)), [])
  t.same(differences('2020-01-27', ['2020.json'], ...year(2020)), [])
  t.same(differences('2019-03-22', before2019, ...year(2019)), ['2019-04-28', '2019-05-02', '2019-05-03', '2019-05-05'])
  t.same(differences('2020-01-27', before2020, ...year(2020)), ['2020-01-31', '2020-02-01'])
})

t.test('the numbers of working days that are known', async (t) => {
  const view = shippedCalendars.at()
  const workdays = (n: number) => view.workdaysBetween(dayNumber(`${n - 1}-12-31`), dayNumber(`${n}-12-31`))
  t.same([2024, 2025, 2026].map(workdays), [251, 248, 248])
})

t.test(
  'notices are whole, in order, each day once, make-up days on weekends, published before they matter',
  async (t) => {
    t.equal(new Set(shippedNotices.map((notice) => notice.id)).size, shippedNotices.length)
    t.equal(new Set(shippedNotices.map((notice) => notice.number)).size, shippedNotices.length)
    t.same(
      [...new Set(shippedNotices.map((notice) => notice.year))],
      Array.from({ length: 20 }, (_, i) => 2007 + i),
    )
    for (const notice of shippedNotices) {
      const days = [...notice.offDays, ...notice.workDays].map((day) => day.date)
      t.equal(new Set(days).size, days.length, notice.id)
      for (const { date } of notice.workDays) t.match(new Date(`${date}T00:00:00Z`).getUTCDay(), /^[06]$/, date)
      const amends = shippedNotices.some(
        (other) => other.year === notice.year && other.publishedOn < notice.publishedOn,
      )
      if (!amends) t.ok(notice.publishedOn < days.sort()[0]!, notice.id)
    }
  },
)

t.test('what a day is, in words', async (t) => {
  const view = shippedCalendars.at()
  const reason = (date: string) => [view.kind(dayNumber(date)), view.reason(dayNumber(date))]
  t.same(reason('2026-09-30'), ['workday', '工作日'])
  t.same(reason('2026-10-10'), ['make-up', '补班（国庆节）'])
  t.same(reason('2026-10-11'), ['weekend', '周末'])
  t.same(reason('2026-10-01'), ['holiday', '国庆节'])
  t.same(reason('2007-12-31'), ['holiday', '元旦'])
  t.same(reason('2027-10-01'), ['workday', '工作日'])
  t.notOk(view.covered(2027))
  t.ok(view.covered(2026))
})
