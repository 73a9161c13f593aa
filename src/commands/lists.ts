/** Lists as tables of texts, for files: the same rows, filters and rights as the lists on the screen, page by page. */
import type { Principal } from '../domain/access.ts'
import {
  channelTerms,
  complaintStatusTerms,
  natureTerms,
  outcomeTerms,
  procedureTerms,
  reviewTerms,
  violationTerms,
} from '../domain/catalogue/complaint-terms.ts'
import { eventTitle } from '../domain/catalogue/index.ts'
import {
  actorTerms,
  consultationTerms,
  type ListName,
  listColumns,
  standingTerms,
  suggestionTerms,
  yesNo,
} from '../domain/catalogue/lists.ts'
import { registryKindTerms, roleTerms } from '../domain/catalogue/registry.ts'
import { type TermTable, term } from '../domain/catalogue/terms.ts'
import { serviceItemTerms, visitChannelTerms, visitStatusTerms } from '../domain/catalogue/visit.ts'
import type { ComplaintState } from '../domain/complaint/state.ts'
import type { Actor } from '../domain/event.ts'
import { correctedSteps, fold, stepsUntil } from '../domain/history.ts'
import type { EffectiveTime } from '../domain/time.ts'
import type { ExportColumn, ExportRow } from '../ledger/export.ts'
import type { Directory } from '../projections/directory.ts'
import type { AuditEntry, AuditFilter, CaseFilter, PageRequest, VisitFilter } from '../projections/queries/index.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { Category } from './execute.ts'
import { OWN_LIST } from './ids.ts'
import type { Answer, AskedBounds, Reading } from './reading.ts'

export { OWN_LIST } from './ids.ts'

/** A list on its way into a file. */
export interface Table {
  readonly columns: readonly ExportColumn[]
  readonly rows: AsyncIterable<ExportRow>
}

/** What tables need of the service. */
export interface ListPorts {
  readonly reading: Reading
  readonly people: Directory
  readonly log: EventLog
  readonly categories: Readonly<Record<string, Category>>
}

/** Rows fetched at once. */
const PAGE = 500
/** Steps that an import records; a case with any other has moved on here. */
const IMPORTED = new Set(['CaseImported', 'ImportedMilestone', 'ImportedFieldsAdded', 'ImportedFieldsChanged'])

/** The columns of a list. */
export const columnsOf = (list: ListName): ExportColumn[] =>
  Object.entries(listColumns[list]).map(([name, header]) => ({ name, header }))

const SHANGHAI_MS = 8 * 60 * 60 * 1000

/** A time as lists write it: a day as it is, an instant in Shanghai's time, to the second or the millisecond. */
export function timeText(time: EffectiveTime | null | undefined): string {
  if (time === null || time === undefined || time.length === 10) return time ?? ''
  const text = new Date(Date.parse(time) + SHANGHAI_MS).toISOString()
  return `${text.endsWith('.000Z') ? text.slice(0, 19) : text.slice(0, 23)}+08:00`
}

/** A time as people read it on paper and on the terminal: a day as it is, an instant in Shanghai's time to the minute. */
export const printedTime = (time: EffectiveTime | null): string => timeText(time).replace('T', ' ').slice(0, 16)

/** A word of a closed list in Chinese; nothing for nothing. */
export const titled = (table: TermTable, key: string | null | undefined): string =>
  key === null || key === undefined ? '' : term(table, key)

interface PageOfItems<Item> {
  readonly items: readonly Item[]
  readonly next?: string | undefined
}

/** All pages of a list; the first is asked for before anything is written, so that a refusal is one. */
async function allPages<Item>(
  page: (request: PageRequest) => Promise<Answer<PageOfItems<Item>>>,
): Promise<Answer<AsyncIterable<Item>>> {
  const first = await page({ limit: PAGE })
  if (!first.ok) return first
  const items = async function* () {
    let { value } = first
    for (;;) {
      yield* value.items
      if (value.next === undefined) return
      const more = await page({ limit: PAGE, cursor: value.next })
      if (!more.ok) throw new Error(more.refusal.code)
      value = more.value
    }
  }
  return { ok: true, value: items() }
}

/** A list's pages as a table. */
export async function tableOf<Item>(
  list: ListName,
  page: (request: PageRequest) => Promise<Answer<PageOfItems<Item>>>,
  rowOf: (item: Item) => ExportRow,
): Promise<Answer<Table>> {
  const found = await allPages(page)
  if (!found.ok) return found
  const rows = async function* () {
    for await (const item of found.value) yield rowOf(item)
  }
  return { ok: true, value: { columns: columnsOf(list), rows: rows() } }
}

/** The list of complaints as a table. */
export function complaintTable(
  ports: ListPorts,
  principal: Principal,
  filter: CaseFilter,
  asked: AskedBounds,
): Promise<Answer<Table>> {
  const { reading, people } = ports
  const organisation = organisationName(ports)
  return tableOf(
    'complaints',
    (page) => reading.list(principal, filter, page, asked),
    (item) => {
      const imported = item.imported ? importedState(ports, `complaint-${item.case}`, item.lastIndex, asked) : undefined
      // What an exported list brought reads as it read there, until the case moves on here.
      const there = imported?.source === OWN_LIST && !imported.movedOn
      const plain = imported?.plain ?? {}
      const office = item.respondentOffice === null ? undefined : people.office(item.respondentOffice)?.name
      const worker = item.respondentWorker === null ? undefined : people.worker(item.respondentWorker)?.licence
      const own: Record<string, string> = {
        case: item.case,
        organisation: organisation(item.organisation),
        state: titled(complaintStatusTerms, item.status),
        ledger: item.ledger ?? '',
        channel: titled(channelTerms, item.channel),
        nature: titled(natureTerms, item.nature),
        procedure: titled(procedureTerms, item.procedure),
        kind: titled(violationTerms, item.kind),
        anonymous: yesNo(item.anonymous),
        worker: worker ?? item.respondentWorker ?? '',
        decidedAt: timeText(item.decidedAt),
        archivedAt: timeText(item.archivedAt),
        outcome: titled(outcomeTerms, item.outcome),
        throughFault: yesNo(item.throughFault),
        review: titled(reviewTerms, item.review),
      }
      if (imported?.source === OWN_LIST)
        for (const name of Object.keys(own)) if (there || own[name] === '') own[name] = plain[name] ?? ''
      return {
        ...own,
        number: item.number ?? '',
        ledgerState: item.ledgerStatus ?? '',
        office: office ?? item.respondentOffice ?? plain.office ?? '',
        receivedAt: timeText(item.receivedAt),
        acceptedAt: timeText(item.acceptedAt),
        repliedAt: timeText(item.repliedAt),
        closedAt: timeText(item.closedAt),
      }
    },
  )
}

/** The plain cells of an imported case within the bounds, and whether it has taken a step that no ledger brought. */
function importedState(ports: ListPorts, stream: string, lastIndex: number, asked: AskedBounds) {
  const { decider } = ports.categories.complaint!
  // The row's last event bounds what the list knew of it.
  const events = decodeStream(ports.log.stream(stream, lastIndex + 1), decider.events)
  const steps = stepsUntil(correctedSteps(events), asked.effectiveAt)
  const { imported } = fold(decider, steps) as ComplaintState
  return imported && { ...imported, movedOn: steps.some(({ type }) => !IMPORTED.has(type)) }
}

/** The list of visits as a table. */
export function visitTable(
  ports: ListPorts,
  principal: Principal,
  filter: VisitFilter,
  asked: AskedBounds,
): Promise<Answer<Table>> {
  const organisation = organisationName(ports)
  const person = personName(ports)
  return tableOf(
    'visits',
    (page) => ports.reading.visits(principal, filter, page, asked),
    (item) => ({
      visit: item.visit,
      number: item.number ?? '',
      organisation: organisation(item.organisation),
      state: titled(visitStatusTerms, item.status),
      channel: titled(visitChannelTerms, item.channel),
      item: titled(serviceItemTerms, item.item),
      registeredAt: timeText(item.registeredAt),
      closedAt: timeText(item.closedAt),
      answered: yesNo(item.answered),
      consultation: titled(consultationTerms, item.consultation),
      suggestion: titled(suggestionTerms, item.suggestion),
      complaint: item.complaint ?? '',
      firstContact: person(item.firstContact),
      handler: person(item.handler),
    }),
  )
}

/** The audit trail as a table. */
export function auditTable(ports: ListPorts, principal: Principal, filter: AuditFilter): Promise<Answer<Table>> {
  const organisation = organisationName(ports)
  return tableOf<AuditEntry>(
    'audit',
    async (page) => ports.reading.audit(principal, filter, page),
    (entry) => ({
      index: entry.index,
      recordedAt: timeText(entry.recordedAt),
      effectiveAt: timeText(entry.effectiveAt),
      title: eventTitle(entry.type),
      type: entry.type,
      stream: entry.stream,
      revision: entry.revision,
      organisation: organisation(entry.organisation),
      actor: actorText(ports.people, entry.actor),
      role: 'person' in entry.actor ? titled(roleTerms, entry.actor.role) : '',
      rule: entry.rule,
      corrects: entry.corrects?.event ?? '',
      id: entry.id,
    }),
  )
}

/** A list that is whole already, such as the registry's, as a table: properties by the names of the columns. */
export function registryTable(
  ports: Pick<ListPorts, 'people'>,
  list: 'organisations' | 'offices' | 'persons' | 'cycles',
  items: readonly object[],
): Table {
  const organisation = organisationName(ports)
  const rows = async function* () {
    for (const item of items as readonly Record<string, unknown>[]) {
      const row: Record<string, string | number> = {}
      for (const name of Object.keys(listColumns[list])) {
        const value = item[name]
        if (name === 'kind') row[name] = titled(registryKindTerms, value as string)
        else if (name === 'organisation' || name === 'parent') row[name] = organisation(value as string | undefined)
        else if (name === 'roles')
          row[name] = (item.grants as readonly { role: string }[]).map(({ role }) => term(roleTerms, role)).join('、')
        else if (name === 'status' && list === 'persons')
          row[name] = titled(standingTerms, item.disabled ? 'disabled' : 'active')
        else if (name === 'status') row[name] = titled(standingTerms, value as string)
        else if (typeof value === 'boolean') row[name] = yesNo(value)
        else row[name] = typeof value === 'string' || typeof value === 'number' ? value : ''
      }
      yield row
    }
  }
  return { columns: columnsOf(list), rows: rows() }
}

/** Who did something, as lists write it: a person's name, the operator, or which part of the service. */
export const actorText = (people: Directory, actor: Actor): string =>
  'person' in actor
    ? (people.person(actor.person)?.name ?? actor.person)
    : 'reactor' in actor
      ? `${term(actorTerms, 'reactor')}：${actor.reactor}`
      : term(actorTerms, 'operator')

export const organisationName =
  ({ people }: Pick<ListPorts, 'people'>) =>
  (id: string | undefined): string =>
    id === undefined ? '' : (people.organisation(id)?.name ?? id)

export const personName =
  ({ people }: Pick<ListPorts, 'people'>) =>
  (id: string | null | undefined): string =>
    id === null || id === undefined ? '' : (people.person(id)?.name ?? id)
