/** One office's stars for people to work with: how it stands, how far the running cycle is, when its periods end, what may come next. */
import { planOf } from '../domain/cycle/plan.ts'
import { ratingDecider } from '../domain/cycle/rating.ts'
import { initialRating, type RatingState } from '../domain/cycle/rating-state.ts'
import { refusal } from '../domain/decider.ts'
import { correctedSteps, fold, stepsUntil } from '../domain/history.ts'
import { compileScheme, momentOf, rateOffice } from '../domain/rating/rate.ts'
import { schemeRef } from '../domain/rating/scheme-schema.ts'
import { formalStanding } from '../domain/rating/standing.ts'
import { type EffectiveTime, isCivilDate } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { KnownCycle, RuleBook } from '../projections/rulebook.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { CommandPorts } from './execute.ts'
import type { Rating, RatingAnswer, RunQuestion } from './rating.ts'

export interface RatingFilePorts {
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly rating: Rating
  readonly dueOf: CommandPorts['dueOf']
}

/** A period that runs: since when, until the end of which day. */
interface Period {
  readonly since: EffectiveTime
  readonly due: EffectiveTime | null
  readonly calendars: readonly string[]
}

/** One point of a curve. */
export interface CurvePoint {
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
  readonly formalLevel: number | null
  readonly computedLevel: number
  readonly points: number
}

/** Most points a curve has: a month a point over some twenty years. */
export const MAX_POINTS = 400

export function createRatingFile({ log, people, book, rating, dueOf }: RatingFilePorts) {
  const period = (
    since: EffectiveTime | undefined,
    limit: string,
    roll: boolean,
    organisation: string,
    at: EffectiveTime,
  ): Period | null => {
    if (since === undefined) return null
    const clock = {
      ...{ id: 'cycle', kind: 'star.period', startedAt: since, limit, pauses: [], extensions: [] },
      ...(limit.endsWith('wd') ? {} : { roll }),
      ...{ rule: 'S0-4.4a', organisation },
    }
    const { due, calendars } = dueOf(clock, at)
    return { since, due: due ?? null, calendars }
  }

  return {
    /** How an office's rating stream stands within bounds; an office without one has had no evaluation yet. */
    standing(office: string, size: number, effectiveAt: EffectiveTime) {
      const events = decodeStream(log.stream(`rating-${office}`, size), ratingDecider.events)
      const state: RatingState =
        events.length === 0 ? initialRating : fold(ratingDecider, stepsUntil(correctedSteps(events), effectiveAt))
      const formal = formalStanding(rating.facts().of(office, size - 1), momentOf(effectiveAt))
      const { current, rerating, published } = state
      const owner = events.at(-1)?.organisation ?? ''
      const plan = current?.plan
      const isOpen = current !== undefined && !current.vetoed
      return {
        office,
        name: people.office(office)?.name ?? null,
        formalLevel: formal?.level ?? null,
        // Of one instant as they were recorded: the warning before the downgrade it led to.
        measures:
          formal?.measures
            .toSorted((a, b) => a.key - b.key || (a.index ?? 0) - (b.index ?? 0))
            .map(({ event, index, at, measure, taken }) => ({ event, index, at, measure, taken })) ?? [],
        phase: current ? (current.vetoed ? 'vetoed' : current.publication) : 'not-enrolled',
        noticePeriod:
          isOpen && plan && current.publication === 'notice'
            ? period(current.noticeAt, plan.notice, plan.roll, owner, effectiveAt)
            : null,
        appealPeriod:
          isOpen && plan && current.publication === 'notified' && current.appeal === 'none'
            ? period(current.notifiedAt, plan.appeal, plan.roll, owner, effectiveAt)
            : null,
        replyPeriod:
          rerating?.stage === 'notified' && published
            ? period(rerating.notifiedAt, published.plan.appeal, published.plan.roll, owner, effectiveAt)
            : null,
      }
    },

    /** Evaluation cycles, each with how many offices take part. */
    cycles(size?: number) {
      return book.cycles(size).map(shownCycle)
    },
    cycle(id: string, size?: number) {
      const found = book.cycles(size).find((cycle) => cycle.id === id)
      if (!found) return undefined
      const participants: { office: string; name: string | null; phase: string; level: number | null }[] = []
      for (const { id: office, name } of people.offices()) {
        const events = decodeStream(log.stream(`rating-${office}`, size), ratingDecider.events)
        if (events.length === 0) continue
        const steps = correctedSteps(events)
        // The office as it stood in this cycle, also after later ones.
        const next = steps.findIndex(
          (step, place) =>
            step.type === 'OfficeEnrolled' &&
            (step.data as { cycle: string }).cycle !== id &&
            steps
              .slice(0, place)
              .some((one) => one.type === 'OfficeEnrolled' && (one.data as { cycle: string }).cycle === id),
        )
        const { current }: RatingState = fold(ratingDecider, next < 0 ? steps : steps.slice(0, next))
        if (current?.cycle !== id) continue
        const phase = current.vetoed ? 'vetoed' : current.publication
        participants.push({ office, name, phase, level: current.result?.level ?? null })
      }
      return { ...shownCycle(found), participants }
    },
    /** The plan that a cycle of a year opens with, under a published scheme. */
    plan(ref: string, year: number) {
      const scheme = rating.schemes().find((one) => schemeRef(one) === ref)
      return scheme && planOf(scheme, year)
    },

    /**
     * The levels of one office at many moments: `points` equal steps between two dates, each as things were then, with what is known within
     * `asOf`; with `known: 'then'` each with what was recorded by the end of that day.
     */
    curve(
      office: string,
      dates: readonly EffectiveTime[],
      question: Pick<RunQuestion, 'asOf' | 'scheme'>,
      known: 'now' | 'then',
    ): RatingAnswer<CurvePoint[]> {
      const [last] = dates.slice(-1)
      const resolved = rating.resolve({ ...question, ...(last === undefined ? {} : { effectiveAt: last }) })
      if (!resolved.ok) return resolved
      const { size, scheme } = resolved.value
      const base = rating.facts()
      if (!base.offices(size - 1).includes(office)) return { ok: false, refusal: refusal('not-found') }
      const compiled = compileScheme(scheme)
      const points = dates.map((effectiveAt): CurvePoint => {
        const to = known === 'now' ? size : Math.min(size, log.sizeAt(endOf(effectiveAt)))
        const asOf = to - 1
        const { formalLevel, computedLevel, points } = rateOffice(base.of(office, asOf), compiled, effectiveAt)
        return { asOf, effectiveAt, formalLevel, computedLevel, points }
      })
      return { ok: true, value: points }
    },
  }
}

const endOf = (at: EffectiveTime): number => (isCivilDate(at) ? Date.parse(`${at}T23:59:59.999+08:00`) : Date.parse(at))

const shownCycle = ({ id, organisation, openedOn, state }: KnownCycle) => ({
  id,
  organisation,
  openedOn,
  name: state.name ?? null,
  year: state.year ?? null,
  scheme: state.plan?.scheme ?? null,
  announced: state.announced,
  closed: state.closed,
  plan: state.plan ?? null,
})

export type RatingFile = ReturnType<typeof createRatingFile>
