/** The board as it was: every stream folded from the log within the bounds, its clocks judged by the rules known then. */
import { type BoardFacts, boardFacts } from '../../domain/board-subjects.ts'
import { categoryOf, type Recorded } from '../../domain/event.ts'
import type { EffectiveTime } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { eventLifter, readableEnvelopes } from '../decoding.ts'
import type { DeciderOf } from '../projection.ts'
import { foldStream } from '../streams.ts'
import { type BoardItem, type BoardRules, itemsOf } from './items.ts'

const PAGE = 2_000
const SLICE_MS = 30
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** One item with what rights look at. */
export interface PastItem extends BoardItem {
  readonly readers?: readonly string[]
  /** Who was charged with a task of it besides its owner. */
  readonly charged?: readonly string[]
  /** Who stepped aside from it. */
  readonly recused?: readonly string[]
}

/**
 * Every board item as of a log size, at a moment.
 * @throws UnknownEvent
 */
export async function boardAt(
  log: EventLog,
  deciders: DeciderOf,
  size: number,
  at: EffectiveTime,
  rules: BoardRules,
): Promise<PastItem[]> {
  const lift = eventLifter(log, deciders)
  const streams = new Map<string, Recorded[]>()
  let until = performance.now() + SLICE_MS
  const breathe = async () => {
    if (performance.now() < until) return
    await turn()
    until = performance.now() + SLICE_MS
  }
  for (let from = 0; from < size; from += PAGE) {
    const { envelopes, damage } = readableEnvelopes(log, from, Math.min(PAGE, size - from))
    if (damage) throw damage
    for (const [place, envelope] of envelopes.entries()) {
      if (!Object.hasOwn(boardFacts, categoryOf(envelope.stream))) continue
      const events = streams.get(envelope.stream)
      const event = lift(envelope, from + place)
      if (events) events.push(event)
      else streams.set(envelope.stream, [event])
    }
    await breathe()
  }
  const items: PastItem[] = []
  for (const [stream, events] of streams) {
    const category = categoryOf(stream)
    const fold = foldStream(deciders(category)!, events, at)
    const facts = fold && fold.steps > 0 ? boardFacts[category]!(fold.state as never) : undefined
    if (facts) items.push(...itemsOfFacts(stream, category, fold!.organisation, facts, at, rules))
    await breathe()
  }
  return items
}

/** The items of one stream with its need-to-know list. */
export function itemsOfFacts(
  stream: string,
  category: string,
  owner: string,
  facts: BoardFacts,
  at: EffectiveTime,
  rules: BoardRules,
): PastItem[] {
  const subject = {
    stream,
    category,
    organisation: facts.organisation ?? owner,
    owner,
    ...(facts.office === undefined ? {} : { office: facts.office }),
    ...(facts.importance === undefined ? {} : { importance: facts.importance }),
    open: facts.open,
    clocks: facts.clocks,
  }
  const items = itemsOf(subject, at, rules)
  const { readers, charged, recused } = facts
  const rights = { ...(readers ? { readers } : {}), ...(charged ? { charged } : {}), ...(recused ? { recused } : {}) }
  return Object.keys(rights).length > 0 ? items.map((item) => ({ ...item, ...rights })) : items
}
