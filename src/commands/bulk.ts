/** Many board items at once: chased, or put under supervision, each by its own command, so that one that is refused stops no other. */
import type { Principal } from '../domain/access.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import type { BoardItem } from '../projections/board/items.ts'
import type { BoardFilter } from '../projections/board/query.ts'
import type { BoardReading } from './board.ts'
import type { CommandRequest, CommandResult } from './execute.ts'
import { newIdOf } from './ids.ts'

/** Most items of one bulk command. */
export const BULK_LIMIT = 500

export type BulkAction = 'chase' | 'open-supervision'

/** One item as the board names it. */
export interface BulkItem {
  readonly category: string
  readonly case: string
  readonly clock: string
}

export interface BulkRequest {
  readonly action: BulkAction
  /** These items, or all that match the filter now. */
  readonly items?: readonly BulkItem[]
  readonly filter?: BoardFilter
  /** What every item gets, parsed by the action's schema. */
  readonly body: Readonly<Record<string, unknown>>
  /** Decides only. */
  readonly preview: boolean
  readonly commandId: string
  readonly requestMac: string
  readonly correlationId?: string
  readonly principal: Principal
}

/** What happened, or would happen, to one item. */
export type BulkOutcome = BulkItem & { readonly target?: string } & (
    | { readonly ok: true; readonly revision: number; readonly repeated: boolean }
    | { readonly ok: false; readonly refusal: Refusal }
  )

export interface BulkPorts {
  readonly board: Pick<BoardReading, 'select' | 'find'>
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  /** What follows a command before it is answered: its number. */
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<unknown>
  readonly itemsAbout: (streams: readonly string[], principal: Principal) => ReadonlyMap<string, string>
}

const refOf = ({ stream, category, clock }: BoardItem): BulkItem => ({
  category,
  case: stream.slice(category.length + 1),
  clock,
})

/** Where an item comes from, in the words of the supervision item opened on it. */
export const sourceOf = ({ category, state }: Pick<BoardItem, 'category' | 'state'>): string =>
  state === 'overdue' ? 'missed-deadline' : category === 'complaint' ? 'complaint' : 'other'

/** The task a supervision clock belongs to: `supervision.reply:<task>`, further runs with `#n`. */
const taskOf = (clock: string): string | undefined => /^[^:]+:([^#]+)/.exec(clock)?.[1]

/**
 * Runs or previews a bulk command.
 * @returns outcomes in the order asked for, or why nothing was done
 */
export async function runBulk(
  ports: BulkPorts,
  request: BulkRequest,
): Promise<{ ok: true; outcomes: BulkOutcome[] } | { ok: false; refusal: Refusal }> {
  const { principal, action, preview } = request
  const selected = request.items
    ? ports.board.find(principal, request.items)
    : ports.board.select(principal, request.filter ?? {}, BULK_LIMIT + 1)
  if (selected.length > BULK_LIMIT)
    return { ok: false, refusal: refusal('bulk-too-large', undefined, { detail: { most: BULK_LIMIT } }) }
  const found = selected.filter((item) => item !== undefined)
  const supervised =
    action === 'chase' ? ports.itemsAbout([...new Set(found.map(({ stream }) => stream))], principal) : new Map()
  const outcomes: BulkOutcome[] = []
  for (const [place, item] of selected.entries()) {
    if (!item) {
      outcomes.push({ ...request.items![place]!, ok: false, refusal: refusal('not-found') })
      continue
    }
    const ref = refOf(item)
    const target = action === 'chase' && item.category !== 'supervision' ? supervised.get(item.stream) : item.stream
    if (target === undefined) {
      outcomes.push({ ...ref, ok: false, refusal: refusal('not-under-supervision', 'S1-5.3b') })
      continue
    }
    const task = item.category === 'supervision' ? taskOf(item.clock) : undefined
    const about = { category: ref.category, case: ref.case, ...(ref.clock === '' ? {} : { clock: ref.clock }) }
    const result = await ports.execute({
      category: 'supervision',
      ...(action === 'chase' ? { stream: target } : { organisation: item.owner }),
      action: action === 'chase' ? 'chase' : 'open',
      body:
        action === 'chase'
          ? { ...request.body, ...(task === undefined ? {} : { task }) }
          : { importance: 'normal', ...request.body, source: sourceOf(item), about },
      commandId: newIdOf(request.commandId, JSON.stringify([action, item.stream, item.clock])),
      requestMac: request.requestMac,
      principal,
      ...(request.correlationId === undefined ? {} : { correlationId: request.correlationId }),
      ...(preview ? { dryRun: true } : {}),
    })
    if (!result.ok) {
      outcomes.push({ ...ref, ok: false, refusal: result.refusal })
      continue
    }
    if (!preview) await ports.finish('supervision', result)
    const { stream, revision, repeated } = result
    outcomes.push({
      ...ref,
      ...(preview && action === 'open-supervision' ? {} : { target: stream.slice(stream.indexOf('-') + 1) }),
      ok: true,
      revision,
      repeated,
    })
  }
  return { ok: true, outcomes }
}
