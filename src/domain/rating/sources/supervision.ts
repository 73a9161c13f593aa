/** Facts of supervision items: cards and circulars to an office, and deadlines it met or missed (S1-5.3, S4-4.3b). */
import type { Clock } from '../../clock.ts'
import type { Step } from '../../event.ts'
import type { SupervisionStep } from '../../supervision/events.ts'
import { supervisionDecider } from '../../supervision/index.ts'
import type { SupervisionState } from '../../supervision/state.ts'
import { sortKey } from '../../time.ts'
import { missFact, stopFact } from '../deadlines.ts'
import { annulments, type Dispute, type Fact, type FactSource, factOf, type NoticeForm } from '../facts.ts'

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
  // A circular of a matter alone counts against nobody.
  return [...new Set(step.data.criticised ?? [])].map((office) => ({ office, form: 'CIRCULAR' }))
}

const hasDeadline = (clock: Clock) => clock.limit !== undefined || clock.dueAt !== undefined

/**
 * Whether a total clock is counted by the holder's own instead: after a transfer with a time of its own, the unit owes that one alone, not what
 * the units before it left of the whole.
 */
function countedByHolding(clock: { id: string; kind: string; organisation: string }, all: readonly Clock[]): boolean {
  if (clock.kind !== 'supervision.reply' && clock.kind !== 'supervision.plan') return false
  const task = clock.id.slice(clock.kind.length + 1).replace(/#\d+$/, '')
  return all.some(
    (holding) =>
      holding.kind === 'supervision.holding' &&
      holding.id.slice(holding.kind.length + 1).replace(/#\d+$/, '') === task &&
      holding.organisation === clock.organisation &&
      holding.cancelledAt === undefined &&
      hasDeadline(holding),
  )
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
  kinds: ['notice', 'deadline'],
  calendars: true,
  offices: (_stream, data) => {
    const { unit, criticised } = (data ?? {}) as { unit?: unknown; criticised?: unknown }
    return [unit, ...(Array.isArray(criticised) ? criticised : [])].filter((id) => typeof id === 'string')
  },
  facts: (steps, _stream, calendars) => {
    const annulled = annulments(steps)
    const facts: Fact[] = []
    let state = supervisionDecider.initial
    const misses: (SupervisionStep & { type: 'DeadlineMissed' })[] = []
    /** The step that stopped each clock. */
    const stoppedBy = new Map<string, Step>()
    for (const one of steps) {
      const step = one as SupervisionStep
      for (const { office, form, card } of noticesOf(step, state))
        facts.push(factOf('notice', step, office, { form }, { annulled, ...objectionsTo(card, steps) }))
      if (step.type === 'DeadlineMissed') misses.push(step)
      state = supervisionDecider.evolve(state, step)
      for (const clock of state.clocks)
        if (clock.stoppedAt !== undefined && !stoppedBy.has(clock.id)) stoppedBy.set(clock.id, step)
    }
    const missed = new Set<string>()
    for (const step of misses) {
      const { clock: id, kind, organisation } = step.data
      if (!owed.has(kind)) continue
      const clock = state.clocks.find((one) => one.id === id)
      const { fact, cured } = missFact(step, clock, annulled, calendars)
      if (!cured) missed.add(id)
      if (!countedByHolding({ id, kind, organisation }, state.clocks)) facts.push(fact)
    }
    for (const clock of state.clocks) {
      const step = stoppedBy.get(clock.id)
      if (!step || !owed.has(clock.kind) || missed.has(clock.id)) continue
      const fact = countedByHolding(clock, state.clocks) ? undefined : stopFact(step, clock, calendars)
      if (fact) facts.push(fact)
    }
    return facts
  },
}
