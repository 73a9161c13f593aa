/** Facts of supervision items: cards and circulars to an office, and deadlines it met or missed (S1-5.3, S4-4.3b). */
import { deadline, lastMoment } from '../../calendar/deadline.ts'
import type { CalendarSource } from '../../calendar/source.ts'
import type { Clock } from '../../clock.ts'
import type { Step } from '../../event.ts'
import type { SupervisionStep } from '../../supervision/events.ts'
import { supervisionDecider } from '../../supervision/index.ts'
import type { SupervisionState } from '../../supervision/state.ts'
import { sortKey } from '../../time.ts'
import {
  annulments,
  type Dispute,
  type Fact,
  type FactSource,
  factOf,
  type NoticeForm,
  type Overturned,
} from '../facts.ts'

/** 督办通知 is a reminder and costs nothing. */
const forms: Readonly<Record<string, NoticeForm | undefined>> = {
  'yellow-card': 'YELLOW_CARD',
  'red-card': 'RED_CARD',
  circular: 'CIRCULAR',
}

/** Clocks that a unit owes; the others are owed by whoever supervises. */
const owed: ReadonlySet<string> = new Set([
  'supervision.sign-for',
  'supervision.reply',
  'supervision.holding',
  'supervision.plan',
])

/**
 * The first later publication by which the clock was not yet due when it was counted as missed; nothing where no calendar moved it.
 */
export function curedBy(
  clock: Clock,
  miss: { readonly due: string; readonly calendarBound: string },
  calendars: CalendarSource,
): Overturned | undefined {
  const dueBy = (bound: string) => {
    const { due } = deadline(clock, calendars.at(bound))
    return due === undefined ? undefined : lastMoment(due)
  }
  const judged = dueBy(miss.calendarBound)
  if (judged === undefined) return undefined
  const later = [
    ...calendars.notices.map((notice) => ({ id: notice.id, at: notice.publishedOn })),
    ...calendars.local.map((local) => ({ id: local.id, at: local.declaredOn })),
  ]
    .filter(({ at }) => at > miss.calendarBound)
    .sort((a, b) => (a.at < b.at || (a.at === b.at && a.id < b.id) ? -1 : 1))
  for (const { id, at } of later) {
    const due = dueBy(at)
    if (due !== undefined && due > judged && due > lastMoment(miss.due)) return { event: id, index: null, at }
  }
  return undefined
}

function noticesOf(
  step: SupervisionStep,
  state: SupervisionState,
): { office: string; form: NoticeForm; card?: string }[] {
  if (step.type === 'CardIssued') {
    const form = forms[step.data.level]
    const unit = state.tasks.find((task) => task.id === step.data.task)?.unit
    return form && unit !== undefined ? [{ office: unit, form, card: step.data.card }] : []
  }
  if (step.type !== 'WrittenCircularIssued') return []
  const units = new Set(state.tasks.filter((task) => task.status !== 'cancelled').map((task) => task.unit))
  return [...units].map((office) => ({ office, form: 'CIRCULAR' }))
}

/** What became of the objection to a card: disputed while it runs, gone from the day it was upheld. */
function objectionsTo(
  card: string | undefined,
  steps: readonly Step[],
): { disputes: Dispute[]; replacedFrom?: number } {
  const disputes: Dispute[] = []
  let replacedFrom: number | undefined
  for (const one of steps) {
    const step = one as SupervisionStep
    if (card === undefined || !('card' in step.data) || step.data.card !== card) continue
    const at = sortKey(step.effectiveAt)
    if (step.type === 'CardObjected') disputes.push({ from: at, suspended: false })
    if (step.type !== 'CardObjectionDecided') continue
    const open = disputes.at(-1)
    if (open) disputes[disputes.length - 1] = { ...open, to: at }
    if (step.data.upheld) replacedFrom = at
  }
  return replacedFrom === undefined ? { disputes } : { disputes, replacedFrom }
}

export const supervisionSource: FactSource = {
  category: 'supervision',
  types: new Set(Object.keys(supervisionDecider.events)),
  calendars: true,
  offices: (_stream, data) => {
    const { unit } = (data ?? {}) as { unit?: unknown }
    return typeof unit === 'string' ? [unit] : []
  },
  facts: (steps, _stream, calendars) => {
    const annulled = annulments(steps)
    const facts: Fact[] = []
    let state = supervisionDecider.initial
    const misses: { step: SupervisionStep & { type: 'DeadlineMissed' } }[] = []
    /** The step that stopped each clock. */
    const stoppedBy = new Map<string, Step>()
    for (const one of steps) {
      const step = one as SupervisionStep
      for (const { office, form, card } of noticesOf(step, state))
        facts.push(factOf('notice', step, office, { form }, { annulled, ...objectionsTo(card, steps) }))
      if (step.type === 'DeadlineMissed') misses.push({ step })
      state = supervisionDecider.evolve(state, step)
      for (const clock of state.clocks)
        if (clock.stoppedAt !== undefined && !stoppedBy.has(clock.id)) stoppedBy.set(clock.id, step)
    }
    const missed = new Set<string>()
    for (const { step } of misses) {
      const { clock: id, kind, organisation, due, calendarBound } = step.data
      if (!owed.has(kind)) continue
      const clock = state.clocks.find((one) => one.id === id)
      const cured = clock && curedBy(clock, { due, calendarBound }, calendars)
      if (!cured) missed.add(id)
      facts.push(
        factOf(
          'deadline',
          step,
          organisation,
          { clock: kind, onTime: false, ...(cured ? { cured } : {}) },
          { annulled },
        ),
      )
    }
    for (const clock of state.clocks) {
      const step = stoppedBy.get(clock.id)
      if (!step || !owed.has(clock.kind) || missed.has(clock.id)) continue
      if (clock.limit === undefined && clock.dueAt === undefined) continue
      facts.push(factOf('deadline', step, clock.organisation, { clock: clock.kind, onTime: true }))
    }
    return facts
  },
}
