/** What a law lets whom impose: power by level, caps, hearing kinds, and which of two sets of penalties is heavier. Pure. */
import { divisionLevel, significantDivision } from '../organisation-tree.ts'
import type { Caps, Level, PenaltyItem, PenaltyKind, PenaltyLaw } from './fields.ts'

type Respondent = 'office' | 'worker'

const rank: Readonly<Record<Level, number>> = { county: 0, 'municipal-district': 1, city: 1, province: 2 }

/** Whether an organ of a level has a power that begins at another. */
export const hasPower = (level: Level, needed: Level): boolean => rank[level] >= rank[needed]

const MUNICIPALITIES: ReadonlySet<string> = new Set(['11', '12', '31', '50'])

/** The level of an organ by its division code; a district of 北京、天津、上海、重庆 punishes like a city. */
export function levelOfDivision(code: string): Level {
  const level = divisionLevel(code)
  const municipality = MUNICIPALITIES.has(significantDivision(code).slice(0, 2))
  if (level === 'province') return 'province'
  if (level === 'city') return municipality ? 'municipal-district' : 'city'
  return municipality && level === 'county' ? 'municipal-district' : 'county'
}

/** The rule that splits the power, and the lowest level that may impose a kind of penalty under it. */
export function powerOf(law: PenaltyLaw, kind: PenaltyKind): { readonly level: Level; readonly rule: string } {
  switch (law) {
    case 'order-137':
      return { level: kind === 'warning' ? 'county' : 'city', rule: '基层法律服务所管理办法 36' }
    case 'order-138':
      return { level: kind === 'warning' ? 'county' : 'city', rule: '基层法律服务工作者管理办法 46' }
    // The county investigates complaints about lawyers and proposes; the city punishes; licences are the province's.
    case 'lawyers-law':
      return { level: kind === 'revocation' ? 'province' : 'city', rule: '律师法 52' }
    case 'notary-law':
      return { level: kind === 'revocation' ? 'province' : 'city', rule: '公证法 42' }
    case 'other':
      return { level: kind === 'warning' ? 'county' : 'city', rule: '行政处罚法 23' }
  }
}

/** Caps that ship with the program, by law and respondent; a place may be stricter, never laxer. */
const statutoryCaps: Readonly<Record<PenaltyLaw, Readonly<Record<Respondent, Caps>> | undefined>> = {
  'order-137': both({ gainsMultiple: 3, maxFine: 3_000_000, citation: '基层法律服务所管理办法 36' }),
  'order-138': both({ gainsMultiple: 3, maxFine: 3_000_000, citation: '基层法律服务工作者管理办法 46' }),
  'lawyers-law': {
    office: { maxFine: 10_000_000, citation: '律师法 50' },
    worker: { maxFine: 5_000_000, citation: '律师法 49' },
  },
  'notary-law': {
    office: { maxFine: 10_000_000, citation: '公证法 42' },
    worker: { maxFine: 1_000_000, citation: '公证法 42' },
  },
  other: undefined,
}

function both(caps: Caps): Readonly<Record<Respondent, Caps>> {
  return { office: caps, worker: caps }
}

export interface CapsInForce extends Caps {
  /** Whether the place's own are laxer than the law's, and so cannot hold. */
  readonly laxer: boolean
}

/** The caps that hold: the law's, made stricter by the place's own; nothing where neither says any. */
export function capsInForce(law: PenaltyLaw, respondent: Respondent, local?: Caps): CapsInForce | undefined {
  const statutory = statutoryCaps[law]?.[respondent]
  if (!local) return statutory && { ...statutory, laxer: false }
  const gainsMultiple = local.gainsMultiple ?? statutory?.gainsMultiple
  const laxer =
    statutory !== undefined &&
    (local.maxFine > statutory.maxFine ||
      (statutory.gainsMultiple !== undefined && (gainsMultiple ?? 0) > statutory.gainsMultiple))
  return {
    ...(gainsMultiple === undefined ? {} : { gainsMultiple }),
    maxFine: local.maxFine,
    citation: local.citation,
    laxer,
  }
}

/** The highest fine in fen: a multiple of the illegal gains where the law says so, and never more than the fixed cap. */
export const highestFine = ({ gainsMultiple, maxFine }: Caps, illegalGains: number): number =>
  gainsMultiple === undefined ? maxFine : Math.min(maxFine, gainsMultiple * illegalGains)

/** The most that may be fined on the spot, fen: a citizen 200 yuan, an organisation 3,000 (行政处罚法 51). */
export const onTheSpotCap: Readonly<Record<Respondent, number>> = { worker: 20_000, office: 300_000 }

/**
 * From where on a fine or confiscation is a larger one that gives a hearing (行政处罚法 63), fen. The law names no number; these hold
 * where the notice gives no threshold of the place.
 */
export const hearingThreshold: Readonly<Record<Respondent, number>> = { worker: 100_000, office: 1_000_000 }

/** Whether penalties give the right to a hearing (行政处罚法 63). */
export const givesHearing = (penalties: readonly PenaltyItem[], respondent: Respondent, from?: number): boolean =>
  penalties.some((item) => {
    if (item.kind === 'warning' || item.kind === 'public-criticism') return false
    return !('amount' in item) || item.amount >= (from ?? hearingThreshold[respondent])
  })

/** The money of a kind in a set of penalties, fen. */
export const amountOf = (penalties: readonly PenaltyItem[], kind: 'fine' | 'confiscation'): number => {
  const found = penalties.find((item) => item.kind === kind)
  return found && 'amount' in found ? found.amount : 0
}

const MILD: ReadonlySet<PenaltyKind> = new Set(['warning', 'public-criticism'])

/**
 * Whether penalties are heavier than those announced: more money, more months, or a kind that was not announced. Only a warning or
 * public criticism may come in the place of something heavier that was announced and then left out.
 */
export function isHeavier(penalties: readonly PenaltyItem[], announced: readonly PenaltyItem[]): boolean {
  let unannounced = 0
  let harsh = false
  for (const item of penalties) {
    const same = announced.find((other) => other.kind === item.kind)
    if (!same) {
      unannounced++
      harsh ||= !MILD.has(item.kind)
      continue
    }
    if ('amount' in item && 'amount' in same && item.amount > same.amount) return true
    if ('months' in item && 'months' in same && item.months > same.months) return true
  }
  if (unannounced === 0) return false
  if (harsh) return true
  const dropped = announced.filter(
    (other) => !MILD.has(other.kind) && !penalties.some((item) => item.kind === other.kind),
  )
  return dropped.length < unannounced
}
