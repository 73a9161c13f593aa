/**
 * Case numbers without gaps: stream `numbers-<organisation>:<kind>:<year>`, where the number is the event's revision + 1. Nothing else
 * is ever appended to such a stream, so it cannot have a gap.
 */
import { z } from 'zod'
import { caseNumberKinds, caseNumberText } from '../catalogue/registry.ts'
import { accepted, action, type Decider, refusal } from '../decider.ts'
import type { NewEventOf, StepOf } from '../event.ts'
import { event } from './fields.ts'

const allocation = {
  /** Stream of the case. */
  case: z.string().min(1).max(200),
}

export const numberEvents = { NumberAllocated: event('S1-2.2', z.strictObject(allocation)) }
type Events = typeof numberEvents
type New = NewEventOf<Events>

export interface NumbersState {
  /** Number of each case of the series, from 1. */
  readonly byCase: ReadonlyMap<string, number>
}

const evolve = (state: NumbersState, step: StepOf<Events>): NumbersState => {
  if (step.type !== 'NumberAllocated' || state.byCase.has(step.data.case)) return state
  // A step that is only being decided has no revision yet: it will get the next.
  const number = step.revision < 0 ? state.byCase.size + 1 : step.revision + 1
  return { byCase: new Map(state.byCase).set(step.data.case, number) }
}

export const numbersDecider: Decider<NumbersState, Events> = {
  category: 'numbers',
  events: numberEvents,
  initial: { byCase: new Map() },
  evolve,
  guard: (state, step) =>
    state.byCase.has(step.data.case) ? refusal('number-already-allocated', 'S1-2.2') : undefined,
  actions: {
    allocate: action({
      rule: 'S1-2.2',
      body: numberEvents.NumberAllocated.data,
      decide: (body, state: NumbersState) =>
        state.byCase.has(body.case) ? accepted<New>() : accepted<New>({ type: 'NumberAllocated', data: body }),
    }),
  },
}

/** The stream of a series. */
export const numbersStream = (organisation: string, kind: string, year: number): string =>
  `numbers-${organisation}:${kind}:${year}`

/** The parts of a case number. */
export interface CaseNumber {
  /** The organisation's abbreviation in its documents' numbers, or its code. */
  readonly abbreviation: string
  readonly year: number
  /** Category of the case: `complaint`, `visit`, `supervision`, … */
  readonly kind: string
  /** From 1. */
  readonly number: number
}

/** A case number as people write it: `蜀司〔2026〕投字第00012号`; five digits, more where they are needed. */
export const formatCaseNumber = ({ abbreviation, year, kind, number }: CaseNumber): string =>
  caseNumberText(abbreviation, year, caseNumberKinds[kind] ?? kind, String(number).padStart(5, '0'))
