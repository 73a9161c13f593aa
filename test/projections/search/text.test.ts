import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import t from 'tap'
import {
  canonical,
  matchOf,
  occurrences,
  parseQuery,
  snippetOf,
  tokensOf,
} from '../../../src/projections/search/text.ts'

t.test('texts fold to runs: width and case, white space between characters, punctuation apart', async (t) => {
  t.equal(canonical('张　三，电话：ＡＢＣ１３８ 0013'), '张三 电话 abc138 0013')
  t.equal(canonical('私自\n收费。A公司'), '私自收费 a 公司')
  t.equal(canonical('零\u200b宽\u00a0空格'), '零宽空格')
  t.equal(canonical('𠮷野家 🙂 《办法》'), '𠮷野家 办法')
  t.equal(canonical('，。！'), '')
})

t.test('a run is indexed by its pairs and its last character', async (t) => {
  t.equal(tokensOf('法律援助 abc 𠮷'), '法律 律援 援助 助 abc 𠮷 ')
})

t.test('queries: words, phrases, minus; whatever else is written is text', async (t) => {
  const phrases = (text: string) => {
    const query = parseQuery(text)
    return query && [query.all.map(({ phrase }) => phrase), query.none.map(({ phrase }) => phrase)]
  }
  t.same(phrases('收费 "不 开票" -退还'), [['收费', '不开票'], ['退还']])
  t.same(phrases('“公证 处”　2026-12'), [['公证处', '2026 12'], []])
  t.same(phrases('"未闭合 OR NEAR(a b) * ^:'), [['未闭合 or near a b'], []])
  t.same(phrases('- 单独的减号'), [['单独的减号'], []])
  for (const nothing of ['', '  ', '，。', '-只有排除', '"" ""', '字 '.repeat(17)])
    t.equal(phrases(nothing), undefined, nothing)
})

/** Any characters at all. */
const anything = fc
  .array(fc.integer({ min: 1, max: 0x10ffff }), { maxLength: 12 })
  .map((codes) => String.fromCodePoint(...codes.filter((code) => code < 0xd800 || code > 0xdfff)))

/** Few letters, so that matches are many; every class of what may stand in a text. */
const letters = fc.constantFrom(
  '甲',
  '乙',
  '丙',
  '丁',
  'a',
  'B',
  '1',
  '２',
  ' ',
  '　',
  '，',
  '-',
  '"',
  "'",
  '*',
  '(',
  '𠮷',
  '\u0301',
  '\u200d',
  '\n',
)
const someText = fc.string({ unit: letters, maxLength: 14 })

/** The same rule said without the index: phrase runs stand next to each other; the first may begin and the last end inside a run. */
function holds(text: string, phrase: string): boolean {
  const runs = canonical(text).split(' ')
  const wanted = canonical(phrase).split(' ')
  const isWord = (run: string) => /^[a-z0-9]/.test(run)
  return runs.some((_run, from) =>
    wanted.every((each, i) => {
      const run = runs[from + i]
      if (run === undefined || isWord(run) !== isWord(each)) return false
      const first = i === 0
      const last = i === wanted.length - 1
      if (isWord(each)) return last ? run.startsWith(each) : run === each
      if (first && last) return run.includes(each)
      return first ? run.endsWith(each) : last ? run.startsWith(each) : run === each
    }),
  )
}

t.test('the index finds exactly what stands in a text, and what it finds can be marked in it', async (t) => {
  const db = new DatabaseSync(':memory:')
  db.exec("CREATE VIRTUAL TABLE f USING fts5(body, content = '', tokenize = 'ascii')")
  const insert = db.prepare('INSERT INTO f (rowid, body) VALUES (1, ?)')
  const find = db.prepare('SELECT count(*) AS n FROM f WHERE f MATCH ?')
  let matched = 0
  fc.assert(
    fc.property(someText, someText, fc.nat(14), fc.nat(5), (text, other, from, length) => {
      // A part of the text every other time: it may cut runs, but never what the rule says of it.
      const phrase = from % 2 === 0 ? other : text.slice(from, from + 1 + length)
      const wanted = canonical(phrase)
      fc.pre(wanted !== '')
      db.exec("BEGIN; INSERT INTO f (f) VALUES ('delete-all')")
      insert.run(tokensOf(canonical(text)))
      const found = (find.get(matchOf(wanted)) as { n: number }).n === 1
      db.exec('ROLLBACK')
      const expected = holds(text, phrase)
      if (expected) matched++
      const snippet = snippetOf(text, [wanted])
      return (
        found === expected &&
        occurrences(canonical(text), wanted).length > 0 === expected &&
        (snippet !== undefined) === expected &&
        (snippet?.marks ?? []).every(([from, to]) => from >= 0 && to > from && to <= snippet!.text.length)
      )
    }),
    { numRuns: 2_000 },
  )
  t.ok(matched > 200, `${matched} matched`)
  db.close()
})

t.test('a hostile query is a query like any other', async (t) => {
  const db = new DatabaseSync(':memory:')
  db.exec("CREATE VIRTUAL TABLE f USING fts5(body, content = '', tokenize = 'ascii')")
  const find = db.prepare('SELECT count(*) AS n FROM f WHERE f MATCH ?')
  let asked = 0
  fc.assert(
    fc.property(fc.oneof(anything, fc.string(), someText), (text) => {
      const query = parseQuery(text)
      for (const { phrase } of [...(query?.all ?? []), ...(query?.none ?? [])]) {
        find.get(matchOf(phrase))
        asked++
      }
    }),
    { numRuns: 1_000 },
  )
  t.ok(asked > 100)
  db.close()
})

t.test('a snippet shows the text as it is written, around what matched', async (t) => {
  const long = `${'前'.repeat(300)}ＡＢＣ　收 费问题${'后'.repeat(300)}`
  const snippet = snippetOf(long, ['收费', 'abc'])!
  t.same(
    snippet.marks.map(([from, to]) => snippet.text.slice(from, to)),
    ['ＡＢＣ', '收 费'],
  )
  t.ok(snippet.text.length <= 90)
  t.equal(snippetOf('别的', ['收费']), undefined)
})
