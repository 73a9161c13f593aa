/** What is forgotten leaves no byte: neither in the tables nor in the free pages, nor in the log beside the file. */
import { existsSync, readFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import t from 'tap'
import type { Principal } from '../../../src/domain/access.ts'
import { SCHEMA, TextTables } from '../../../src/projections/search/file.ts'
import { canonical, tokensOf } from '../../../src/projections/search/text.ts'
import { History } from '../history.ts'
import { searchOver } from './support.ts'

const bytesOf = (path: string): Buffer =>
  Buffer.concat(
    ['', '-wal', '-journal'].flatMap((suffix) => (existsSync(path + suffix) ? [readFileSync(path + suffix)] : [])),
  )

/** Words with nothing in common with any other text, many of them, so that some divide pages. */
const rare = (n: number) =>
  String.fromCodePoint(0x3400 + ((n * 7) % 6_500), 0xac00 + ((n * 13) % 11_000), 0x3400 + ((n * 29) % 6_500))

t.test('every byte of a forgotten text is gone, others are found as before', async (t) => {
  const history = new History({ seed: 21 })
  await history.grow(400)
  const { search, vault, path } = searchOver(t, history.memory)
  const secret = new Set(history.cases.filter((_each, i) => i % 5 === 0).map(({ subject }) => subject))
  const secrets: string[] = []
  const plainly = vault.open.bind(vault)
  vault.open = async (requests) => {
    const opened = await plainly(requests)
    return opened.map((text, i) => {
      if (typeof text !== 'string' || !secret.has(requests[i]!.cipher.sub)) return text
      const own = Array.from({ length: 40 }, () => rare(secrets.length * 41 + own0++)).join('，')
      secrets.push(own)
      return own
    })
  }
  let own0 = 0
  const leader: Principal = {
    person: 'outsider',
    grants: [{ role: 'bureau-leader', organisation: 'org-a', division: '511702' }],
  }
  const total = async (text: string) => {
    const found = await search.search(leader, { text }, { limit: 1 })
    return found.ok ? found.value.total : Number.NaN
  }
  const before = await total('费')
  t.ok(before > 0 && secrets.length > 5)
  const words = new Set(secrets.flatMap((text) => tokensOf(canonical(text)).trim().split(' ')))
  t.ok(
    [...words].some((word) => bytesOf(path).includes(word)),
    'what is to be forgotten is there to be found',
  )
  for (const subject of secret) vault.erased.add(subject)
  t.equal(await search.forget(secret), secrets.length)
  const bytes = bytesOf(path)
  t.same(
    [...words].filter((word) => word.length > 1 && bytes.includes(word)),
    [],
  )
  t.same(
    secrets
      .flatMap((text) => [...new Set(text)])
      .filter((character) => character !== '，' && bytes.includes(character)),
    [],
    'not one character of them',
  )
  t.equal(await total('费'), before)
  t.equal(await search.forget(secret), 0)
})

t.test('a divider between pages that only a forgotten word needed is written anew', async (t) => {
  const db = new DatabaseSync(':memory:')
  db.exec(`PRAGMA secure_delete = ON; ${SCHEMA}`)
  db.exec("INSERT INTO identity (identity, rank) VALUES ('pgsz', 64)")
  const tables = new TextTables(db)
  db.exec('BEGIN')
  for (let i = 1; i <= 400; i++)
    tables.add({ id: i, kind: 'identity', subject: `s${i}`, event: 'e', path: ['name'], canon: `p${i * 7919}` })
  db.exec('COMMIT')
  const dividers = () =>
    db
      .prepare('SELECT CAST(term AS BLOB) AS term FROM identity_idx')
      .all()
      .map((row) =>
        Buffer.from((row as { term: Uint8Array }).term)
          .subarray(1)
          .toString(),
      )
  const gone = new Set<string>()
  db.exec('BEGIN')
  for (let i = 1; i <= 400; i += 2)
    for (const row of tables.ofSubject(`s${i}`)) {
      gone.add(row.canon!)
      tables.remove(row)
    }
  db.exec('COMMIT')
  let slices = 0
  for (const _slice of tables.scrub('identity', gone)) slices++
  t.ok(slices > 0, 'there was something to write anew')
  const there = db
    .prepare('SELECT term FROM identity_words')
    .all()
    .map((row) => (row as { term: string }).term)
  t.equal(there.length, 200)
  t.same(
    dividers().filter((divider) => divider !== '' && !there.some((word) => word.startsWith(divider))),
    [],
    'no divider is the beginning of a word that is gone only',
  )
  t.same(tables.scrub('identity', gone).next(), { done: true, value: false }, 'once is enough')
  db.close()
})
