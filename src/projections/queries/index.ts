/** Every question people ask of the cases, live or as they were. Deciding who may ask is the caller's. */

import type { DatabaseSync } from 'node:sqlite'
import { categoryOf } from '../../domain/event.ts'
import type { EventLog } from '../../store/port.ts'
import type { DeciderOf } from '../projection.ts'
import type { Cell } from '../stream-rows.ts'
import type { BuildRow, LiveTable, ReadModels } from '../tables.ts'
import { type AuditEntry, type AuditFilter, auditTrail } from './audit-trail.ts'
import type { Bounds } from './bounds.ts'
import { type CaseFile, caseFile, caseHistory, type HistoryEntry } from './case-file.ts'
import { type CaseFilter, type CaseItem, countByStatus, listRows } from './case-list.ts'
import { type NumberText, type RowTables, seriesNumber, type Totals } from './conditions.ts'
import type { PageOf, PageRequest } from './cursor.ts'
import { listMatterRows, type MatterFilter, type MatterItem, pastMatters, supervisionsAbout } from './matter-list.ts'
import { PastLists } from './past-list.ts'
import type { OrganisationTree, Scope } from './scope.ts'
import { listVisitRows, type VisitFilter, type VisitItem } from './visit-list.ts'

export type { AuditEntry, AuditFilter } from './audit-trail.ts'
export { type Bounds, type Resolved, resolveAsOf, resolveEffectiveAt } from './bounds.ts'
export type { CaseFile, HistoryEntry, TimelineEntry } from './case-file.ts'
export type { CaseFilter, CaseItem } from './case-list.ts'
export type { NumberText } from './conditions.ts'
export { CursorInvalid, type PageOf, type PageRequest } from './cursor.ts'
export type { Change } from './diff.ts'
export type { MatterFilter, MatterItem } from './matter-list.ts'
export { type OrganisationTree, type Scope, type ScopeClause, scopeFor } from './scope.ts'
export type { VisitFilter, VisitItem } from './visit-list.ts'

export interface QueryPorts {
  readonly models: ReadModels
  readonly log: EventLog
  readonly deciders: DeciderOf
  readonly directory: OrganisationTree
  readonly numberText: NumberText
}

export class CaseQueries {
  readonly #ports: QueryPorts
  readonly #past: PastLists
  /** Totals of the live list, dropped with every new checkpoint. */
  #totals: { readonly at: string; readonly known: Totals } = { at: '', known: new Map() }
  constructor(ports: QueryPorts) {
    this.#ports = ports
    this.#past = new PastLists(ports.log, ports.deciders)
  }

  /**
   * The live list.
   * @throws CursorInvalid, NotBuiltYet
   */
  listCases(filter: CaseFilter, page: PageRequest, scope?: Scope): PageOf<CaseItem> {
    const { models, directory, numberText } = this.#ports
    return models.read((db, table) => {
      const rows = casesOf(db, table)
      return listRows(rows, filter, page, scope, directory, numberText, this.#knownTotals(rows))
    })
  }

  /**
   * The list within bounds: the live one where there are none, else folded from the log.
   * @throws CursorInvalid, NotBuiltYet, UnknownEvent
   */
  async listCasesAsOf(filter: CaseFilter, page: PageRequest, bounds: Bounds, scope?: Scope): Promise<PageOf<CaseItem>> {
    const { log, directory, numberText } = this.#ports
    const { asOf = log.size(), effectiveAt } = bounds
    return this.#past.with(asOf, effectiveAt, (rows) =>
      listRows(rows, filter, page, scope, directory, numberText, rows.totals),
    )
  }

  /** Counts by status: a summary that names nobody. Bounds as for the list. */
  async summary(filter: CaseFilter, bounds: Bounds, scope?: Scope): Promise<Readonly<Record<string, number>>> {
    const { models, log, directory } = this.#ports
    if (bounds.asOf === undefined && bounds.effectiveAt === undefined)
      return models.read((db, table) => countByStatus(casesOf(db, table), filter, scope, directory))
    const { asOf = log.size(), effectiveAt } = bounds
    return this.#past.with(asOf, effectiveAt, (rows) => countByStatus(rows, filter, scope, directory))
  }

  /** The live list of visits. @throws CursorInvalid, NotBuiltYet */
  listVisits(filter: VisitFilter, page: PageRequest, scope?: Scope): PageOf<VisitItem> {
    const { models, directory, numberText } = this.#ports
    return models.read((db, table) => {
      const rows = { db, main: table('visits'), people: table('visits', 'people') }
      return listVisitRows(rows, filter, page, scope, directory, numberText)
    })
  }

  /** The list of visits within bounds, as {@link listCasesAsOf}. @throws CursorInvalid, UnknownEvent */
  async listVisitsAsOf(
    filter: VisitFilter,
    page: PageRequest,
    bounds: Bounds,
    scope?: Scope,
  ): Promise<PageOf<VisitItem>> {
    const { log, directory, numberText } = this.#ports
    const { asOf = log.size(), effectiveAt } = bounds
    const list = (rows: RowTables) => listVisitRows(rows, filter, page, scope, directory, numberText)
    return this.#past.with(asOf, effectiveAt, list, 'visit')
  }

  /** One category's list of what is neither a complaint nor a visit, live or within bounds. @throws CursorInvalid, NotBuiltYet, UnknownEvent */
  async listMatters(
    category: string,
    filter: MatterFilter,
    page: PageRequest,
    bounds: Bounds,
    scope?: Scope,
  ): Promise<PageOf<MatterItem>> {
    const { models, log, deciders, directory, numberText } = this.#ports
    if (bounds.asOf === undefined && bounds.effectiveAt === undefined)
      return models.read((db, table) => {
        const rows = { db, main: table('matters'), people: table('matters', 'people') }
        return listMatterRows(rows, category, filter, page, scope, directory, numberText)
      })
    const { asOf = log.size(), effectiveAt } = bounds
    const rows = await pastMatters(log, deciders, category, asOf, effectiveAt)
    try {
      return listMatterRows(rows, category, filter, page, scope, directory, numberText)
    } finally {
      rows.db.close()
    }
  }

  /** Open supervision items about these cases: case stream to item stream. @throws NotBuiltYet */
  supervisionsAbout(about: readonly string[], scope?: Scope): Map<string, string> {
    const { models, directory } = this.#ports
    return models.read((db, table) => {
      const rows = { db, main: table('matters'), people: table('matters', 'people') }
      return supervisionsAbout(rows, about, scope, directory)
    })
  }

  /** Streams of one category that a number names exactly. @throws NotBuiltYet */
  findMatters(category: string, text: string, scope?: Scope): string[] {
    const { models, directory, numberText } = this.#ports
    const { items } = models.read((db, table) => {
      const rows = { db, main: table('matters'), people: table('matters', 'people') }
      return listMatterRows(rows, category, { query: text.trim() }, {}, scope, directory, numberText)
    })
    const exact = items.filter(({ number }) => number === text.trim())
    const loose = /^\d{4}-\d+$|^\d+$/.test(text.trim()) ? items : []
    return (exact.length > 0 ? exact : loose).map(({ stream }) => stream)
  }

  /** The stream that an outer key names: the hash of a quality card's link. @throws NotBuiltYet */
  streamOfKey(category: string, key: string): string | undefined {
    const row = this.#ports.models.read((db, table) =>
      db.prepare(`SELECT stream FROM ${table('matters')} WHERE outer_key = ? AND category = ?`).get(key, category),
    ) as { stream: string } | undefined
    return row?.stream
  }

  /** One case's file; undefined where nothing of it was recorded within the bounds. @throws UnknownEvent */
  caseFile(stream: string, bounds: Bounds = {}): CaseFile | undefined {
    return caseFile(this.#ports.log, this.#ports.deciders, stream, bounds)
  }

  /** One case's history, oldest first. @throws UnknownEvent */
  caseHistory(stream: string, bounds: Bounds = {}): readonly HistoryEntry[] | undefined {
    return caseHistory(this.#ports.log, this.#ports.deciders, stream, bounds)
  }

  /** The global audit trail. @throws CursorInvalid, NotBuiltYet */
  auditTrail(filter: AuditFilter, page: PageRequest): PageOf<AuditEntry> {
    const { models, log, deciders, directory } = this.#ports
    return auditTrail(models, log, deciders, directory, filter, page)
  }

  /**
   * Numbers of cases of any category as people write them, by stream, of those that have one within `asOf`.
   * @throws NotBuiltYet
   */
  numbersOf(streams: readonly string[], asOf = Number.MAX_SAFE_INTEGER): ReadonlyMap<string, string> {
    const { models, numberText } = this.#ports
    const found = new Map<string, string>()
    models.read((db, table) => {
      for (const [model, among] of Map.groupBy(streams, modelOf)) {
        const rows = db
          .prepare(
            `SELECT stream, ${model === 'cases' ? 'ledger_number' : 'NULL AS ledger_number'}, number_organisation, number_kind,
              number_year, number_sequence, number_index FROM ${table(model)}
             WHERE present = 1 AND stream IN (SELECT value FROM json_each(?))`,
          )
          .all(JSON.stringify(among)) as unknown as Readonly<Record<string, Cell>>[]
        for (const row of rows) {
          const isThere = row.number_index !== null && (row.number_index as number) < asOf
          const number = row.ledger_number ?? (isThere ? seriesNumber(row, numberText) : null)
          if (number !== null) found.set(row.stream as string, number as string)
        }
      }
    })
    return found
  }

  /**
   * Streams of the cases that a text names exactly: their id, their number, their ledger's number. A number without its
   * organisation may name several.
   * @throws NotBuiltYet
   */
  findCases(text: string, scope?: Scope): string[] {
    const wanted = text.trim()
    const { models } = this.#ports
    const byId = models.read((db, table) =>
      db.prepare(`SELECT stream FROM ${table('cases')} WHERE stream = ? AND present = 1`).get(`complaint-${wanted}`),
    ) as { stream: string } | undefined
    if (byId) return [byId.stream]
    const { items } = this.listCases({ query: wanted }, {}, scope)
    const exact = items.filter(({ number }) => number === wanted)
    const loose = /^\d{4}-\d+$|^\d+$/.test(wanted) ? items.filter(({ ledger }) => ledger === null) : []
    return (exact.length > 0 ? exact : loose).map(({ stream }) => stream)
  }

  #knownTotals(rows: RowTables): Totals {
    const found = rows.db.prepare("SELECT * FROM projection WHERE name = 'cases' AND live = 1").get()
    const { generation, checkpoint } = found as unknown as BuildRow
    const at = `${generation} ${checkpoint}`
    if (this.#totals.at !== at) this.#totals = { at, known: new Map() }
    return this.#totals.known
  }
}

const casesOf = (db: DatabaseSync, table: LiveTable): RowTables => ({
  db,
  main: table('cases'),
  people: table('cases', 'people'),
})

/** The read model that holds the rows of a stream's category. */
const modelOf = (stream: string): 'cases' | 'visits' | 'matters' => {
  const category = categoryOf(stream)
  return category === 'complaint' ? 'cases' : category === 'visit' ? 'visits' : 'matters'
}
