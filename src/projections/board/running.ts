/**
 * Running rows in memory by time left, so that counts and pages of a board read no file. Kept in pieces of bounded size: a row is put
 * in or taken out at the same cost however many there are.
 */

/** A running row as the order knows it. */
export interface Place {
  readonly id: number
  /** Number of its {@link Group}. */
  readonly group: number
  /** When it is due, milliseconds; {@link UNDATED} for what is paused or has no deadline: that comes last. */
  readonly due: number
  /** When its light turns yellow, milliseconds; of what is undated {@link PAUSED}, or {@link UNDATED} for no deadline. */
  readonly yellow: number
}

export const UNDATED = Number.POSITIVE_INFINITY
export const PAUSED = Number.NEGATIVE_INFINITY

/** The states of running rows; inside loops over all of them a state is its place in this list. */
const STATES = ['open', 'dueSoon', 'overdue', 'paused', 'noDeadline'] as const
export type RunningState = (typeof STATES)[number]

function codeOf(due: number, yellow: number, now: number): number {
  if (due < now) return 2
  if (due === UNDATED) return yellow === PAUSED ? 3 : 4
  return yellow <= now ? 1 : 0
}

/** The state of a running row at a moment. */
export const stateOf = (due: number, yellow: number, now: number): RunningState => STATES[codeOf(due, yellow, now)]!

/** Most rows of a piece; a fuller one is halved. */
const PIECE = 1_024

/** A stretch of the order: four columns side by side. */
interface Piece {
  readonly due: number[]
  readonly id: number[]
  readonly yellow: number[]
  readonly group: number[]
}

const COLUMNS = ['due', 'id', 'yellow', 'group'] as const

export class RunningRows {
  #pieces: Piece[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  add(place: Place): void {
    if (this.#pieces.length === 0) this.#pieces.push({ due: [], id: [], yellow: [], group: [] })
    const at = Math.min(this.#pieceOf(place.due, place.id), this.#pieces.length - 1)
    const piece = this.#pieces[at]!
    const where = firstFrom(piece, place.due, place.id)
    for (const column of COLUMNS) piece[column].splice(where, 0, place[column])
    this.#size++
    if (piece.id.length <= PIECE) return
    const half = piece.id.length >> 1
    const rest: Piece = {
      due: piece.due.splice(half),
      id: piece.id.splice(half),
      yellow: piece.yellow.splice(half),
      group: piece.group.splice(half),
    }
    this.#pieces.splice(at + 1, 0, rest)
  }

  /** @throws Error where the row is not there: the order and the file would be different boards */
  remove({ due, id }: Pick<Place, 'due' | 'id'>): void {
    const at = this.#pieceOf(due, id)
    const piece = this.#pieces[at]
    const where = piece ? firstFrom(piece, due, id) : 0
    if (!piece || piece.id[where] !== id || piece.due[where] !== due) throw new Error(`no row ${id} due ${due}`)
    for (const column of COLUMNS) piece[column].splice(where, 1)
    this.#size--
    if (piece.id.length === 0) this.#pieces.splice(at, 1)
  }

  /** How many rows of the groups shown are in each state at a moment. */
  count(shown: Uint8Array, now: number): Record<RunningState, number> {
    const counts = new Float64Array(STATES.length)
    for (const { due, yellow, group } of this.#pieces)
      for (let row = 0; row < group.length; row++)
        if (shown[group[row]!] === 1) counts[codeOf(due[row]!, yellow[row]!, now)]!++
    const [open, dueSoon, overdue, paused, noDeadline] = counts as unknown as [number, number, number, number, number]
    return { open, dueSoon, overdue, paused, noDeadline }
  }

  /** The first rows by time left that are of the groups shown (of all, where none are named) and in one of the states, behind a place. */
  take(wanted: {
    readonly shown?: Uint8Array
    readonly states: ReadonlySet<string>
    readonly now: number
    readonly limit: number
    readonly after?: Pick<Place, 'due' | 'id'> | undefined
  }): Place[] {
    const { shown, states, now, limit, after } = wanted
    const found: Place[] = []
    const taken = STATES.map((state) => states.has(state))
    const begin = after ? this.#pieceOf(after.due, after.id) : 0
    for (let at = begin; at < this.#pieces.length; at++) {
      const piece = this.#pieces[at]!
      const { due, id, yellow, group } = piece
      let row = after && at === begin ? firstFrom(piece, after.due, after.id) : 0
      if (after && id[row] === after.id && due[row] === after.due) row++
      for (; row < id.length; row++) {
        if (shown && shown[group[row]!] !== 1) continue
        if (!taken[codeOf(due[row]!, yellow[row]!, now)]) continue
        found.push({ due: due[row]!, id: id[row]!, yellow: yellow[row]!, group: group[row]! })
        if (found.length === limit) return found
      }
    }
    return found
  }

  /** The first piece whose last row is not before a place. */
  #pieceOf(due: number, id: number): number {
    let low = 0
    let high = this.#pieces.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const piece = this.#pieces[middle]!
      const last = piece.id.length - 1
      if (isBefore(piece.due[last]!, piece.id[last]!, due, id)) low = middle + 1
      else high = middle
    }
    return low
  }
}

const isBefore = (due: number, id: number, otherDue: number, otherId: number): boolean =>
  due < otherDue || (due === otherDue && id < otherId)

/** The first row of a piece that is not before a place. */
function firstFrom({ due, id }: Piece, wantedDue: number, wantedId: number): number {
  let low = 0
  let high = id.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isBefore(due[middle]!, id[middle]!, wantedDue, wantedId)) low = middle + 1
    else high = middle
  }
  return low
}
