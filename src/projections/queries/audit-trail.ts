/** The global audit trail: who, recorded when, effective when, what, by which rule; newest first, paged by index. */
import { type Actor, type Basis, type Corrects, categoryOf } from '../../domain/event.ts'
import { boundMs, type EffectiveTime, sortKey } from '../../domain/time.ts'
import type { EventLog } from '../../store/port.ts'
import { wordKinds } from '../audit.ts'
import type { DeciderOf } from '../projection.ts'
import type { ReadModels } from '../tables.ts'
import { decodeCursor, encodeCursor, type PageOf, type PageRequest } from './cursor.ts'
import { type OrganisationTree, organisationsWithin } from './scope.ts'

export interface AuditFilter {
  /** Division codes: the organisations in and below them. */
  readonly divisions?: readonly string[]
  readonly organisations?: readonly string[]
  /** A person's id, `reactor:<name>` or `operator`. */
  readonly actor?: string
  readonly types?: readonly string[]
  readonly categories?: readonly string[]
  /** When it was recorded; dates include their whole day. */
  readonly recordedFrom?: EffectiveTime
  readonly recordedTo?: EffectiveTime
  /** When it happened. */
  readonly effectiveFrom?: EffectiveTime
  readonly effectiveTo?: EffectiveTime
  /** Number of events the trail knows; default all that the read model holds. */
  readonly asOf?: number
}

export interface AuditEntry {
  readonly index: number
  readonly id: string
  readonly stream: string
  readonly revision: number
  readonly type: string
  readonly recordedAt: string
  readonly effectiveAt: EffectiveTime
  readonly actor: Actor
  readonly organisation: string
  readonly rule: string
  readonly basis?: Basis
  readonly corrects?: Corrects
}

/**
 * A page of the trail.
 * @throws CursorInvalid, NotBuiltYet
 */
export function auditTrail(
  models: ReadModels,
  log: EventLog,
  deciders: DeciderOf,
  tree: OrganisationTree,
  filter: AuditFilter,
  page: PageRequest,
): PageOf<AuditEntry> {
  const place = page.cursor === undefined ? undefined : decodeCursor(page.cursor, ['number'])
  const { total, found } = models.read((db, table) => {
    const conditions: string[] = ['1']
    const values: (string | number)[] = []
    const among = (column: string, kind: number, words: readonly string[] | undefined) => {
      if (!words) return
      // Words become numbers first: what is scanned is a table of numbers.
      const known = db
        .prepare(
          `SELECT id FROM ${table('audit', 'words')} WHERE kind = ? AND word IN (SELECT value FROM json_each(?))`,
        )
        .all(kind, JSON.stringify(words)) as unknown as { id: number }[]
      conditions.push(`${column} IN (${known.map(({ id }) => id).join(', ')})`)
    }
    const bound = (sql: string, time: EffectiveTime | undefined, toMs: (time: EffectiveTime) => number) => {
      if (time === undefined) return
      conditions.push(sql)
      values.push(toMs(time))
    }
    among('organisation', wordKinds.organisation, filter.organisations)
    among('organisation', wordKinds.organisation, filter.divisions && organisationsWithin(tree, filter.divisions))
    among('actor', wordKinds.actor, filter.actor === undefined ? undefined : [filter.actor])
    among('type', wordKinds.type, filter.types)
    among('category', wordKinds.category, filter.categories)
    bound('recorded_ms >= ?', filter.recordedFrom, sortKey)
    bound('recorded_ms <= ?', filter.recordedTo, boundMs)
    bound('effective_ms >= ?', filter.effectiveFrom, sortKey)
    bound('effective_ms <= ?', filter.effectiveTo, boundMs)
    if (filter.asOf !== undefined) {
      conditions.push('idx < ?')
      values.push(filter.asOf)
    }
    const where = conditions.join(' AND ')
    const audit = table('audit')
    const counted = db.prepare(`SELECT count(*) AS n FROM ${audit} WHERE ${where}`).get(...values)
    const rows = db
      .prepare(`SELECT idx FROM ${audit} WHERE ${where}${place ? ' AND idx < ?' : ''} ORDER BY idx DESC LIMIT ?`)
      .all(...values, ...(place ?? []), page.limit === undefined ? -1 : page.limit + 1)
    return { total: (counted as { n: number }).n, found: rows as unknown as { idx: number }[] }
  })
  const shown = page.limit === undefined ? found : found.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    total,
    items: shown.map(({ idx }) => entryAt(log, deciders, idx)),
    ...(last && shown.length < found.length ? { next: encodeCursor([last.idx]) } : {}),
  }
}

function entryAt(log: EventLog, deciders: DeciderOf, index: number): AuditEntry {
  const [envelope] = log.envelopes(index, 1)
  const { id, stream, revision, type, recordedAt, effectiveAt, actor, organisation, basis, corrects } = envelope!
  const rule = basis?.rule ?? deciders(categoryOf(stream))?.events[type]?.rule ?? 'ADR-0002'
  return {
    index,
    id,
    stream,
    revision,
    type,
    recordedAt,
    effectiveAt,
    actor,
    organisation,
    rule,
    ...(basis ? { basis } : {}),
    ...(corrects ? { corrects } : {}),
  }
}
