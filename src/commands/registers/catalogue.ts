/** 案卷归档目录 (S1-2.2, one case one file): the archived cases in the order they go into the box. */
import { natureTerms, outcomeTerms, retentionTerms, violationTerms } from '../../domain/catalogue/complaint-terms.ts'
import { registerRules, registerTitles } from '../../domain/catalogue/registers.ts'
import { term } from '../../domain/catalogue/terms.ts'
import { deciderOf } from '../../domain/categories.ts'
import type { ComplaintState } from '../../domain/complaint/state.ts'
import { correctedSteps, fold, stepsUntil } from '../../domain/history.ts'
import { dateOf, dateOfMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import { readStream } from '../../projections/decoding.ts'
import { type CaseItem, scopeFor } from '../../projections/queries/index.ts'
import type { Answer } from '../reading.ts'
import {
  everyRow,
  type Named,
  organisationOf,
  type Register,
  type RegisterPorts,
  type RegisterQuestion,
} from './register.ts'

export interface CatalogueRow {
  /** Place in the box, from 1. */
  readonly order: number
  readonly case: string
  readonly fileNumber: string | null
  readonly number: string | null
  readonly title: string
  readonly parties: number
  readonly receivedAt: EffectiveTime | null
  readonly closedAt: EffectiveTime | null
  readonly archivedAt: EffectiveTime | null
  readonly outcome: Named | null
  /** Items of evidence: the files themselves know no pages. */
  readonly evidence: number
  readonly retention: Named | null
  readonly organisation: string
}

/** The catalogue of what was archived up to a day. */
export async function caseCatalogue(
  ports: RegisterPorts,
  question: RegisterQuestion,
): Promise<Answer<Register<CatalogueRow>>> {
  const { reading, people, log } = ports
  const { principal, asOf, effectiveAt, organisation, from } = question
  const resolved = reading.resolveBounds({ asOf, effectiveAt })
  if (!resolved.ok) return resolved
  const { bounds, shown, isNow } = resolved.value
  const until = question.date ?? dateOfMs(ports.now())
  const filter = { status: ['archived'], ...(organisation === undefined ? {} : { organisations: [organisation] }) }
  const scope = scopeFor(principal, 'complaint', people)
  const { queries } = reading
  const list = async (page: object) =>
    isNow ? queries.listCases(filter, page, scope) : queries.listCasesAsOf(filter, page, bounds, scope)
  const items: CaseItem[] = []
  for await (const item of everyRow(list)) {
    const day = item.archivedAt === null ? undefined : dateOf(item.archivedAt)
    if (day !== undefined && day <= until && (from === undefined || day >= from)) items.push(item)
  }
  items.sort(
    (a, b) => sortKey(a.archivedAt!) - sortKey(b.archivedAt!) || ((a.number ?? a.id) < (b.number ?? b.id) ? -1 : 1),
  )

  const decider = deciderOf('complaint')!
  const rows = items.map((item, place): CatalogueRow => {
    const steps = stepsUntil(correctedSteps(readStream(log, deciderOf, item.stream, bounds.asOf)), bounds.effectiveAt)
    const state = fold(decider, steps) as ComplaintState
    const archived = steps.findLast(({ type }) => type === 'ComplaintArchived')?.data as
      | { fileNumber?: string; retention: string }
      | undefined
    const about = [
      item.nature === null ? undefined : term(natureTerms, item.nature),
      item.kind === null ? undefined : term(violationTerms, item.kind),
    ]
    return {
      order: place + 1,
      case: item.id,
      fileNumber: archived?.fileNumber ?? null,
      number: item.number,
      title: about.filter((each) => each !== undefined).join('：') || (item.ledger ?? ''),
      parties: [state.complainant, state.respondentOffice, state.respondentWorker ?? state.respondentPerson].filter(
        (each) => each !== undefined,
      ).length,
      receivedAt: item.receivedAt,
      closedAt: item.closedAt,
      archivedAt: item.archivedAt,
      outcome: item.outcome === null ? null : { key: item.outcome, title: term(outcomeTerms, item.outcome) },
      evidence: state.evidence,
      retention: archived ? { key: archived.retention, title: term(retentionTerms, archived.retention) } : null,
      organisation: people.organisation(item.organisation)?.name ?? item.organisation,
    }
  })
  const byRetention = new Map<string, { key: string; title: string; count: number }>()
  for (const { retention } of rows) {
    if (!retention) continue
    const { count } = byRetention.get(retention.key) ?? { count: 0 }
    byRetention.set(retention.key, { ...retention, count: count + 1 })
  }
  return {
    ok: true,
    value: {
      register: 'catalogue',
      title: registerTitles.catalogue,
      rule: registerRules.catalogue,
      from: from ?? null,
      until,
      ...shown,
      organisation: organisationOf(ports, organisation),
      total: rows.length,
      summary: [...byRetention.values()].sort((a, b) => (a.key < b.key ? -1 : 1)),
      rows,
    },
  }
}
