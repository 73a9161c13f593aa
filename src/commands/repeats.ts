/**
 * Repeats at reception: earlier cases of the same person, by the vault's blind indexes, and of a similar matter, by the texts this
 * reader may open. Suggestions only: a person confirms one by registering with the earlier subject, or by noting the repeat.
 */
import { decideAccess, type Principal } from '../domain/access.ts'
import { refusal } from '../domain/decider.ts'
import { type EffectiveTime, sortKey } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import { canonical } from '../projections/search/text.ts'
import type { BlindEntry, BlindMatch, Vault } from '../trust/ports.ts'
import type { CommandPorts } from './execute.ts'
import type { Answer } from './reading.ts'
import type { SearchReading } from './search.ts'

export interface RepeatsPorts {
  readonly vault: Pick<Vault, 'find'>
  readonly people: Pick<Directory, 'organisations'>
  readonly holderOf: CommandPorts['holderOf']
  readonly search: SearchReading
  /** Number of a case as people write it. */
  readonly numberOf: (stream: string) => string | undefined
  readonly now: () => number
}

/** What reception has in hand. */
export interface Arrival {
  readonly complainant?: { readonly name?: string; readonly phone?: string; readonly identityNumber?: string }
  readonly respondentOffice?: string
  readonly matter?: string
}

/** Why a case is suggested. */
export type Why = 'phone' | 'identity-number' | 'name-office' | 'similar-matter' | 'same-office' | 'recent'

export interface Candidate {
  readonly case: string
  readonly number: string | null
  readonly status: string
  readonly receivedAt: EffectiveTime | null
  readonly closedAt: EffectiveTime | null
  readonly respondentOffice: string | null
  /** The same person's cases by what matched; the others by likeness. */
  readonly why: readonly Why[]
  /** From 0 to 1: how much of the matter the earlier texts share. */
  readonly likeness: number | null
  /** Whose case it is, to register under; only for whoever may open who that is. */
  readonly subject?: string
}

/** The shares a suggestion needs, and what the same office and the last 90 days add. */
const LIKE_ENOUGH = 0.35
const SAME_OFFICE = 0.15
const RECENT = 0.1
const RECENT_MS = 90 * 86_400_000
const MOST = 20
const COMPARED = 50

interface ComplaintNow {
  readonly status: string
  readonly receivedAt?: EffectiveTime
  readonly closedAt?: EffectiveTime
  readonly respondentOffice?: string
}

const strength: Readonly<Record<BlindEntry['kind'], number>> = { 'identity-number': 3, phone: 2, 'name-office': 1 }

export function createRepeats({ vault, people, holderOf, search, numberOf, now }: RepeatsPorts) {
  /** Organisations in which the person registers complaints: blind indexes are kept by organisation. */
  const receptionsOf = (principal: Principal): string[] => {
    const mine = new Set(principal.grants.map(({ organisation }) => organisation))
    return people
      .organisations()
      .map(({ id }) => id)
      .filter(
        (id) =>
          mine.has(id) && decideAccess(principal, { permission: 'complaint.register', resource: holderOf(id) }).allow,
      )
  }

  const entriesOf = ({ complainant, respondentOffice }: Arrival): BlindEntry[] => {
    const { name, phone, identityNumber } = complainant ?? {}
    return [
      ...(phone ? [{ kind: 'phone', value: phone } as const] : []),
      ...(identityNumber ? [{ kind: 'identity-number', value: identityNumber } as const] : []),
      ...(name && respondentOffice ? [{ kind: 'name-office', value: `${name} ${respondentOffice}` } as const] : []),
    ]
  }

  return {
    /**
     * Earlier complaints that may be the same person's or about the same matter: what this reader may list, the same person first.
     * @throws VaultUnavailable
     */
    async find(principal: Principal, arrival: Arrival): Promise<Answer<{ candidates: readonly Candidate[] }>> {
      const organisations = receptionsOf(principal)
      if (organisations.length === 0) return { ok: false, refusal: refusal('forbidden') }
      const index = await search.current()
      if (!index.ok) return index
      const entries = entriesOf(arrival)
      const matches: BlindMatch[] = []
      for (const organisation of entries.length === 0 ? [] : organisations)
        matches.push(...(await vault.find(organisation, entries)))
      const subjects = [...new Set(matches.map(({ subject }) => subject))]
      const found = new Map<string, { why: Set<Why>; subject?: string; rank: number; likeness: number | null }>()
      for (const { stream, category, subject } of subjects.length === 0
        ? []
        : index.value.streamsOfSubjects(subjects)) {
        if (category !== 'complaint') continue
        const kinds = matches.filter((match) => match.subject === subject).map(({ kind }) => kind)
        const before = found.get(stream)
        const rank = Math.max(before?.rank ?? 0, ...kinds.map((kind) => strength[kind]))
        found.set(stream, { why: new Set([...(before?.why ?? []), ...kinds]), subject, rank, likeness: null })
      }
      const canon = canonical(arrival.matter ?? '')
      const question = { sight: search.sightOf(principal), category: 'complaint' }
      const alike = canon === '' ? [] : index.value.similar(canon, question, COMPARED)
      for (const { stream, likeness } of alike) {
        const before = found.get(stream) ?? { why: new Set<Why>(), rank: 0 }
        found.set(stream, { ...before, likeness })
      }
      const candidates: (Candidate & { readonly order: number })[] = []
      for (const [stream, { why, subject, rank, likeness }] of found) {
        const standing = search.caseNow(principal, stream)
        if (!standing) continue
        const state = standing.state as ComplaintNow
        const receivedMs = state.receivedAt === undefined ? undefined : sortKey(state.receivedAt)
        const sameOffice = arrival.respondentOffice !== undefined && state.respondentOffice === arrival.respondentOffice
        const recent = receivedMs !== undefined && now() - receivedMs <= RECENT_MS
        const weight = (likeness ?? 0) + (sameOffice ? SAME_OFFICE : 0) + (recent ? RECENT : 0)
        const similar = likeness !== null && weight >= LIKE_ENOUGH && likeness > LIKE_ENOUGH / 2
        if (rank === 0 && !similar) continue
        if (similar) why.add('similar-matter')
        if (sameOffice) why.add('same-office')
        if (recent) why.add('recent')
        candidates.push({
          case: stream.slice(stream.indexOf('-') + 1),
          number: numberOf(stream) ?? null,
          status: state.status,
          receivedAt: state.receivedAt ?? null,
          closedAt: state.closedAt ?? null,
          respondentOffice: state.respondentOffice ?? null,
          why: [...why],
          likeness: likeness === null ? null : Math.round(likeness * 100) / 100,
          ...(subject !== undefined && standing.seal === 'open' ? { subject } : {}),
          order: rank * 10 + weight,
        })
      }
      candidates.sort((a, b) => b.order - a.order || (a.case < b.case ? -1 : 1))
      return {
        ok: true,
        value: { candidates: candidates.slice(0, MOST).map(({ order: _order, ...candidate }) => candidate) },
      }
    },
  }
}

export type Repeats = ReturnType<typeof createRepeats>
