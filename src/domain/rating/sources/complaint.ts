/** Facts of complaints: what the office meeting decided about an office, what came of it, and the deadlines that the office owed. */
import type { CalendarSource } from '../../calendar/source.ts'
import type { Clock } from '../../clock.ts'
import type { DeadlineMissedData } from '../../deadline-missed.ts'
import type { Step } from '../../event.ts'
import { sortKey } from '../../time.ts'
import { missFact, stopFact } from '../deadlines.ts'
import {
  annulments,
  type Dispute,
  type Fact,
  type FactData,
  type FactOf,
  type FactSource,
  factOf,
  type Overturned,
} from '../facts.ts'

type Outcome = FactData['complaint']['outcome']

interface Decision {
  readonly step: Step
  readonly data: FactData['complaint']
  readonly disputes: Dispute[]
  replacedFrom?: number
}

const types = [
  'ComplaintRegistered',
  'RespondentIdentified',
  'OfficeMeetingDecided',
  'RectificationVerified',
  'ReviewRequested',
  'ReviewDecided',
  'ReReviewRequested',
  'ReReviewDecided',
  'DecisionQuashed',
  'HandlerReportRequested',
  'HandlerReportSubmitted',
  'HandlerReportAbsent',
  'InvestigationSuspended',
  'InvestigationResumed',
  'DeadlineMissed',
]

/** Clocks of a complaint that the office owes; a scheme names them where they are to count. */
const HANDLER_REPORT = 'complaint.handler-report'
const RECTIFICATION = 'complaint.rectification'

/** The clocks that the office owes, as far as their own steps tell: each with the step that stopped it. */
class OwedClocks {
  readonly #clocks: { clock: Clock; stopped?: Step }[] = []
  readonly #misses: Step[] = []

  #start(kind: string, step: Step, office: string | undefined, more: { limit?: string; dueAt?: string }): void {
    if (office === undefined || (more.limit === undefined && more.dueAt === undefined)) return
    const earlier = this.#clocks.filter(({ clock }) => clock.kind === kind).length
    const id = earlier === 0 ? kind : `${kind}#${earlier + 1}`
    const rest = { pauses: [], extensions: [], rule: '', organisation: office, startedAt: step.effectiveAt }
    this.#clocks.push({ clock: { id, kind, ...rest, ...more } })
  }

  #change(kind: string, edit: (clock: Clock) => Clock, stopped?: Step): void {
    for (const [place, { clock, stopped: already }] of this.#clocks.entries())
      if (clock.kind === kind && !already && clock.cancelledAt === undefined)
        this.#clocks[place] = { clock: edit(clock), ...(stopped ? { stopped } : {}) }
  }

  take(step: Step, office: string | undefined): void {
    const at = step.effectiveAt
    const stop = (clock: Clock): Clock => ({ ...clock, stoppedAt: at })
    const cancel = (clock: Clock): Clock => ({ ...clock, cancelledAt: at })
    switch (step.type) {
      case 'HandlerReportRequested': {
        const limit = step.basis?.limits?.[HANDLER_REPORT]
        this.#change(HANDLER_REPORT, cancel)
        if (limit !== undefined) this.#start(HANDLER_REPORT, step, office, { limit })
        break
      }
      case 'HandlerReportSubmitted':
      case 'HandlerReportAbsent':
        this.#change(HANDLER_REPORT, stop, step)
        break
      case 'InvestigationSuspended':
        this.#change(HANDLER_REPORT, (clock) => ({
          ...clock,
          pauses: [...clock.pauses, { from: at, reason: '公证执业活动投诉处理办法 23' }],
        }))
        break
      case 'InvestigationResumed':
        this.#change(HANDLER_REPORT, (clock) => ({
          ...clock,
          pauses: clock.pauses.map((pause) => (pause.to === undefined ? { ...pause, to: at } : pause)),
        }))
        break
      case 'OfficeMeetingDecided':
        for (const { kind, due } of (step.data as { measures?: { kind: string; due?: string }[] }).measures ?? [])
          if (kind === 'rectification-order' && due !== undefined)
            this.#start(RECTIFICATION, step, office, { dueAt: due })
        break
      case 'RectificationVerified':
        if ((step.data as { rectified: boolean }).rectified) this.#change(RECTIFICATION, stop, step)
        break
      case 'DecisionQuashed':
        this.#change(RECTIFICATION, cancel)
        break
      case 'DeadlineMissed':
        this.#misses.push(step)
        break
    }
  }

  facts(annulled: ReadonlyMap<string, Overturned>, calendars: CalendarSource): Fact[] {
    const facts: Fact[] = []
    const missed = new Set<string>()
    for (const step of this.#misses) {
      const owned = this.#clocks.find(({ clock }) => clock.id === (step.data as DeadlineMissedData).clock)
      if (!owned) continue
      const { fact, cured } = missFact(step, owned.clock, annulled, calendars)
      if (!cured) missed.add(owned.clock.id)
      facts.push(fact)
    }
    for (const { clock, stopped } of this.#clocks) {
      if (!stopped || missed.has(clock.id)) continue
      const fact = stopFact(stopped, clock, calendars)
      // A report that never came is no deadline met.
      if (fact && !(stopped.type === 'HandlerReportAbsent' && (fact as FactOf<'deadline'>).onTime)) facts.push(fact)
    }
    return facts
  }
}

function close(decision: Decision, at: number): void {
  const open = decision.disputes.at(-1)
  if (open && open.to === undefined) decision.disputes[decision.disputes.length - 1] = { ...open, to: at }
}

/** What a review changes holds from its decision on: the earlier decision is replaced, not annulled. */
function reviewed(decision: Decision, step: Step): Decision {
  const { result, outcome, throughFault } = step.data as {
    result: string
    outcome?: Outcome
    throughFault?: boolean
  }
  const at = sortKey(step.effectiveAt)
  close(decision, at)
  if (result === 'upheld') return decision
  decision.replacedFrom = at
  return {
    step,
    data: {
      ...decision.data,
      outcome: result === 'revoked' ? 'unverifiable' : (outcome ?? decision.data.outcome),
      throughFault: result === 'revoked' ? false : (throughFault ?? decision.data.throughFault),
    },
    disputes: [],
  }
}

export const complaintSource: FactSource = {
  category: 'complaint',
  types: new Set(types),
  kinds: ['complaint', 'rectified', 'deadline'],
  onlyFor: {
    HandlerReportRequested: 'deadline',
    HandlerReportSubmitted: 'deadline',
    HandlerReportAbsent: 'deadline',
    InvestigationSuspended: 'deadline',
    InvestigationResumed: 'deadline',
    DeadlineMissed: 'deadline',
  },
  reads: [
    ...['respondentOffice', 'respondentWorker', 'outcome', 'throughFault', 'cooperation', 'measures', 'rectified'],
    ...['result', 'clock', 'kind', 'organisation', 'due', 'calendarBound'],
  ],
  calendars: true,
  offices: (_stream, data) => {
    const office = (data as { respondentOffice?: unknown } | null)?.respondentOffice
    return typeof office === 'string' ? [office] : []
  },
  facts: (steps, stream, calendars) => {
    const annulled = annulments(steps)
    const decisions: Decision[] = []
    const mended: Step[] = []
    let office: string | undefined
    let worker: string | undefined
    const owed = new OwedClocks()
    for (const step of steps) {
      const current = decisions.at(-1)
      owed.take(step, office)
      switch (step.type) {
        case 'ComplaintRegistered':
        case 'RespondentIdentified': {
          const data = step.data as { respondentOffice?: string; respondentWorker?: string }
          office = data.respondentOffice ?? office
          worker = data.respondentWorker ?? worker
          break
        }
        case 'OfficeMeetingDecided': {
          const { outcome, throughFault, cooperation } = step.data as {
            outcome: Outcome
            throughFault: boolean
            cooperation: { reportInTime: boolean; materialsHandedOver: boolean; rectified: boolean }
          }
          const { reportInTime, materialsHandedOver, rectified } = cooperation
          // A second decision of one case, after it was reopened, stands in the place of the first.
          if (current) current.replacedFrom ??= sortKey(step.effectiveAt)
          decisions.push({
            step,
            data: {
              case: stream,
              outcome,
              throughFault,
              reportInTime,
              materialsHandedOver,
              rectified,
              ...(worker ? { worker } : {}),
            },
            disputes: [],
          })
          break
        }
        case 'RectificationVerified':
          if ((step.data as { rectified: boolean }).rectified) mended.push(step)
          break
        case 'ReviewRequested':
        case 'ReReviewRequested':
          if (current && current.disputes.at(-1)?.to === undefined && current.disputes.length > 0) break
          current?.disputes.push({ from: sortKey(step.effectiveAt), suspended: false })
          break
        case 'ReviewDecided':
        case 'ReReviewDecided':
          if (current) {
            const next = reviewed(current, step)
            if (next !== current) decisions.push(next)
          }
          break
        case 'DecisionQuashed':
          if (current) close(current, sortKey(step.effectiveAt))
          break
      }
    }
    if (office === undefined) return []
    const facts = owed.facts(annulled, calendars)
    let source: string | undefined
    for (const { step, data, disputes, replacedFrom } of decisions) {
      if (step.type === 'OfficeMeetingDecided') source = step.id
      const more = { annulled, sources: source ? [source] : [], disputes, replacedFrom }
      facts.push(factOf('complaint', step, office, data, more))
      for (const mend of mended) facts.push(factOf('rectified', mend, office, { of: step.id }, { annulled }))
    }
    return facts
  },
}
