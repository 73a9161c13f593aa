/** Full-text search: filling the index, and asking it. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { v5 } from 'uuid'
import { createCategories } from '../../src/commands/categories.ts'
import { createSearch } from '../../src/commands/search.ts'
import type { Principal } from '../../src/domain/access.ts'
import type { Envelope } from '../../src/domain/event.ts'
import { Directory } from '../../src/projections/directory.ts'
import { canonical, tokensOf } from '../../src/projections/search/text.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import type { EventLog } from '../../src/store/port.ts'
import { openForReading, openForWriting } from '../../src/store/sqlite/connection.ts'
import { EventTable, prepareEventTables } from '../../src/store/sqlite/event-table.ts'
import { EventWriter } from '../../src/store/sqlite/event-writer.ts'
import type { Vault } from '../../src/trust/ports.ts'
import { openVault } from '../../src/trust/vault/sqlite.ts'
import {
  type Bench,
  type BenchContext,
  interleaved,
  least,
  measure,
  most,
  randomFrom,
  ratioOf,
  spent,
} from './support/harness.ts'

const LENGTH = 300
const SPACE = '6ba7b811-9dad-11d1-80b4-00c04fd430c8'
const OWNERS = ['county-1', 'county-2']
const divisionOf = (organisation: string) => (organisation === OWNERS[0] ? '990121' : '990122')
const holderOf = (organisation: string) => ({ organisation, division: divisionOf(organisation), above: [] })
const WRITTEN_AT_ONCE = 1_000

/** Words of one to three characters, the frequent ones as frequent as in people's texts (Zipf). */
function writer(seed: string) {
  const random = randomFrom(seed)
  const characters = Array.from({ length: 2_500 }, (_, i) => String.fromCodePoint(0x4e00 + i * 7))
  const words = Array.from({ length: 8_000 }, () =>
    Array.from(
      { length: 1 + Math.floor(random() * 2.5) },
      () => characters[Math.floor(random() ** 2 * characters.length)],
    ).join(''),
  )
  const sums: number[] = []
  let sum = 0
  for (const [place] of words.entries()) {
    sum += 1 / (place + 3)
    sums.push(sum)
  }
  const word = () => {
    const wanted = random() * sum
    let [low, high] = [0, sums.length - 1]
    while (low < high) {
      const middle = (low + high) >> 1
      if (sums[middle]! < wanted) low = middle + 1
      else high = middle
    }
    return words[low]!
  }
  const text = () => {
    let made = ''
    while (made.length < LENGTH) made += random() < 0.1 ? '，' : word()
    return made.slice(0, LENGTH)
  }
  return { text, words }
}

/** Registered complaints, each with one sealed narrative under a subject of its own. */
async function writeLog(path: string, vault: Vault, count: number, text: () => string): Promise<void> {
  const db = openForWriting(path)
  db.exec('PRAGMA synchronous = OFF')
  prepareEventTables(db)
  const events = new EventWriter(db, new EventTable(db))
  for (let from = 0; from < count; from += WRITTEN_AT_ONCE) {
    const drafts = Array.from({ length: Math.min(WRITTEN_AT_ONCE, count - from) }, (_, i) => {
      const id = v5(String(from + i), SPACE)
      return { event: v5('event', id), subject: v5('subject', id), stream: `complaint-${id}`, place: from + i }
    })
    const matters = await vault.seal(
      drafts.map(({ event, stream, subject }) => ({
        event,
        stream,
        subject,
        path: ['matter'],
        category: 'narrative',
        text: text(),
      })),
    )
    events.write(() => {
      for (const [i, { event, stream, subject, place }] of drafts.entries()) {
        const recordedAt = new Date(Date.UTC(2020, 0, 1) + place * 60_000).toISOString()
        const organisation = OWNERS[place % 10 === 0 ? 1 : 0]!
        const envelope: Envelope = {
          id: event,
          stream,
          revision: 0,
          type: 'ComplaintRegistered',
          version: 1,
          recordedAt,
          effectiveAt: recordedAt,
          organisation,
          actor: { person: `clerk-${place % 7}`, role: 'reception', organisation },
          commandId: v5('command', event),
          requestMac: 'mac',
          data: {
            subject,
            channel: 'visit',
            nature: 'complaint',
            procedure: 'complaint',
            kind: 'poor-service',
            respondentOffice: `office-${place % 90}`,
            anonymous: true,
            matter: matters[i],
            firstContact: `clerk-${place % 7}`,
          },
        }
        events.add(stream, { id: event, type: envelope.type, bytes: encodeEnvelope(envelope) })
      }
    })
  }
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

/** The first events of a log. */
const firstOf = (log: EventLog, size: number): EventLog => ({
  size: () => size,
  read: (from, limit, to) => log.read(from, limit, Math.min(to ?? size, size)),
  envelopes: (from, limit, to) => log.envelopes(from, limit, Math.min(to ?? size, size)),
  envelopesOf: (types, from, to) => log.envelopesOf(types, from, Math.min(to, size)),
  stream: (name, to) => log.stream(name, Math.min(to ?? size, size)),
  sizeAt: (recordedMs) => Math.min(size, log.sizeAt(recordedMs)),
})

const leader: Principal = {
  person: 'leader',
  grants: [{ role: 'bureau-leader', organisation: OWNERS[0]!, division: divisionOf(OWNERS[0]!) }],
}

async function prepare(context: BenchContext) {
  const count = context.pick(100_000, 3_000)
  const { text, words } = writer(context.seed)
  const vault = await openVault({
    dir: context.directory,
    masterKeyFile: join(context.directory, 'master.key'),
    mayCreate: true,
    now: Date.now,
    random: (bytes) => randomBytes(bytes),
  })
  context.note(`seals ${count} narratives of ${LENGTH} characters, each under its own subject`)
  const path = join(context.directory, 'events.db')
  await writeLog(path, vault, count, text)
  const log = new EventTable(openForReading(path))
  const categories = createCategories(
    new Directory(),
    vault,
    {} as Parameters<typeof createCategories>[2],
    () => ({}) as ReturnType<Parameters<typeof createCategories>[3]>,
  )
  const searchIn = (file: string, over: EventLog) =>
    createSearch({
      path: file,
      beside: false,
      log: over,
      vault,
      people: { organisations: () => [], offices: () => [] },
      categories: { complaint: categories.complaint! },
      holderOf,
      numberText: () => '',
      accessLog: { opened: () => {} },
      onError: (error) => {
        throw error
      },
    })
  return { count, log, text, words, searchIn }
}

export const bench: Bench = {
  name: 'search',
  what: `Complaints with one sealed narrative of ${LENGTH} characters each, every one under its own subject; words of one to three characters by Zipf's
law. Filling: the follower reads the log, opens each text through the vault and writes it; the same words written into a bare FTS5 table in the
same rounds show what the machine gave. Asking: the whole question as the service answers it, rights decided, 50 hits opened and marked; the
reader sees nine cases of ten.`,
  target: 'text search indexed at ≥ 4,000 texts of 300 characters a second; search over 100,000 narratives ≤ 50 ms',
  durability: 'index: WAL, synchronous=NORMAL, secure_delete (disposable)',
  async *run(context) {
    const { count, log, text, words, searchIn } = await prepare(context)
    const some = Math.min(count, context.pick(20_000, 1_000))
    const bare = Array.from({ length: some }, () => tokensOf(canonical(text())))
    const rounds = context.pick(5, 2)
    let place = 0
    const fresh = () => {
      const directory = join(context.directory, `round-${place++}`)
      mkdirSync(directory)
      return directory
    }
    const figures = await interleaved(rounds, {
      index: async () => {
        const directory = fresh()
        const search = searchIn(join(directory, 'search.db'), firstOf(log, some))
        const took = await spent(() => search.caughtUp())
        await search.close()
        rmSync(directory, { recursive: true })
        return took
      },
      bare: async () => {
        const directory = fresh()
        const db = new DatabaseSync(join(directory, 'bare.db'))
        db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL')
        db.exec("CREATE VIRTUAL TABLE bare USING fts5(body, content = '', tokenize = 'ascii')")
        const insert = db.prepare('INSERT INTO bare (rowid, body) VALUES (?, ?)')
        const took = await spent(() => {
          for (let from = 0; from < some; from += 300) {
            db.exec('BEGIN')
            for (let i = from; i < Math.min(some, from + 300); i++) insert.run(i, bare[i]!)
            db.exec('COMMIT')
          }
        })
        db.close()
        rmSync(directory, { recursive: true })
        return took
      },
    })
    const rate = (arm: 'index' | 'bare', by: 'ms' | 'cpuMs') => figures[arm].map((each) => (some * 1_000) / each[by])
    const whole = { label: 'texts indexed', rounds: rate('index', 'ms') }
    const raw = { label: 'into a bare FTS5 table', rounds: rate('bare', 'ms') }
    yield measure(whole.label, 'texts/s', whole.rounds, { limit: least(4_000), ratio: ratioOf(whole, raw) })
    yield measure(raw.label, 'texts/s', raw.rounds)
    yield measure('texts indexed in a second of processor time', 'texts/s', rate('index', 'cpuMs'))
    yield measure('into a bare table in a second of processor time', 'texts/s', rate('bare', 'cpuMs'))

    context.note(`indexes all ${count}`)
    const search = searchIn(join(context.directory, 'search.db'), log)
    let longest = 0
    let last = performance.now()
    const ticks = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    const took = await spent(() => search.caughtUp())
    clearInterval(ticks)
    yield measure(`all ${count} in a second of processor time`, 'texts/s', [(count * 1_000) / took.cpuMs])
    yield measure('longest time others waited while it filled', 'ms', [longest])

    const long = words.filter((word) => word.length >= 2)
    const nth = (place: number) => long[Math.min(long.length - 1, place)]!
    const asked: Readonly<Record<string, readonly string[]>> = {
      'a rare word': [4_000, 4_500, 4_900].map(nth),
      'a usual word': [300, 400, 500].map(nth),
      'a word in most texts': [0, 1, 2].map(nth),
      'one character': words.filter((word) => word.length === 1).slice(0, 3),
      'two words': [`${nth(60)} ${nth(90)}`, `${nth(20)} ${nth(700)}`],
      'a word without another': [`${nth(300)} -${nth(1)}`],
      'a phrase': Array.from(
        { length: 3 },
        (_, i) =>
          `"${canonical(text())
            .split(' ')
            .sort((a, b) => b.length - a.length)[0]!
            .slice(0, 4 + i)}"`,
      ),
    }
    const times = context.pick(7, 2)
    for (const [label, texts] of Object.entries(asked)) {
      const latencies: number[] = []
      const medians: number[] = []
      let total = 0
      for (let round = 0; round < times; round++) {
        const one: number[] = []
        for (const each of texts) {
          const from = performance.now()
          const found = await search.search(leader, { text: each }, { limit: 50 })
          one.push(performance.now() - from)
          if (!found.ok) throw new Error(found.refusal.code)
          total = Math.max(total, found.value.total)
        }
        if (round > 0) {
          latencies.push(...one)
          medians.push(one.reduce((a, b) => a + b, 0) / one.length)
        }
      }
      yield measure(`${label} (up to ${total} hits)`, 'ms', medians, { limit: most(50), latencies })
    }
    await search.close()
  },
}
