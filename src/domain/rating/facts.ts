/**
 * The facts a rating reads. A fact is one step of a stream, after corrections, seen from one office: what happened, when it took
 * effect, and which events say so. Facts are bounded and ordered by (own effective time, kind rank, event id), never by the order of
 * recording (docs/adr/0002-two-times-and-corrections.md).
 */
import type { CalendarSource } from '../calendar/source.ts'
import type { Step } from '../event.ts'
import { type CivilDate, dateOfMs, type EffectiveTime, sortKey } from '../time.ts'
import type { Month } from './dates.ts'
import type { Hundredths } from './points.ts'

/** A later event that took a fact away for good: quashed on reconsideration or in court, an objection upheld. */
export interface Overturned {
  readonly event: string
  readonly index: number | null
  readonly at: EffectiveTime
}

/** [from, to) in milliseconds while a remedy runs, or while execution is suspended. */
export interface Dispute {
  readonly from: number
  /** Absent while it runs. */
  readonly to?: number
  /** Execution is suspended meanwhile: the line does not count (行政处罚法 73). */
  readonly suspended: boolean
}

interface FactFields {
  /** The office it counts at: for an act, the office where the act happened (Q18). */
  readonly office: string
  readonly event: string
  /** Index of that event; null where a mirror does not have it yet. */
  readonly index: number | null
  readonly at: EffectiveTime
  /** Where it sorts, milliseconds. */
  readonly key: number
  /** The Shanghai day of `at`. */
  readonly date: CivilDate
  readonly overturned?: Overturned
  /** From this moment on a later decision stands in its place: an ordinary step, unlike an annulment. Milliseconds. */
  readonly replacedFrom?: number
  readonly disputes?: readonly Dispute[]
}

export const sanctionNatures = ['ADMINISTRATIVE_SANCTION', 'INDUSTRY_DISCIPLINE', 'ADMINISTRATIVE_PENALTY'] as const
/** 行政处分, 行业处分 and 行政处罚. Never the warning of the star scheme, which is a measure. */
export type SanctionNature = (typeof sanctionNatures)[number]

export const noticeForms = ['CIRCULAR', 'YELLOW_CARD', 'RED_CARD'] as const
/** 通报, 黄牌 and 红牌. */
export type NoticeForm = (typeof noticeForms)[number]

export const measures = ['WARNING', 'DOWNGRADE', 'VETO', 'OTHER'] as const
/** A measure of the star scheme (S0-4.6b, d, e). */
export type Measure = (typeof measures)[number]

/** Everything a fact can be, by kind; each adds what its rules read. */
export interface FactData {
  /** A complaint decided by the office meeting; `at` is the decision (S1-7.4d, S0-5.2.3). */
  readonly complaint: {
    readonly case: string
    readonly outcome: 'substantiated' | 'partly-substantiated' | 'unsubstantiated' | 'unverifiable'
    readonly throughFault: boolean
    readonly worker?: string
    /** How the office worked with the investigation, point by point; absent means not assessed. */
    readonly reportInTime?: boolean
    readonly materialsHandedOver?: boolean
    readonly rectified?: boolean
  }
  /** What was wrong has been put right and checked; `of` is the event of the fact it mends. */
  readonly rectified: { readonly of: string }
  /** A sanction in force; `at` is the service of the decision (Q18). */
  readonly sanction: {
    readonly nature: SanctionNature
    readonly kinds: readonly string[]
    readonly case: string
    readonly worker?: string
  }
  /** Criminal liability established; `at` is the day the judgment took effect. */
  readonly criminal: { readonly intentional: boolean; readonly worker?: string }
  /** One round of a survey; asked ≥ reached ≥ answered ≥ satisfied. */
  readonly survey: {
    readonly survey: string
    readonly asked: number
    readonly reached: number
    readonly answered: number
    readonly satisfied: number
  }
  /** Annual assessment of the office for a year. */
  readonly assessment: { readonly year: number; readonly grade: 'QUALIFIED' | 'UNQUALIFIED' }
  readonly workerAssessment: {
    readonly year: number
    readonly worker: string
    readonly grade: 'EXCELLENT' | 'COMPETENT' | 'BASICALLY_COMPETENT' | 'INCOMPETENT'
  }
  /** Hours of continuing education of one worker for a year. */
  readonly training: { readonly year: number; readonly worker: string; readonly hours: Hundredths }
  /** Unpaid service of the office in a year, hours. */
  readonly publicService: { readonly year: number; readonly hours: Hundredths }
  readonly aidCases: { readonly year: number; readonly cases: number }
  /** One recorded group study; counts in the month of `at`. */
  readonly study: { readonly month: Month }
  readonly submissions: { readonly month: Month; readonly news: number; readonly typicalCases: number }
  /** The whole staff from that day on. */
  readonly staffing: { readonly workers: number; readonly fullTime: number; readonly bachelors: number }
  /** A worker begins or ends practising at the office. */
  readonly membership: { readonly worker: string; readonly joined: boolean }
  readonly notice: { readonly form: NoticeForm; readonly worker?: string }
  /** A deadline the office owed: met or missed. `cured`: by a later calendar it was not missed, and it counts as neither. */
  readonly deadline: { readonly clock: string; readonly onTime: boolean; readonly cured?: Overturned }
  /** An official score of one criterion; kept apart from self scores, which are no facts. */
  readonly score: {
    readonly cycle: string
    readonly scheme: string
    readonly criterion: string
    readonly points: Hundredths
  }
  /** A rating in force from its publication: by a cycle or by an official re-rating that supersedes it. */
  readonly award: {
    readonly cycle: string
    readonly level: number
    readonly categories: readonly string[]
    readonly scheme: string
    /** The run it was published from: index and moment. */
    readonly asOf: number
    readonly effectiveAt: EffectiveTime
  }
  /** What had changed since an award was looked at up to an index: confirmed, dismissed, or taken up in a re-rating. */
  readonly settled: { readonly of: string; readonly asOf: number }
  /** A measure by the awarding authority; `taken`: levels it takes. A veto takes all. */
  readonly measure: { readonly measure: Measure; readonly taken: number }
  /** The office is registered and active from that day on, or no longer. */
  readonly registration: { readonly active: boolean }
}

export type FactKind = keyof FactData
export type FactOf<Kind extends FactKind> = FactFields & { readonly kind: Kind } & FactData[Kind]
export type Fact = { [Kind in FactKind]: FactOf<Kind> }[FactKind]

/** Facts of one time sort by the rank of their kind: what an office is, what it did, what was done about it. */
export const kindRank: Readonly<Record<FactKind, number>> = {
  registration: 0,
  membership: 1,
  staffing: 2,
  study: 3,
  submissions: 4,
  training: 5,
  publicService: 6,
  aidCases: 7,
  survey: 8,
  assessment: 9,
  workerAssessment: 10,
  deadline: 11,
  complaint: 12,
  notice: 13,
  sanction: 14,
  criminal: 15,
  rectified: 16,
  score: 17,
  award: 18,
  measure: 19,
  settled: 20,
}

const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** The one order of facts. */
export const compareFacts = (a: Fact, b: Fact): number =>
  a.key - b.key || kindRank[a.kind] - kindRank[b.kind] || compareText(a.event, b.event)

/** Where the facts of one category of streams come from. */
export interface FactSource {
  readonly category: string
  /** The event types it reads; all others may be skipped unparsed. Corrections are always read. */
  readonly types: ReadonlySet<string>
  /** The kinds of facts it gives. */
  readonly kinds: readonly FactKind[]
  /** Types that facts of one kind alone need: whoever does not look at that kind may skip them. */
  readonly onlyFor?: Readonly<Record<string, FactKind>>
  /**
   * Where given: the fields of an event's data that it looks into, none below them being sealed; it then looks at no actor and no owner either. Nothing
   * else is kept of an event.
   */
  readonly reads?: readonly string[]
  /** Offices an event of that stream names, whether or not it stands: which ratings it may touch. Must not throw. */
  readonly offices: (stream: string, data: unknown) => readonly string[]
  /** Whether its facts depend on calendars: a miss that a later notice cures. */
  readonly calendars?: true
  /** Facts of the corrected steps of one stream, of the types above, in revision order. Pure, total. */
  readonly facts: (steps: readonly Step[], stream: string, calendars: CalendarSource) => Fact[]
}

/** Which steps a later step of the stream has annulled (quashed), and by what. */
export function annulments(steps: readonly Step[]): ReadonlyMap<string, Overturned> {
  const found = new Map<string, Overturned>()
  for (const step of steps)
    if (step.corrects?.mode === 'annul' && !found.has(step.corrects.event))
      found.set(step.corrects.event, { event: step.id, index: step.index ?? null, at: step.effectiveAt })
  return found
}

/**
 * A fact of a step.
 * @param more `annulled` from {@link annulments}; `sources` other steps it rests on, whose annulment overturns it too
 */
export function factOf<Kind extends FactKind>(
  kind: Kind,
  step: Step,
  office: string,
  data: FactData[Kind],
  more: {
    annulled?: ReadonlyMap<string, Overturned>
    sources?: readonly string[]
    disputes?: readonly Dispute[]
    replacedFrom?: number
  } = {},
): Fact {
  let overturned = more.annulled?.get(step.id)
  for (const source of more.sources ?? []) overturned ??= more.annulled?.get(source)
  const at = step.effectiveAt
  const key = sortKey(at)
  const date = at.length === 10 ? at : dateOfMs(key)
  // One of hundreds of thousands: what few facts have is added to those alone.
  const fact = {
    kind,
    office,
    event: step.id,
    index: step.index ?? null,
    at,
    key,
    date,
    ...data,
  } as unknown as Writable
  if (overturned) fact.overturned = overturned
  if (more.replacedFrom !== undefined) fact.replacedFrom = more.replacedFrom
  if (more.disputes && more.disputes.length > 0) fact.disputes = more.disputes
  return fact as unknown as Fact
}

type Writable = { -readonly [Field in keyof FactFields]: FactFields[Field] }

/** The facts of one office within one `asOf`, sorted once and grouped by kind. */
export class OfficeFacts {
  readonly office: string
  /** In {@link compareFacts} order. */
  readonly all: readonly Fact[]
  readonly #kinds = new Map<FactKind, Fact[]>()

  /** @param facts facts of this office in any order; taken over */
  constructor(office: string, facts: Fact[]) {
    this.office = office
    this.all = facts.sort(compareFacts)
    for (const fact of this.all) {
      const list = this.#kinds.get(fact.kind)
      if (list) list.push(fact)
      else this.#kinds.set(fact.kind, [fact])
    }
  }

  /** Facts of a kind that had happened by the bound (milliseconds, inclusive), in order. */
  until<Kind extends FactKind>(kind: Kind, bound: number): readonly FactOf<Kind>[] {
    const list = this.#kinds.get(kind) as unknown as FactOf<Kind>[] | undefined
    if (!list) return []
    if (list[list.length - 1]!.key <= bound) return list
    let low = 0
    let high = list.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (list[middle]!.key <= bound) low = middle + 1
      else high = middle
    }
    return list.slice(0, low)
  }
}
