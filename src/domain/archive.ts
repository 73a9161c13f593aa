/**
 * Opening what is archived (S1-2.2, S2-4.4.6): by a purpose that the person records first, which opens the case to him for a day. The same in
 * every category that archives its cases.
 */
import { z } from 'zod'
import { archivePurposes, reason } from './complaint/fields.ts'
import { type AnyAction, accepted, action, type Refusal, refused } from './decider.ts'
import type { NewEvent, Step } from './event.ts'

const rule = 'S2-4.4.6'

export const archivedCaseOpened = {
  version: 1,
  rule,
  data: z.strictObject({ purpose: z.enum(archivePurposes), text: reason }),
} as const

type Opened = { readonly type: 'ArchivedCaseOpened'; readonly data: z.output<typeof archivedCaseOpened.data> }

const body = z.strictObject({ purpose: z.enum(archivePurposes).optional(), text: reason.optional() })

/**
 * The action that records a purpose.
 * @param when whether the case is archived
 */
export const openingArchived = <State, Event extends NewEvent>(
  when: (state: State) => Refusal | undefined,
): AnyAction<State, Event | Opened> =>
  action<State, Event | Opened, typeof body>({
    rule,
    body,
    when,
    decide: ({ purpose, text }) =>
      purpose === undefined || text === undefined
        ? refused('archive-purpose-missing', rule, { pointer: purpose === undefined ? '/purpose' : '/text' })
        : accepted({ type: 'ArchivedCaseOpened', data: { purpose, text } }),
  })

/** How long a recorded purpose opens an archived case to the person who recorded it. */
const OPENED_FOR_MS = 24 * 3_600_000

/**
 * The purpose for which a person has lately opened an archived case; nothing where he has to say one first.
 * @param nowMs milliseconds since 1970
 */
export const purposeOpened = (steps: readonly Step[], person: string, nowMs: number): string | undefined =>
  (
    steps.findLast(
      ({ type, actor, recordedAt }) =>
        type === 'ArchivedCaseOpened' &&
        'person' in actor &&
        actor.person === person &&
        nowMs - Date.parse(recordedAt) < OPENED_FOR_MS,
    )?.data as { purpose?: string } | undefined
  )?.purpose
