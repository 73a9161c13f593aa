/**
 * Full-text search, for whoever may see what matches: rights decide before anything is looked up and again, by the log, before a
 * text is opened. Hits, totals, order and pages come from what the reader may open, and from nothing else.
 */
import { existsSync } from 'node:fs'
import { decideAccess, type Principal, type Seal } from '../domain/access.ts'
import { eventTitle } from '../domain/catalogue/index.ts'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { categoryOf, type Step } from '../domain/event.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import type { EffectiveTime } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { PageRequest } from '../projections/queries/index.ts'
import type { TextRow } from '../projections/search/file.ts'
import { keyOf, type Searchable, SearchKeeper, textsOf, versionOf } from '../projections/search/keeper.ts'
import {
  IDENTITY,
  LISTED,
  NARRATIVE,
  type SearchHit,
  type SearchQuestion,
  SearchReader,
  type Sight,
  type StoredResource,
  UNSEEN,
} from '../projections/search/query.ts'
import { canonical, occurrences, parseQuery, snippetOf } from '../projections/search/text.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { AccessLog, Opened, OpenRequest, Vault } from '../trust/ports.ts'
import type { Category, CommandPorts } from './execute.ts'
import type { Answer } from './reading.ts'

export interface SearchPorts {
  /** File of the index. */
  readonly path: string
  /** Reads the index that the process owning the directory keeps. */
  readonly beside: boolean
  readonly log: EventLog
  readonly vault: Pick<Vault, 'open' | 'ready'>
  readonly people: Pick<Directory, 'organisations' | 'offices'>
  readonly categories: Readonly<Record<string, Pick<Category, 'decider' | 'resource' | 'subject'>>>
  readonly holderOf: CommandPorts['holderOf']
  readonly numberText: (organisation: string, kind: string, year: number, sequence: number) => string
  readonly accessLog: AccessLog
  /** How long a question waits for the index to hold what is recorded, milliseconds; without: as long as it takes. */
  readonly patience?: number
  readonly onError?: (error: unknown) => void
}

/** What is asked for. */
export interface Search {
  /** Words are AND-ed, quotes hold a phrase together, a minus takes out. */
  readonly text: string
  readonly category?: string
}

/** A text of a hit, around what matched. */
export interface ShownMatch {
  readonly kind: 'narrative' | 'identity'
  readonly event: string
  readonly type: string
  readonly title: string
  readonly effectiveAt: EffectiveTime
  /** Path of the field below the event's data, joined by `/`. */
  readonly field: string
  readonly text: string
  /** What matched: [from, to) in `text`, UTF-16 units. */
  readonly marks: readonly (readonly [number, number])[]
}

export interface ShownHit {
  readonly case: string
  readonly category: string
  readonly number: string | null
  readonly status: string | null
  readonly organisation: string
  readonly respondentOffice: string | null
  readonly receivedAt: EffectiveTime | null
  readonly score: number
  /** Empty where the number or the office's name matched, or nothing of it may be shown. */
  readonly matches: readonly ShownMatch[]
}

export interface ShownSearch {
  readonly total: number
  readonly items: readonly ShownHit[]
  readonly next?: string
}

/** Categories with texts about cases. */
const CASES = [
  'complaint',
  'visit',
  'supervision',
  'returnvisit',
  'returnplan',
  'qualitycard',
  'penalty',
  'discipline',
  'obligation',
  'report',
]

const SIGHT: Readonly<Record<Seal, Sight>> = { withheld: LISTED, 'case-only': NARRATIVE, open: IDENTITY }
/** Readers whose rights are kept between questions. */
const READERS = 200
/** How often a reader beside looks whether the index has come up; milliseconds. */
const LOOK_MS = 50
const DEFAULT_LIMIT = 50

/** A case as it stands in the log now: what decides, whatever the index says. */
export interface CaseNow {
  readonly state: unknown
  readonly steps: readonly Step[]
  readonly owner: string
  readonly seal: Seal
}

/** A text that may be opened: its entry, and the step that it stands in now. */
interface Openable {
  readonly row: TextRow
  readonly step: Step
  readonly request: OpenRequest
}

const no = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value })
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export function createSearch(ports: SearchPorts) {
  const { log, vault, people, holderOf } = ports
  const categories = Object.fromEntries(
    CASES.flatMap((name) => (Object.hasOwn(ports.categories, name) ? [[name, ports.categories[name]!]] : [])),
  )
  const searchable: Record<string, Searchable> = {}
  for (const [name, { resource, subject }] of Object.entries(categories))
    searchable[name] = {
      resource: (state, id) => resource(state as never, id),
      subject: (state) => subject(state as never),
    }
  const version = versionOf(Object.keys(searchable))
  let keeper: SearchKeeper | undefined
  let reader: SearchReader | undefined

  /** The index fills from the first question on, or with the service: a single command does without. */
  const running = (): SearchKeeper => {
    keeper ??= new SearchKeeper({
      path: ports.path,
      log,
      deciders: deciderOf,
      searchable,
      vault,
      ...(ports.onError ? { onError: ports.onError } : {}),
    })
    return keeper
  }

  /** Rights by what they look at; kept while nobody's office, division or role changes. */
  const sights = new Map<string, Map<string, WeakMap<StoredResource, Sight>>>()
  function sightOf(principal: Principal): SearchQuestion['sight'] {
    const holders = people.organisations().map(({ id }) => Object.values(holderOf(id)))
    const key = JSON.stringify([principal, holders])
    const known = sights.get(key) ?? new Map<string, WeakMap<StoredResource, Sight>>()
    sights.delete(key)
    sights.set(key, known)
    if (sights.size > READERS) sights.delete(sights.keys().next().value!)
    return (resource, category) => {
      const ofCategory = known.get(category) ?? new WeakMap<StoredResource, Sight>()
      known.set(category, ofCategory)
      let sight = ofCategory.get(resource)
      if (sight === undefined) {
        const { owner, ...rest } = resource
        const access = decideAccess(principal, {
          permission: `${category}.list`,
          resource: { ...rest, ...holderOf(owner) },
        })
        sight = access.allow ? SIGHT[access.seal] : UNSEEN
        ofCategory.set(resource, sight)
      }
      return sight
    }
  }

  function officesNamed(phrase: string): Set<string> {
    const named = people.offices().filter(({ name }) => occurrences(canonical(name), phrase).length > 0)
    return new Set(named.map(({ id }) => id))
  }

  /** The index, when it holds all that is recorded. */
  async function current(): Promise<Answer<SearchReader>> {
    if (!(await vault.ready()).ok) return no(refusal('vault-unavailable'))
    const until = ports.patience === undefined ? Number.POSITIVE_INFINITY : performance.now() + ports.patience
    const wanted = log.size()
    if (!ports.beside) {
      const { follower } = running()
      if (follower.size < wanted) {
        const caughtUp = follower.caughtUp()
        await (ports.patience === undefined ? caughtUp : Promise.race([caughtUp, sleep(ports.patience)]))
        if (follower.size < wanted) return no(refusal('behind'))
      }
      reader ??= new SearchReader(ports.path)
      return { ok: true, value: reader }
    }
    const end = Math.min(until, performance.now() + BESIDE_MS)
    for (;;) {
      try {
        reader ??= new SearchReader(ports.path)
        const state = reader.state()
        if (state.version === version && state.size >= wanted) return { ok: true, value: reader }
      } catch {
        // Not there yet, or being begun anew.
      }
      reader?.close()
      reader = undefined
      if (performance.now() >= end) return no(refusal('behind'))
      await sleep(LOOK_MS)
    }
  }

  /** The case by the log, and what this reader may open of it; undefined where he may not know of it. */
  function caseNow(principal: Principal, stream: string): CaseNow | undefined {
    const category = categories[categoryOf(stream)]
    if (!category) return undefined
    const events = decodeStream(log.stream(stream), category.decider.events)
    const owner = events.at(-1)?.organisation
    if (owner === undefined) return undefined
    const steps = correctedSteps(events)
    if (steps.length === 0) return undefined
    const state = fold(category.decider, steps)
    const id = stream.slice(stream.indexOf('-') + 1)
    const access = decideAccess(principal, {
      permission: `${categoryOf(stream)}.list`,
      resource: { ...category.resource(state as never, id), ...holderOf(owner) },
    })
    return access.allow ? { state, steps, owner, seal: access.seal } : undefined
  }

  /** The matching texts of a hit that this reader may open, with where they stand. */
  function openable({ stream, texts }: SearchHit, { steps, seal }: CaseNow): Openable[] {
    const may = SIGHT[seal]
    const wanted = texts.filter(({ kind }) => may >= (kind === 'identity' ? IDENTITY : NARRATIVE))
    if (wanted.length === 0) return []
    const places = new Map(steps.flatMap((step) => textsOf([step]).map((text) => [keyOf(text), { step, text }])))
    return wanted.flatMap((row): Openable[] => {
      const place = places.get(keyOf(row))
      return place ? [{ row, ...place, request: { stream, ...place.text } }] : []
    })
  }

  const matchIn = ({ row, step }: Openable, opened: Opened, phrases: readonly string[]): ShownMatch | undefined => {
    const snippet = typeof opened === 'string' ? snippetOf(opened, phrases) : undefined
    if (!snippet) return undefined
    const { id: event, type, effectiveAt } = step
    const field = row.path.slice(step.sealedBy.path.length).join('/')
    return { kind: row.kind, event, type, title: eventTitle(type), effectiveAt, field, ...snippet }
  }

  function shown(hit: SearchHit, now: CaseNow, matches: readonly ShownMatch[]): ShownHit {
    const { number } = hit
    const state = now.state as { status?: string; respondentOffice?: string; receivedAt?: EffectiveTime }
    const series = number && ports.numberText(number.organisation, number.kind, number.year, number.sequence)
    return {
      case: hit.stream.slice(hit.stream.indexOf('-') + 1),
      category: hit.category,
      number: hit.ledger ?? series,
      status: state.status ?? null,
      organisation: now.owner,
      respondentOffice: state.respondentOffice ?? null,
      receivedAt: state.receivedAt ?? null,
      score: hit.score,
      matches,
    }
  }

  return {
    /** Begins to fill the index. */
    start: () => {
      if (!ports.beside) running()
    },
    wake: () => keeper?.wake(),
    /** Resolves when the index holds everything recorded so far. */
    caughtUp: () => running().follower.caughtUp(),
    current,
    caseNow,
    sightOf,

    /**
     * What matches, best first, with the match shown.
     * @throws CursorInvalid
     */
    async search(principal: Principal, { text, category }: Search, page: PageRequest): Promise<Answer<ShownSearch>> {
      const query = parseQuery(text)
      if (!query) return no(refusal('search-empty', undefined, { pointer: '#query/q' }))
      const index = await current()
      if (!index.ok) return index
      const question: SearchQuestion = {
        query,
        sight: sightOf(principal),
        officesNamed,
        ...(category === undefined ? {} : { category }),
      }
      const found = index.value.page(question, { limit: DEFAULT_LIMIT, ...page })
      let { total } = found
      const standing: { hit: SearchHit; now: CaseNow; texts: Openable[] }[] = []
      for (const hit of found.hits) {
        // Between the index and now somebody may have lost the right to see it.
        const now = caseNow(principal, hit.stream)
        if (now) standing.push({ hit, now, texts: openable(hit, now) })
        else total--
      }
      // Opened now, in one batch, by the vault's present state.
      const opened = await vault.open(standing.flatMap(({ texts }) => texts.map(({ request }) => request)))
      const phrases = query.all.map(({ phrase }) => phrase)
      let place = 0
      const items = standing.map(({ hit, now, texts }): ShownHit => {
        const subjects = new Set<string>()
        const matches = texts.flatMap((each) => {
          const match = matchIn(each, opened[place++]!, phrases)
          if (match) subjects.add(each.row.subject)
          return match ? [match] : []
        })
        if (subjects.size > 0)
          ports.accessLog.opened({
            person: principal.person,
            stream: hit.stream,
            subjects: [...subjects],
          })
        return shown(hit, now, matches)
      })
      return { ok: true, value: { total, items, ...(found.next === undefined ? {} : { next: found.next }) } }
    },

    /**
     * Which complaints a list's query finds by text, and the offices it names; the list narrows and pages them by its own rights.
     * Whoever opens nothing finds by numbers and names alone, and so does everybody while the vault is closed.
     */
    async listed(principal: Principal, text: string): Promise<Answer<{ streams: string[]; offices: string[] }>> {
      const query = parseQuery(text)
      if (!query) return { ok: true, value: { streams: [], offices: [] } }
      const offices = query.all.length === 1 && query.none.length === 0 ? [...officesNamed(query.all[0]!.phrase)] : []
      if (principal.operator || !(await vault.ready()).ok) return { ok: true, value: { streams: [], offices } }
      const index = await current()
      if (!index.ok) return index
      const question = { query, sight: sightOf(principal), officesNamed, category: 'complaint' }
      return { ok: true, value: { streams: index.value.streams(question), offices } }
    },

    /**
     * Takes every text of these subjects out of the index, to the last byte. For erasure and restriction, after the vault has
     * closed them. Answers how many texts there were.
     */
    forget: async (subjects: Iterable<string>): Promise<number> =>
      keeper || existsSync(ports.path) ? running().forget(subjects) : 0,
    /** Puts back what was left out of these subjects: after a restriction is lifted. */
    refresh: async (subjects: Iterable<string>): Promise<number> =>
      keeper || existsSync(ports.path) ? running().refresh(subjects) : 0,

    async close(): Promise<void> {
      reader?.close()
      reader = undefined
      const closing = keeper
      keeper = undefined
      await closing?.close()
    },
  }
}

/** How long a process beside waits for the owner's index; milliseconds. */
const BESIDE_MS = 5_000

export type SearchReading = ReturnType<typeof createSearch>
