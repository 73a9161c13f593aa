/** The clocks of a supervision item: which step starts and stops which, and under which rule. Due dates are derived elsewhere. */
import { deadline } from '../calendar/deadline.ts'
import { shippedCalendars } from '../calendar/shipped.ts'
import type { Clock, Limit } from '../clock.ts'
import type { DecideContext } from '../decider.ts'
import type { Basis, Step } from '../event.ts'
import { dateOf, type EffectiveTime } from '../time.ts'
import type { Importance } from './fields.ts'

/**
 * Kinds of supervision clocks and their rules. Their limits are policy data; a kind for which no policy has a limit runs only where the
 * step gives a limit or a day of its own. `supervision.item` and `supervision.reply` may be set apart by importance:
 * `supervision.reply.major`.
 */
export const supervisionClockKinds = {
  /** From the opening to the closing. */
  'supervision.item': { rule: 'S1-5.3d' },
  /** From the opening to the first task. */
  'supervision.assignment': { rule: 'S1-5.3a' },
  /** From a task to its sign-for. */
  'supervision.sign-for': { rule: 'S1-5.3a' },
  /** From a task to its answer, over all holders: the total clock. */
  'supervision.reply': { rule: 'S1-5.3d' },
  /** What one holder of a transferred task has. */
  'supervision.holding': { rule: 'S1-5.3d' },
  /** To the last day of an accepted plan. */
  'supervision.plan': { rule: 'S1-5.2b' },
  /** To review an answer. */
  'supervision.review': { rule: 'S1-5.3d' },
  /** To coordinate a difficulty. */
  'supervision.coordination': { rule: 'S1-5.3c' },
  /** To the day on which it is chased again. */
  'supervision.next-chase': { rule: 'S1-5.3b' },
  /** To decide an objection to a card. */
  'supervision.objection': { rule: 'S1-5.3e' },
  /** To issue the circular of a major item, once its tasks are settled. */
  'supervision.circular': { rule: 'S1-5.3e' },
} as const satisfies Readonly<Record<string, { rule: string }>>
export type SupervisionClockKind = keyof typeof supervisionClockKinds

/** The limit valid now: the one set apart for the importance, else the kind's. */
export const limitFor = (
  kind: SupervisionClockKind,
  importance: Importance,
  context: Pick<DecideContext, 'limit'>,
): Limit | undefined => context.limit(`${kind}.${importance}`) ?? context.limit(kind)

/** The limits and policy to keep with an event that starts clocks; nothing where none has a limit. */
export function basisFor(
  kinds: readonly SupervisionClockKind[],
  importance: Importance,
  context: Pick<DecideContext, 'limit' | 'policy'>,
): { basis?: Basis } {
  const limits: Record<string, Limit> = {}
  for (const kind of kinds) {
    const limit = limitFor(kind, importance, context)
    if (limit !== undefined) limits[kind] = limit
  }
  return Object.keys(limits).length === 0 ? {} : { basis: { policy: context.policy, limits } }
}

export const isRunning = (clock: Clock): boolean => clock.stoppedAt === undefined && clock.cancelledAt === undefined

/** What a clock is started with, besides its kind and step. */
export interface StartOf {
  readonly organisation: string
  readonly person?: string | undefined
  /** What the clock belongs to: a task or a card. */
  readonly of?: string | undefined
  readonly limit?: Limit | undefined
  readonly due?: EffectiveTime | undefined
  /** Runs although it has no deadline: a holder's time is measured in any case. */
  readonly always?: true
  readonly startedAt?: EffectiveTime
}

const baseOf = (kind: SupervisionClockKind, of: string | undefined): string =>
  of === undefined ? kind : `${kind}:${of}`

/** Starts a clock where there is a due time, a limit of its own or one fixed by its event. */
export function start(
  clocks: readonly Clock[],
  kind: SupervisionClockKind,
  step: Step,
  { organisation, person, of, limit, due, always, startedAt }: StartOf,
): readonly Clock[] {
  const counted = due === undefined ? (limit ?? step.basis?.limits?.[kind]) : undefined
  if (due === undefined && counted === undefined && !always) return clocks
  const base = baseOf(kind, of)
  const earlier = clocks.filter(({ id }) => id === base || id.startsWith(`${base}#`)).length
  return [
    ...clocks,
    {
      id: earlier === 0 ? base : `${base}#${earlier + 1}`,
      kind,
      startedAt: startedAt ?? step.effectiveAt,
      ...(due === undefined ? {} : { dueAt: due }),
      ...(counted === undefined ? {} : { limit: counted }),
      pauses: [],
      extensions: [],
      rule: supervisionClockKinds[kind].rule,
      organisation,
      ...(person ? { person } : {}),
    },
  ]
}

const belongs = (clock: Clock, kind: SupervisionClockKind, of: string | undefined): boolean => {
  const base = baseOf(kind, of)
  return clock.id === base || clock.id.startsWith(`${base}#`)
}

/** The running clock of a kind, of a task or card where it has one. */
export const runningClock = (clocks: readonly Clock[], kind: SupervisionClockKind, of?: string): Clock | undefined =>
  clocks.findLast((clock) => isRunning(clock) && belongs(clock, kind, of))

/** What runs until a task is answered: the plan's clock, or the reply's. */
export const answerClock = (clocks: readonly Clock[], task: string): Clock | undefined =>
  runningClock(clocks, 'supervision.plan', task) ?? runningClock(clocks, 'supervision.reply', task)

/** Stops running clocks: what they waited for happened. */
export const stop = (
  clocks: readonly Clock[],
  at: EffectiveTime,
  of: string | undefined,
  ...kinds: SupervisionClockKind[]
): readonly Clock[] =>
  clocks.map((clock) =>
    isRunning(clock) && kinds.some((kind) => belongs(clock, kind, of)) ? { ...clock, stoppedAt: at } : clock,
  )

/** Ends running clocks of these kinds without that. */
export const cancel = (
  clocks: readonly Clock[],
  at: EffectiveTime,
  of: string | undefined,
  ...kinds: SupervisionClockKind[]
): readonly Clock[] =>
  clocks.map((clock) =>
    isRunning(clock) && kinds.some((kind) => belongs(clock, kind, of)) ? { ...clock, cancelledAt: at } : clock,
  )

const OF_TASK: readonly SupervisionClockKind[] = [
  'supervision.sign-for',
  'supervision.reply',
  'supervision.holding',
  'supervision.plan',
  'supervision.review',
  'supervision.coordination',
  'supervision.next-chase',
]

/** Ends every running clock of a task. */
export const cancelTask = (clocks: readonly Clock[], at: EffectiveTime, task: string): readonly Clock[] =>
  cancel(clocks, at, task, ...OF_TASK)

/** Ends every running clock. */
export const cancelAll = (clocks: readonly Clock[], at: EffectiveTime): readonly Clock[] =>
  clocks.map((clock) => (isRunning(clock) ? { ...clock, cancelledAt: at } : clock))

/** Changes one clock. */
export const change = (clocks: readonly Clock[], id: string | undefined, edit: (clock: Clock) => Clock) =>
  id === undefined ? clocks : clocks.map((clock) => (clock.id === id ? edit(clock) : clock))

/** When a clock is due by what is known now: by the application's calendars, else by those that ship with the program. */
export const dueOf = (clock: Clock, context: DecideContext): EffectiveTime | undefined =>
  (context.due?.(clock) ?? deadline(clock, shippedCalendars.at(dateOf(context.effectiveAt)))).due
