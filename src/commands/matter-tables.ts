/** The board and the lists of supervision items, return visits, reports, duties, penalties and discipline as tables for files. */
import type { Principal } from '../domain/access.ts'
import { clockStateTerms, lightTerms } from '../domain/catalogue/calendar.ts'
import { clockTitle } from '../domain/catalogue/index.ts'
import { type MatterListName, matterTerms } from '../domain/catalogue/lists.ts'
import { importanceTerms } from '../domain/catalogue/supervision.ts'
import type { TermTable } from '../domain/catalogue/terms.ts'
import type { BoardFilter } from '../projections/board/query.ts'
import type { MatterFilter } from '../projections/queries/index.ts'
import type { BoardReading } from './board.ts'
import { type ListPorts, organisationName, personName, type Table, tableOf, timeText, titled } from './lists.ts'
import type { Answer, AskedBounds } from './reading.ts'

/** The list of one category besides complaints and visits as a table. */
export function matterTable(
  ports: ListPorts,
  principal: Principal,
  list: MatterListName,
  category: string,
  filter: MatterFilter,
  asked: AskedBounds,
): Promise<Answer<Table>> {
  const { reading, people } = ports
  const organisation = organisationName(ports)
  const terms: { readonly state: TermTable; readonly kind: TermTable } = matterTerms[list]
  return tableOf(
    list,
    (page) => reading.listMatters(principal, category, filter, page, asked),
    (item) => ({
      case: item.case,
      number: item.number ?? '',
      organisation: organisation(item.organisation),
      state: titled(terms.state, item.status),
      kind: titled(terms.kind, item.kind),
      office: item.officeName ?? item.office ?? '',
      worker: item.worker === null ? '' : (people.worker(item.worker)?.licence ?? item.worker),
      importance: titled(importanceTerms, item.importance),
      about:
        item.about === null ? '' : (reading.numberOf(`${item.about.category}-${item.about.case}`) ?? item.about.case),
      from: item.from ?? '',
      until: item.until ?? '',
      openedAt: timeText(item.openedAt),
      closedAt: timeText(item.closedAt),
    }),
  )
}

/** The deadlines that calendars moved as a table, the latest first. */
export function movesTable(
  ports: ListPorts & { readonly board: BoardReading },
  principal: Principal,
  notice: string | undefined,
): Promise<Answer<Table>> {
  const organisation = organisationName(ports)
  return tableOf(
    'moves',
    async ({ limit, cursor }) => {
      const page = { limit: limit!, ...(cursor === undefined ? {} : { cursor }) }
      return { ok: true as const, value: ports.board.moves(principal, page, notice) }
    },
    (move) => ({
      number: ports.reading.numberOf(`${move.category}-${move.case}`) ?? '',
      clock: clockTitle(move.kind),
      unit: organisation(move.organisation),
      from: timeText(move.from),
      to: timeText(move.to),
      because: move.because,
      case: move.case,
    }),
  )
}

/** The board as a table: the items that match, by time left. */
export function boardTable(
  ports: ListPorts & { readonly board: BoardReading },
  principal: Principal,
  filter: BoardFilter,
  asked: AskedBounds,
): Promise<Answer<Table>> {
  const { people } = ports
  const organisation = organisationName(ports)
  const person = personName(ports)
  return tableOf(
    'board',
    ({ limit, cursor }) =>
      ports.board.board(principal, filter, { limit: limit!, ...(cursor === undefined ? {} : { cursor }) }, asked),
    (item) => ({
      light: titled(lightTerms, item.light),
      state: titled(clockStateTerms, item.state),
      due: timeText(item.due),
      left: item.workdaysLeft ?? null,
      clock: clockTitle(item.kind),
      number: item.number ?? '',
      unit: people.office(item.organisation)?.name ?? organisation(item.organisation),
      person: person(item.person),
      office: item.office === undefined ? '' : (people.office(item.office)?.name ?? item.office),
      importance: titled(importanceTerms, item.importance),
      rule: item.rule,
      case: item.case,
    }),
  )
}
