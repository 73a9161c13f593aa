/** What decisions need to know beyond their stream: practice in force, who handled a case, the month's closed cases, figures, levels. */
import { createHash } from 'node:crypto'
import type { ReportFigures } from '../domain/bulletin.ts'
import { deciderOf } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import type { Actor } from '../domain/event.ts'
import { levelOfDivision } from '../domain/penalty/index.ts'
import { limitFor } from '../domain/policy.ts'
import { type PracticeInForce, practiceFor } from '../domain/practice.ts'
import { type PlanFacts, populationBytes } from '../domain/return-visit/index.ts'
import { type CivilDate, dateOf, type EffectiveTime, instantOfMs } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { CaseQueries } from '../projections/queries/index.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { Vault } from '../trust/ports.ts'

export interface FactPorts {
  readonly log: EventLog
  readonly people: Directory
  readonly book: RuleBook
  readonly vault: Pick<Vault, 'mac'>
  readonly queries: () => CaseQueries
  readonly figuresOf: (question: FigureQuestion) => Promise<ReportFigures>
}

/** Which figures: of whom, of which period, known and happened by when. */
export interface FigureQuestion {
  readonly organisation: string
  readonly from: CivilDate
  readonly until: CivilDate
  /** Index of the last event known; −1 for none. */
  readonly asOf: number
  readonly computedAt: EffectiveTime
}

/** Fields of steps that name who had a case in hand. */
const HANDLERS = new Set([
  'attendees',
  'chair',
  'firstContact',
  'handler',
  'investigators',
  'leader',
  'members',
  'officer',
  'officers',
  'reviewer',
])

export function createFacts(ports: FactPorts) {
  const { log, people, book } = ports
  const chain = (organisation: string) => [organisation, ...people.above(organisation)]
  const facts = {
    /** The practice of an organisation, its superiors', or the shipped one. */
    practice: (organisation: string, at: EffectiveTime): PracticeInForce =>
      practiceFor(book.rules().practices, chain(organisation), dateOf(at)),

    /** Whether the limits of an organisation repeat a kind on a date. */
    recurs: (organisation: string, kind: string, at: EffectiveTime): boolean =>
      limitFor(book.rules().policies, chain(organisation), { kind }, dateOf(at))?.every !== undefined,

    /** Everybody who ever had a case in hand: who acted in it, and who was named to work on it; also where a step was corrected. */
    handlers(category: string, id: string): string[] | Refusal {
      const decider = deciderOf(category)
      const stream = `${category}-${id}`
      const stored = decider ? log.stream(stream) : []
      if (!decider || stored.length === 0) return refusal('case-unknown', undefined, { pointer: '/case' })
      const found = new Set<string>()
      for (const { actor, data } of decodeStream(stored, decider.events)) {
        if ('person' in actor) found.add(actor.person)
        for (const [field, value] of Object.entries(data as Record<string, unknown>))
          if (HANDLERS.has(field))
            for (const id of Array.isArray(value) ? value : [value]) if (typeof id === 'string') found.add(id)
      }
      return [...found].sort()
    },

    /** Complaints of an organisation closed in a month, read at the head of the log; imported ones have nobody to be called. */
    async plan(organisation: string, month: string, at: EffectiveTime): Promise<PlanFacts> {
      const size = log.size()
      const { items } = await ports.queries().listCasesAsOf({ organisations: [organisation] }, {}, { asOf: size })
      const closed = items.filter(
        ({ closedAt, ledger }) => closedAt !== null && ledger === null && dateOf(closedAt).startsWith(month),
      )
      const ids = closed.map(({ id }) => id)
      return {
        closed: ids,
        substantiated: closed.filter(({ outcome }) => outcome === 'substantiated').map(({ id }) => id),
        digest: createHash('sha256').update(populationBytes(ids)).digest('hex'),
        asOf: size - 1,
        practice: facts.practice(organisation, at),
      }
    },

    /** Figures of a report, as of now: of a period that is over at its end, else at this moment. */
    figures(
      organisation: string,
      period: { from: CivilDate; until: CivilDate },
      nowMs: number,
    ): Promise<ReportFigures> {
      const now = instantOfMs(nowMs)
      const computedAt = dateOf(now) > period.until ? period.until : now
      return ports.figuresOf({ organisation, ...period, asOf: log.size() - 1, computedAt })
    },

    /** The secret of a quality card's link: made of the command, so that a retry shows the same and nothing has to be stored. */
    cardToken: (commandId: string): string => ports.vault.mac('quality-card', commandId),

    /** Level of the organ that acts, by its division. */
    level(actor: Actor, owner: string): string | undefined {
      const organisation = 'organisation' in actor ? actor.organisation : owner
      const division = (people.current(organisation) ?? people.organisation(organisation))?.division
      return division ? levelOfDivision(division) : undefined
    },
  }
  return facts
}

export type Facts = ReturnType<typeof createFacts>

/** SHA-256 of a link's token, lower-case hex: all that is kept of it. */
export const tokenHash = (token: string): string => createHash('sha256').update(token).digest('hex')
