import fc from 'fast-check'
import t from 'tap'
import {
  type DateOrder,
  effectiveTime,
  endOfDay,
  isTimeZone,
  readTime,
  serialTime,
  zoneOffsets,
} from '../../src/ledger/dates.ts'

const inZone = (text: string, zone = 'Asia/Shanghai', order: DateOrder = 'ymd') => {
  const read = readTime(text, order)
  return typeof read === 'string' ? read : effectiveTime(read, zoneOffsets(zone))
}

t.test('the shapes that occur in ledgers', async (t) => {
  const shapes: Record<string, string> = {
    '2020/1/2 3:04:05': '2020-01-02T03:04:05+08:00',
    '2020/1/12 13:04:05': '2020-01-12T13:04:05+08:00',
    '2020/11/2 13:04:05': '2020-11-02T13:04:05+08:00',
    '2020/11/12 3:04:05': '2020-11-12T03:04:05+08:00',
    '2020-01-02 03:04': '2020-01-02T03:04:00+08:00',
    '2020.1.2': '2020-01-02',
    '2020年1月2日': '2020-01-02',
    '2020年1月2日 9时30分': '2020-01-02T09:30:00+08:00',
    '2020年1月2日9时30分15秒': '2020-01-02T09:30:15+08:00',
    '2020年1月2日（星期四） 下午3:05': '2020-01-02T15:05:00+08:00',
    '2020年1月2日上午12点': '2020-01-02T00:00:00+08:00',
    '20200102': '2020-01-02',
    '20200102 10:00': '2020-01-02T10:00:00+08:00',
    '2020-01-02T03:04:05Z': '2020-01-02T03:04:05+00:00',
    '2020-01-02T03:04:05.250-05:00': '2020-01-02T03:04:05.250-05:00',
    '２０２０－０１－０２　０３：０４': '2020-01-02T03:04:00+08:00',
    '\u00a02020/1/2\u200b': '2020-01-02',
    '43831': '2020-01-01',
    '43831.75': '2020-01-01T18:00:00+08:00',
  }
  for (const [text, time] of Object.entries(shapes)) t.equal(inZone(text), time, JSON.stringify(text))
  t.equal(inZone('1/31/2020 6:05 PM', 'Asia/Shanghai', 'mdy'), '2020-01-31T18:05:00+08:00')
  t.equal(inZone('31.1.2020', 'Asia/Shanghai', 'dmy'), '2020-01-31')
})

t.test('impossible and unreadable dates are told apart', async (t) => {
  const faults: Record<string, string> = {
    '2019/2/29': 'date-impossible',
    '2020/13/1': 'date-impossible',
    '2020/1/1 24:00:00': 'date-impossible',
    '2020/1/1 12:60': 'date-impossible',
    '2020/1/1 13:00 PM': 'date-impossible',
    '1/31/2020': 'date-unreadable',
    '20/1/2': 'date-unreadable',
    昨天: 'date-unreadable',
    '2020/1/1 早上': 'date-unreadable',
    '2020/1/112:00': 'date-unreadable',
    '2020/1/1 12': 'date-unreadable',
    '1899/12/31': 'date-out-of-range',
    '00012': 'date-out-of-range',
  }
  for (const [text, fault] of Object.entries(faults)) t.equal(inZone(text), fault, text)
  t.equal(inZone('31/1/2020', 'Asia/Shanghai', 'mdy'), 'date-impossible')
})

t.test(
  'local times of a zone: summer and winter, the hour that comes twice, the hour that does not come',
  async (t) => {
    const eastern = (text: string) => inZone(text, 'America/New_York')
    t.equal(eastern('2013-01-01 06:32:33'), '2013-01-01T06:32:33-05:00')
    t.equal(eastern('2013-07-01 06:32:33'), '2013-07-01T06:32:33-04:00')
    t.equal(eastern('2013-11-03 01:30:00'), '2013-11-03T01:30:00-04:00', 'the first of the two')
    t.equal(eastern('2013-11-03 00:59:59'), '2013-11-03T00:59:59-04:00')
    t.equal(eastern('2013-11-03 02:00:00'), '2013-11-03T02:00:00-05:00')
    t.equal(eastern('2013-03-10 02:30:00'), '2013-03-10T03:30:00-04:00', 'read as that much later')
    t.equal(eastern('2013-03-10 01:59:59'), '2013-03-10T01:59:59-05:00')
    t.equal(eastern('2013-03-10 03:00:00'), '2013-03-10T03:00:00-04:00')
    t.equal(inZone('2013-10-06 02:15:00', 'Australia/Lord_Howe'), '2013-10-06T02:45:00+11:00')
    t.equal(inZone('1988-07-01 12:00:00'), '1988-07-01T12:00:00+08:00', 'Shanghai is +08:00 at all times here')
  },
)

t.test('the end of a day is the next one’s first moment', async (t) => {
  const zone = zoneOffsets('America/New_York')
  t.equal(endOfDay({ year: 2019, month: 12, day: 31 }, zone), '2020-01-01T00:00:00-05:00')
  t.equal(endOfDay({ year: 2013, month: 3, day: 10 }, zone), '2013-03-11T00:00:00-04:00')
})

t.test('zones that do not exist are known as such', async (t) => {
  t.same(['Asia/Shanghai', 'America/New_York', 'Mars/Base', '+08:00', ''].map(isTimeZone), [
    true,
    true,
    false,
    false,
    false,
  ])
})

t.test('serials before March 1900 are refused, others agree with arithmetic', async (t) => {
  t.equal(serialTime(60), undefined)
  t.same(serialTime(61), { year: 1900, month: 3, day: 1 })
  t.same(serialTime(43831.999999), { year: 2020, month: 1, day: 2 })
})

t.test('property: a local time that exists once comes back through its instant', async () => {
  const zones = [
    'America/New_York',
    'Europe/Berlin',
    'Asia/Kathmandu',
    'Pacific/Apia',
    'Australia/Lord_Howe',
    'Asia/Shanghai',
  ]
  fc.assert(
    fc.property(fc.constantFrom(...zones), fc.integer({ min: 0, max: 4_102_444_799 }), (zone, seconds) => {
      const offsetAt = zoneOffsets(zone)
      const offset = offsetAt(seconds * 1000)
      const local = new Date(seconds * 1000 + offset * 60_000).toISOString().slice(0, 19).replace('T', ' ')
      const read = readTime(local)
      if (typeof read === 'string') return false
      const back = Date.parse(effectiveTime(read, offsetAt))
      // The hour that comes twice reads as the first of the two.
      return back === seconds * 1000 || offsetAt(back) > offset
    }),
    { numRuns: 2000 },
  )
})
