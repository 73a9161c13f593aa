/**
 * Rules of the star scheme that look beyond one stream: that a cycle is due and follows its scheme, that an office may take part, that a result is
 * what the evidence says, that a veto's complaint supports it, that who is named as deciding is who acts.
 */
import { complaintDecider } from '../domain/categories.ts'
import type { ComplaintState } from '../domain/complaint/state.ts'
import { mayEnrol, mayOpen } from '../domain/cycle/cycle.ts'
import { type CyclePlan, planOf } from '../domain/cycle/plan.ts'
import type { vetoFacts } from '../domain/cycle/rating-events.ts'
import type { RatingState, Result } from '../domain/cycle/rating-state.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import { schemeRef } from '../domain/rating/scheme-schema.ts'
import { boundMs, dateOf, sortKey } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { CheckRequest } from './execute.ts'
import type { Rating } from './rating.ts'

export interface RatingCheckPorts {
  readonly log: EventLog
  readonly book: RuleBook
  readonly rating: Rating
}

const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The action a check looks at; a replacement is judged like the action that records the type, a void not at all. */
const actionOf = (action: string): string =>
  action.startsWith('replace:') ? (byType[action.slice('replace:'.length)] ?? action) : action

const byType: Readonly<Record<string, string>> = {
  OverallAssessmentMade: 'assess',
  ReratingProposed: 'proposeRerating',
  OneVoteVetoApplied: 'veto',
}

/** What an appeal or a re-rating was decided or proposed by, in the body of each. */
const NAMED: Readonly<Record<string, string>> = {
  decideAppeal: 'decidedBy',
  decideRerating: 'decidedBy',
  proposeRerating: 'proposedBy',
}

export function ratingChecks({ log, book, rating }: RatingCheckPorts, people: Directory) {
  /** Whether level, categories, points and digest are those of the office's ledger at the moment that the run names. */
  function reproduces(office: string, { level, categories, points, run }: Result): Refusal | undefined {
    if (run.asOf >= log.size()) return refusal('index-beyond-head', 'S0-4.3', { pointer: '/run/asOf' })
    const { asOf, effectiveAt, scheme } = run
    const found = rating.run({ asOf: String(asOf), effectiveAt, scheme, office })
    if (!found.ok) return { ...found.refusal, pointer: '/run' }
    const [ledger] = found.value.offices
    const earned = ledger!.categories.filter((category) => category.earned).map(({ id }) => id)
    const expected = { level: ledger!.computedLevel, points: ledger!.points, digest: found.value.run.digest }
    const wrong =
      level !== expected.level
        ? '/level'
        : points !== expected.points
          ? '/points'
          : run.digest !== expected.digest
            ? '/run/digest'
            : same([...categories].sort(), earned.sort())
              ? undefined
              : '/categories'
    return wrong === undefined
      ? undefined
      : refusal('result-not-reproducible', 'S0-4.1c', { pointer: wrong, detail: expected })
  }

  /** The run sees everything recorded about the office's evaluation, and nothing that had not happened by then. */
  function coversStream({ stream, effectiveAt }: CheckRequest, { run }: Result, from: string): Refusal | undefined {
    const last = log.stream(stream).at(-1)?.index ?? 0
    if (run.asOf < last) return refusal('run-outside-cycle', 'S0-4.3', { pointer: '/run/asOf', detail: { last } })
    return dateOf(run.effectiveAt) < from || sortKey(run.effectiveAt) > boundMs(effectiveAt)
      ? refusal('run-outside-cycle', 'S0-4.3', { pointer: '/run/effectiveAt' })
      : undefined
  }

  function veto(office: string, complaint: string, facts: (typeof vetoFacts)['_output']): Refusal | undefined {
    const unsupported = (fact: string) =>
      refusal('veto-complaint-unsupported', 'S0-4.6e', { pointer: fact, detail: { complaint } })
    const stream = `complaint-${complaint}`
    const state: ComplaintState = fold(
      complaintDecider,
      correctedSteps(decodeStream(log.stream(stream), complaintDecider.events)),
    )
    const { decision } = state
    if (state.respondentOffice !== office || !decision || decision.quashed) return unsupported('/complaint')
    // What a review changed holds.
    const outcome = state.outcome ?? decision.outcome
    if (outcome !== 'substantiated' && outcome !== 'partly-substantiated')
      return unsupported('/facts/substantiatedComplaint')
    if (!decision.throughFault) return unsupported('/facts/substantiatedComplaint')
    if (!decision.subjectiveFault) return unsupported('/facts/subjectiveFault')
    if (decision.cooperation.activelyHandled) return unsupported('/facts/notActivelyHandled')
    if (facts.graveSocialImpact && !decision.graveSocialImpact) return unsupported('/facts/graveSocialImpact')
    if (facts.graveLoss && !decision.graveLoss) return unsupported('/facts/graveLoss')
    return undefined
  }

  return {
    /** A cycle follows a published scheme and is due: two years after the organisation's last one (S0-4.5b). */
    cycle({ action, body, organisation, stream }: CheckRequest): Refusal | undefined {
      if (action !== 'open') return undefined
      const { plan, year } = body as { plan: CyclePlan; year: number }
      const scheme = rating.schemes().find((one) => schemeRef(one) === plan.scheme)
      if (!scheme) return refusal('scheme-not-published', 'S0-4.1', { pointer: '/plan/scheme' })
      if (!same(planOf(scheme, year), plan)) return refusal('plan-not-of-scheme', 'S0-4.2a', { pointer: '/plan' })
      const before = book.cycles().filter((cycle) => cycle.organisation === organisation && cycle.id !== idOf(stream))
      const last = before.map(({ state }) => state.year ?? 0).sort((a, b) => b - a)[0]
      return mayOpen(plan, year, last === undefined ? undefined : `${last}-01-01`)
    },

    rating(request: CheckRequest): Refusal | undefined {
      const { body, stream, organisation, actor, effectiveAt } = request
      const action = actionOf(request.action)
      const state = request.state as RatingState
      const office = idOf(stream)
      const named = NAMED[action]
      if (named !== undefined && 'person' in actor && (body as Record<string, unknown>)[named] !== actor.person)
        return refusal('not-the-actor', 'S0-4.3', { pointer: `/${named}` })
      switch (action) {
        case 'enrol': {
          const { cycle: id, plan, office: entered } = body as { cycle: string; plan: CyclePlan; office: string }
          const cycle = book.cycles().find((one) => one.id === id)
          if (!cycle || cycle.organisation !== organisation)
            return refusal('cycle-phase', 'S0-4.2a', { pointer: '/cycle' })
          return mayEnrol(people.office(entered, effectiveAt), cycle.state, plan, effectiveAt)
        }
        case 'assess': {
          const result = body as Result
          const from = state.current?.plan.inspectionFrom ?? ''
          // A correction replaces an assessment that later steps of the stream rest on.
          const outside = request.action === 'assess' ? coversStream(request, result, from) : undefined
          return outside ?? reproduces(office, result)
        }
        case 'proposeRerating': {
          const result = body as Result
          const from = state.published ? dateOf(state.published.plan.inspectionFrom) : ''
          if (result.run.scheme !== state.published?.plan.scheme)
            return refusal('run-outside-cycle', 'S0-4.6b', { pointer: '/run/scheme' })
          const outside = request.action === 'proposeRerating' ? coversStream(request, result, from) : undefined
          return outside ?? reproduces(office, result)
        }
        case 'veto': {
          const { complaint, facts } = body as { complaint: string; facts: (typeof vetoFacts)['_output'] }
          return veto(office, complaint, facts)
        }
        default:
          return undefined
      }
    },
  }
}
