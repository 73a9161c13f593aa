/** A recorded rating run: what was computed, by which scheme, with a digest over the canonical result, so that anyone can repeat it. */
import { z } from 'zod'
import { accepted, action, type Decider, refusal } from '../decider.ts'
import type { NewEventOf } from '../event.ts'
import { isEffectiveTime } from '../time.ts'

export const runRecordEvents = {
  RatingRunRecorded: {
    version: 1,
    rule: 'S0-4.1',
    data: z.strictObject({
      /** Index of the last event considered. */
      asOf: z.int().min(-1),
      effectiveAt: z.string().refine(isEffectiveTime, { error: 'effective-time-invalid' }),
      /** `ID@VERSION`. */
      scheme: z.string().min(1).max(60),
      /** Offices of the run: one office, those of a division, or all. */
      scope: z.strictObject({ office: z.string().max(64).optional(), division: z.string().max(12).optional() }),
      /** How many offices were rated. */
      offices: z.int().min(0),
      /** Lower-case hex SHA-256 of the canonical run. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
    }),
  },
} as const
type Events = typeof runRecordEvents
export type RecordedRun = z.output<Events['RatingRunRecorded']['data']>

export interface RunRecordState {
  readonly run?: RecordedRun
}

/** Stream `ratingrun-<id>`: one event, never anything after it. */
export const runRecordDecider: Decider<RunRecordState, Events> = {
  category: 'ratingrun',
  events: runRecordEvents,
  initial: {},
  evolve: (_state, step) => ({ run: step.data }),
  guard: (state) => (state.run ? refusal('registry-already-registered') : undefined),
  actions: {
    record: action({
      rule: 'S0-4.1',
      creates: true,
      body: runRecordEvents.RatingRunRecorded.data,
      decide: (body, _state: RunRecordState) => accepted<NewEventOf<Events>>({ type: 'RatingRunRecorded', data: body }),
    }),
  },
}
