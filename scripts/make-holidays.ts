/**
 * Makes src/domain/calendar/holidays-cn.json: every State Council notice on holidays since 2007 as it was published. The days
 * come from the npm package chinese-days (MIT); the table below adds what the package does not know: which notice said
 * so, when, and what stood before it was amended. Run after upgrading the package:
 *
 *   node scripts/make-holidays.ts
 *
 * Publication dates: the day of publication on gov.cn as its address shows it. Where the address shows only the month (since
 * 2023), or the day on which the site archived an older paper (the notices for 2007, 2008 and 2014), the date the notice itself bears.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import type { HolidayNotice, NamedDay } from '../src/domain/calendar/view.ts'

interface Paper {
  readonly year: number
  readonly number: string
  readonly publishedOn: string
  readonly source: string
  /** What a later notice changed, undone: days of this holiday are these instead. */
  readonly before?: { readonly holiday: string; readonly off: readonly string[]; readonly work: readonly string[] }
}

const site = (path: string) => `https://www.gov.cn/zhengce/zhengceku/${path}.htm`

const papers: readonly Paper[] = [
  { year: 2007, number: '国办发明电〔2006〕49号', publishedOn: '2006-12-14', source: site('2008-03/28/content_1761') },
  { year: 2008, number: '国办发明电〔2007〕52号', publishedOn: '2007-12-15', source: site('2008-03/28/content_1645') },
  { year: 2009, number: '国办发明电〔2008〕42号', publishedOn: '2008-12-10', source: site('2008-12/10/content_1572') },
  { year: 2010, number: '国办发明电〔2009〕27号', publishedOn: '2009-12-08', source: site('2009-12/08/content_1476') },
  { year: 2011, number: '国办发明电〔2010〕40号', publishedOn: '2010-12-10', source: site('2010-12/10/content_1423') },
  { year: 2012, number: '国办发明电〔2011〕45号', publishedOn: '2011-12-06', source: site('2011-12/06/content_1411') },
  { year: 2013, number: '国办发明电〔2012〕33号', publishedOn: '2012-12-10', source: site('2012-12/10/content_1353') },
  { year: 2014, number: '国办发明电〔2013〕28号', publishedOn: '2013-12-11', source: site('2014-01/02/content_1194') },
  {
    year: 2015,
    number: '国办发明电〔2014〕28号',
    publishedOn: '2014-12-16',
    source: site('2014-12/16/content_9302'),
    before: { holiday: '中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日', off: [], work: [] },
  },
  { year: 2015, number: '国发明电〔2015〕1号', publishedOn: '2015-05-13', source: site('2015-05/13/content_9742') },
  { year: 2016, number: '国办发明电〔2015〕18号', publishedOn: '2015-12-10', source: site('2015-12/10/content_10394') },
  {
    year: 2017,
    number: '国办发明电〔2016〕17号',
    publishedOn: '2016-12-01',
    source: site('2016-12/01/content_5141603'),
  },
  {
    year: 2018,
    number: '国办发明电〔2017〕12号',
    publishedOn: '2017-11-30',
    source: site('2017-11/30/content_5243579'),
  },
  {
    year: 2019,
    number: '国办发明电〔2018〕15号',
    publishedOn: '2018-12-06',
    source: site('2018-12/06/content_5346276'),
    before: { holiday: '劳动节', off: ['2019-05-01'], work: [] },
  },
  {
    year: 2019,
    number: '国办发明电〔2019〕3号',
    publishedOn: '2019-03-22',
    source: site('2019-03/22/content_5375877'),
  },
  {
    year: 2020,
    number: '国办发明电〔2019〕16号',
    publishedOn: '2019-11-21',
    source: site('2019-11/21/content_5454164'),
    before: {
      holiday: '春节',
      off: [24, 25, 26, 27, 28, 29, 30].map((day) => `2020-01-${day}`),
      work: ['2020-01-19', '2020-02-01'],
    },
  },
  {
    year: 2020,
    number: '国办发明电〔2020〕1号',
    publishedOn: '2020-01-27',
    source: site('2020-01/27/content_5472352'),
  },
  {
    year: 2021,
    number: '国办发明电〔2020〕27号',
    publishedOn: '2020-11-25',
    source: site('2020-11/25/content_5564127'),
  },
  {
    year: 2022,
    number: '国办发明电〔2021〕11号',
    publishedOn: '2021-10-25',
    source: site('2021-10/25/content_5644835'),
  },
  {
    year: 2023,
    number: '国办发明电〔2022〕16号',
    publishedOn: '2022-12-08',
    source: site('2022-12/08/content_5730844'),
  },
  { year: 2024, number: '国办发明电〔2023〕7号', publishedOn: '2023-10-25', source: site('202310/content_6911528') },
  { year: 2025, number: '国办发明电〔2024〕12号', publishedOn: '2024-11-12', source: site('202411/content_6986383') },
  { year: 2026, number: '国办发明电〔2025〕7号', publishedOn: '2025-11-04', source: site('202511/content_7047091') },
]

/** Names as the notices write them; the package shortens some. */
const names: Readonly<Record<string, string>> = { 清明: '清明节', 端午: '端午节', 中秋: '中秋节' }

type Days = Readonly<Record<string, string>>
const data = JSON.parse(
  readFileSync(new URL('../node_modules/chinese-days/dist/chinese-days.json', import.meta.url), 'utf8'),
) as { holidays: Days; workdays: Days }

/** The year whose notice names a day: days around New Year belong to the year that begins. */
const noticeYear = (date: string, name: string): number =>
  Number(date.slice(0, 4)) + (name === '元旦' && date.slice(5, 7) === '12' ? 1 : 0)

/** The package's days by the year of the notice. A row reads `English,中文,number of statutory days`. */
function byYear(days: Days): Map<number, NamedDay[]> {
  const years = new Map<number, NamedDay[]>()
  for (const [date, row] of Object.entries(days)) {
    const short = row.split(',')[1]!
    const name = names[short] ?? short
    const year = noticeYear(date, name)
    years.set(year, [...(years.get(year) ?? []), { date, name }])
  }
  for (const list of years.values()) list.sort((a, b) => (a.date < b.date ? -1 : 1))
  return years
}

const off = byYear(data.holidays)
const work = byYear(data.workdays)

const notices = papers.map((paper): HolidayNotice => {
  const arranged = (all: readonly NamedDay[], before: readonly string[] | undefined) => {
    if (!paper.before) return all
    const { holiday } = paper.before
    const others = all.filter((day) => day.name !== holiday)
    return [...others, ...before!.map((date) => ({ date, name: holiday }))].sort((a, b) => (a.date < b.date ? -1 : 1))
  }
  return {
    id: `cn-${paper.year}@${paper.publishedOn}`,
    year: paper.year,
    number: paper.number,
    publishedOn: paper.publishedOn,
    offDays: arranged(off.get(paper.year) ?? [], paper.before?.off),
    workDays: arranged(work.get(paper.year) ?? [], paper.before?.work),
    source: paper.source,
  }
})

// One line a day keeps the differences between two versions of the file readable.
const line = (days: readonly NamedDay[]) =>
  days.map((day) => `\n      { "date": "${day.date}", "name": "${day.name}" }`).join(',') +
  (days.length > 0 ? '\n    ' : '')
const text = notices
  .map(
    (n) => `  {
    "id": "${n.id}",
    "year": ${n.year},
    "number": "${n.number}",
    "publishedOn": "${n.publishedOn}",
    "source": "${n.source}",
    "offDays": [${line(n.offDays)}],
    "workDays": [${line(n.workDays)}]
  }`,
  )
  .join(',\n')
writeFileSync(new URL('../src/domain/calendar/holidays-cn.json', import.meta.url), `[\n${text}\n]\n`)
console.error(`${notices.length} notices`)
