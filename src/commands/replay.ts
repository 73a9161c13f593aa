/** Replay for auditors: a case or a board at two moments compared, and a sample of cases that anybody draws again by its seed. */
import { createHash } from 'node:crypto'
import { decideAccess, type Principal } from '../domain/access.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { categoryOf } from '../domain/event.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import { type Change, diff } from '../projections/queries/diff.ts'
import { resolveAsOf } from '../projections/queries/index.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { BoardReading } from './board.ts'
import type { Category, CommandPorts } from './execute.ts'
import type { AskedBounds, Reading, ShownBounds } from './reading.ts'

export interface ReplayPorts {
  readonly log: EventLog
  readonly reading: Reading
  readonly board: BoardReading
  readonly categories: Readonly<Record<string, Category>>
  readonly holderOf: CommandPorts['holderOf']
}

type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }
const no = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value })

/** `asOf=…,effectiveAt=…`, either of them or none (`now`). */
export function parseMoment(text: string): AskedBounds | undefined {
  if (text === '' || text === 'now') return {}
  const bounds: { asOf?: string; effectiveAt?: string } = {}
  for (const part of text.split(',')) {
    const at = part.indexOf('=')
    const [key, value] = [part.slice(0, at), part.slice(at + 1)]
    if ((key !== 'asOf' && key !== 'effectiveAt') || value === '') return undefined
    bounds[key] = value
  }
  return bounds
}

/** A case file as `reading.show` gives it, as far as the comparison looks into it. */
interface Shown extends ShownBounds {
  readonly revision: number
  readonly timeline: readonly { readonly id: string; readonly type: string; readonly late: boolean }[]
  readonly [more: string]: unknown
}

export interface CaseComparison {
  readonly case: string
  readonly category: string
  readonly left: ShownBounds
  readonly right: ShownBounds
  /** What the right one says otherwise, place by place. */
  readonly changes: readonly Change[]
  /** Entries of the timeline on one side only. */
  readonly added: readonly unknown[]
  readonly removed: readonly unknown[]
}

/** What is on one side of two boards only, or says otherwise. */
export interface BoardComparison {
  readonly left: ShownBounds & { readonly counts: unknown }
  readonly right: ShownBounds & { readonly counts: unknown }
  readonly items: readonly { readonly case: string; readonly clock: string; readonly changes: readonly Change[] }[]
}

export interface Sample {
  readonly seed: string
  readonly category: string
  /** Index of the last event the sample was drawn from. */
  readonly asOf: number
  /** Cases that existed by then. */
  readonly population: number
  readonly items: readonly { readonly case: string; readonly number: string | null }[]
}

const PAGE = 5_000
const BOARD_PAGE = 500
const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

export function createReplay({ log, reading, board, categories, holderOf }: ReplayPorts) {
  function sides(left: string, right: string): Answer<[AskedBounds, AskedBounds]> {
    const [a, b] = [parseMoment(left), parseMoment(right)]
    if (!a) return no(refusal('moment-invalid', undefined, { pointer: '/left' }))
    if (!b) return no(refusal('moment-invalid', undefined, { pointer: '/right' }))
    return { ok: true, value: [a, b] }
  }

  /** Every item of a board, whatever its pages. */
  async function wholeBoard(principal: Principal, asked: AskedBounds) {
    const items: Record<string, unknown>[] = []
    let cursor: string | undefined
    for (;;) {
      const page = { limit: BOARD_PAGE, ...(cursor === undefined ? {} : { cursor }) }
      const found = await board.board(principal, {}, page, asked)
      if (!found.ok) return found
      const { items: some, next, counts, asOf, effectiveAt } = found.value
      items.push(...(some as unknown as Record<string, unknown>[]))
      if (next === undefined) return { ok: true as const, value: { items, counts, asOf, effectiveAt } }
      cursor = next
    }
  }

  return {
    /** One case at two moments, on either axis; under today's rights. */
    async compareCase(
      principal: Principal,
      stream: string,
      left: string,
      right: string,
    ): Promise<Answer<CaseComparison>> {
      const bounds = sides(left, right)
      if (!bounds.ok) return bounds
      const files: Shown[] = []
      for (const asked of bounds.value) {
        const found = await reading.show(principal, stream, asked)
        if (!found.ok) return found
        files.push(found.value as Shown)
      }
      const [before, after] = files as [Shown, Shown]
      // What comes next belongs to now alone; the bounds themselves are no difference.
      const state = ({ asOf: _asOf, effectiveAt: _at, timeline: _timeline, next: _next, ...rest }: Shown) => rest
      const ids = (file: Shown) => new Set(file.timeline.map(({ id }) => id))
      const [known, now] = [ids(before), ids(after)]
      return {
        ok: true,
        value: {
          case: idOf(stream),
          category: categoryOf(stream),
          left: { asOf: before.asOf, effectiveAt: before.effectiveAt },
          right: { asOf: after.asOf, effectiveAt: after.effectiveAt },
          changes: diff(state(before), state(after)),
          added: after.timeline.filter(({ id }) => !known.has(id)),
          removed: before.timeline.filter(({ id }) => !now.has(id)),
        },
      }
    },

    /** Two boards: every clock that is on one only, or stands otherwise. */
    async compareBoards(principal: Principal, left: string, right: string): Promise<Answer<BoardComparison>> {
      const bounds = sides(left, right)
      if (!bounds.ok) return bounds
      const found: Awaited<ReturnType<typeof wholeBoard>>[] = []
      for (const asked of bounds.value) found.push(await wholeBoard(principal, asked))
      const [a, b] = found
      if (!a!.ok) return a!
      if (!b!.ok) return b!
      const keyOf = (item: Record<string, unknown>) => `${item.category}-${item.case} ${item.clock ?? item.kind ?? ''}`
      const [before, after] = [a!, b!].map(
        (side) => new Map((side.ok ? side.value.items : []).map((item) => [keyOf(item), item])),
      )
      const items: BoardComparison['items'][number][] = []
      for (const key of [...new Set([...before!.keys(), ...after!.keys()])].sort()) {
        const [one, other] = [before!.get(key), after!.get(key)]
        const changes = diff(one ?? {}, other ?? {})
        const item = (other ?? one)!
        if (changes.length > 0)
          items.push({ case: String(item.case), clock: String(item.clock ?? item.kind ?? ''), changes })
      }
      const shown = ({ asOf, effectiveAt, counts }: { asOf: number; effectiveAt: string; counts: unknown }) => ({
        asOf,
        effectiveAt,
        counts,
      })
      return { ok: true, value: { left: shown(a!.value), right: shown(b!.value), items } }
    },

    /**
     * `n` cases of a category in the order of SHA-256(seed, LF, stream): the same seed over the same prefix of the log gives the same cases to whoever
     * may read them, and nobody can choose which.
     */
    sample(
      principal: Principal,
      asked: { seed: string; n: number; category: string; asOf?: string | undefined },
    ): Answer<Sample> {
      const category = categories[asked.category]
      if (!category) return no(refusal('not-found'))
      const size = resolveAsOf(asked.asOf, log)
      if (!size.ok) return no(size.refusal)
      const prefix = `${asked.category}-`
      const ranked: { stream: string; rank: string }[] = []
      for (let from = 0; from < size.value; from += PAGE)
        for (const { stream, revision } of log.read(from, PAGE, size.value))
          if (revision === 0 && stream.startsWith(prefix))
            ranked.push({ stream, rank: createHash('sha256').update(`${asked.seed}\n${stream}`).digest('hex') })
      ranked.sort((a, b) => (a.rank < b.rank ? -1 : 1))
      const items: Sample['items'][number][] = []
      for (const { stream } of ranked) {
        if (items.length === asked.n) break
        const events = decodeStream(log.stream(stream), category.decider.events)
        const state = fold(category.decider, correctedSteps(events))
        const owner = holderOf(events.at(-1)!.organisation)
        const resource = { ...category.resource(state as never, idOf(stream)), ...owner }
        if (decideAccess(principal, { permission: `${asked.category}.list`, resource }).allow)
          items.push({ case: idOf(stream), number: reading.numberOf(stream) ?? null })
      }
      const { seed, category: name } = asked
      return { ok: true, value: { seed, category: name, asOf: size.value - 1, population: ranked.length, items } }
    },
  }
}

export type Replay = ReturnType<typeof createReplay>
