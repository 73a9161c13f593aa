/** 每日分类接待登记 (S1-2.1): every visit and complaint that came in on a day, by category, with the person first asked and what was done. */
import { channelTerms, complaintStatusTerms } from '../../domain/catalogue/complaint-terms.ts'
import { registerRules, registerTitles, registerWords } from '../../domain/catalogue/registers.ts'
import { type TermTable, term } from '../../domain/catalogue/terms.ts'
import { serviceItemTerms, visitChannelTerms, visitStatusTerms } from '../../domain/catalogue/visit.ts'
import { dateOfMs, type EffectiveTime } from '../../domain/time.ts'
import { scopeFor } from '../../projections/queries/index.ts'
import type { Answer, AskedBounds } from '../reading.ts'
import {
  everyRow,
  type Named,
  organisationOf,
  type Register,
  type RegisterPorts,
  type RegisterQuestion,
} from './register.ts'

export interface DailyRow {
  readonly order: number
  /** The service item of a visit; `complaint` for a complaint. */
  readonly category: Named
  readonly case: string
  readonly kind: 'visit' | 'complaint'
  readonly number: string | null
  readonly at: EffectiveTime | null
  readonly channel: Named | null
  /** As far as the reader may see: a name, or why there is none. */
  readonly person: unknown
  readonly matter: unknown
  readonly firstContact: { readonly id: string; readonly name: string } | null
  readonly state: Named
  /** What was done, in its order. */
  readonly handled: readonly string[]
  readonly organisation: string
}

/** Order of the categories: complaints, then the six service items as the centre publishes them (S1-1.2a). */
const CATEGORIES: readonly string[] = ['complaint', ...Object.keys(serviceItemTerms)]
const categoryTitle = (key: string): string =>
  key === 'complaint' ? registerWords.complaintCategory : term(serviceItemTerms, key)

const named = (table: TermTable, key: string | null): Named | null =>
  key === null ? null : { key, title: term(table, key) }

interface Shown {
  readonly parties: Readonly<Record<string, { readonly name?: unknown }>>
  readonly timeline: readonly {
    readonly title: string
    readonly voided?: unknown
    readonly data: Readonly<Record<string, unknown>>
  }[]
}

/** The daily register. */
export async function dailyRegister(
  ports: RegisterPorts,
  question: RegisterQuestion,
): Promise<Answer<Register<DailyRow>>> {
  const { reading, people } = ports
  const { principal, asOf, effectiveAt, organisation } = question
  const asked: AskedBounds = { asOf, effectiveAt }
  const resolved = reading.resolveBounds(asked)
  if (!resolved.ok) return resolved
  const { bounds, shown, isNow } = resolved.value
  const date = question.date ?? dateOfMs(ports.now())
  const filter = {
    receivedFrom: date,
    receivedTo: date,
    ...(organisation === undefined ? {} : { organisations: [organisation] }),
  }
  const { queries } = reading
  const rows: Omit<DailyRow, 'order'>[] = []
  const personName = (id: string | null) => (id === null ? null : { id, name: people.person(id)?.name ?? id })
  const organisationName = (id: string) => people.organisation(id)?.name ?? id

  const visitScope = scopeFor(principal, 'visit', people)
  for await (const item of everyRow(async (page) =>
    isNow ? queries.listVisits(filter, page, visitScope) : queries.listVisitsAsOf(filter, page, bounds, visitScope),
  ))
    rows.push({
      category: { key: item.item ?? '', title: categoryTitle(item.item ?? '') },
      case: item.id,
      kind: 'visit',
      number: item.number,
      at: item.registeredAt,
      channel: named(visitChannelTerms, item.channel),
      ...(await opened(item.stream, 'visitor', item.visitor !== null)),
      firstContact: personName(item.firstContact),
      state: { key: item.status, title: term(visitStatusTerms, item.status) },
      organisation: organisationName(item.organisation),
    })
  const caseScope = scopeFor(principal, 'complaint', people)
  for await (const item of everyRow(async (page) =>
    isNow ? queries.listCases(filter, page, caseScope) : queries.listCasesAsOf(filter, page, bounds, caseScope),
  ))
    rows.push({
      category: { key: 'complaint', title: categoryTitle('complaint') },
      case: item.id,
      kind: 'complaint',
      number: item.number,
      at: item.receivedAt,
      channel: named(channelTerms, item.channel),
      ...(await opened(item.stream, item.imported ? 'person' : 'complainant', item.complainant !== null)),
      firstContact: personName(item.firstContact),
      state: { key: item.status, title: term(complaintStatusTerms, item.status) },
      organisation: organisationName(item.organisation),
    })

  /** Person, matter and steps, each as the reader may see it: reading the case decides. */
  async function opened(
    stream: string,
    party: 'visitor' | 'complainant' | 'person',
    hasParty: boolean,
  ): Promise<Pick<DailyRow, 'person' | 'matter' | 'handled'>> {
    const file = await reading.show(principal, stream, asked)
    if (!file.ok) return { person: { withheld: true }, matter: { withheld: true }, handled: [] }
    const { parties, timeline } = file.value as Shown
    const standing = timeline.filter(({ voided }) => voided === undefined)
    return {
      person: hasParty ? (parties[party]?.name ?? { withheld: true }) : registerWords.unnamed,
      matter: standing[0]?.data.matter ?? null,
      handled: [...new Set(standing.slice(1).map(({ title }) => title))],
    }
  }

  const place = ({ category }: { category: Named }) => CATEGORIES.indexOf(category.key)
  const time = ({ at }: { at: EffectiveTime | null }) => at ?? ''
  rows.sort((a, b) => place(a) - place(b) || (time(a) < time(b) ? -1 : time(a) > time(b) ? 1 : 0))
  const summary = CATEGORIES.map((key) => ({
    key,
    title: categoryTitle(key),
    count: rows.filter(({ category }) => category.key === key).length,
  }))
  return {
    ok: true,
    value: {
      register: 'daily',
      title: registerTitles.daily,
      rule: registerRules.daily,
      from: date,
      until: date,
      ...shown,
      organisation: organisationOf(ports, organisation),
      total: rows.length,
      summary,
      rows: rows.map((row, place) => ({ order: place + 1, ...row })),
    },
  }
}
