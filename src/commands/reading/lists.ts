/** Lists of what a person may see, live or within bounds, and the case that a text names. */
import { decideAccess, type Principal } from '../../domain/access.ts'
import { refusal } from '../../domain/decider.ts'
import { categoryOf } from '../../domain/event.ts'
import { matterCategories } from '../../projections/matters/facts.ts'
import {
  type AuditEntry,
  type AuditFilter,
  type CaseFilter,
  type CaseItem,
  type CaseQueries,
  type MatterFilter,
  type PageOf,
  type PageRequest,
  scopeFor,
  type VisitFilter,
} from '../../projections/queries/index.ts'
import type { AskedBounds, ResolveBounds } from './bounds.ts'
import { type Answer, idOf, no, type ReadingPorts } from './ports.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function createListReading(ports: ReadingPorts, queries: CaseQueries, resolveBounds: ResolveBounds) {
  const { log, people, holderOf } = ports

  const publicItem = (item: CaseItem) => {
    const {
      id,
      stream: _stream,
      subject: _subject,
      complainant: _c,
      recused: _r,
      readers: _n,
      clocks: _k,
      ...rest
    } = item
    const office = item.respondentOffice === null ? undefined : people.office(item.respondentOffice)
    return { case: id, ...rest, respondentOfficeName: office?.name ?? null }
  }

  return {
    /** Streams a text names: an id, a number. Nothing the person may not know of. */
    find(principal: Principal, category: string, text: string): string | undefined {
      if (category !== 'complaint') {
        const stream = `${category}-${text}`
        if (matterCategories.has(category) && log.stream(stream).length === 0) {
          const named = queries.findMatters(category, text, scopeFor(principal, category, people))
          return named.length === 1 ? named[0] : undefined
        }
        if (log.stream(stream).length > 0 || category !== 'visit')
          return log.stream(stream).length > 0 ? stream : undefined
        const { items } = queries.listVisits({ query: text }, {}, scopeFor(principal, 'visit', people))
        const numbered = items.filter(({ number }) => number === text)
        return numbered.length === 1 ? numbered[0]!.stream : undefined
      }
      const direct = `complaint-${text}`
      // A number never looks like an id; whether the case is there, everything that uses it finds out by itself.
      if (UUID.test(text)) return direct
      if (log.stream(direct).length > 0) return direct
      const found = queries.findCases(text, scopeFor(principal, 'complaint', people))
      return found.length === 1 ? found[0] : undefined
    },

    /** The list of complaints a person may see, live or within bounds. */
    async list(principal: Principal, filter: CaseFilter, page: PageRequest, asked: AskedBounds) {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown, isNow } = resolved.value
      const scope = scopeFor(principal, 'complaint', people)
      // The index knows the present only; a past list goes by numbers.
      const byText =
        isNow && filter.query !== undefined ? await ports.search.listed(principal, filter.query) : undefined
      if (byText && !byText.ok) return byText
      const found = isNow
        ? queries.listCases(byText ? { ...filter, found: byText.value } : filter, page, scope)
        : await queries.listCasesAsOf(filter, page, bounds, scope)
      const value = { ...shown, total: found.total, items: found.items.map(publicItem), next: found.next }
      return { ok: true as const, value }
    },

    /** The list of visits a person may see, live or within bounds. */
    async visits(principal: Principal, filter: VisitFilter, page: PageRequest, asked: AskedBounds) {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown, isNow } = resolved.value
      const scope = scopeFor(principal, 'visit', people)
      const found = isNow
        ? queries.listVisits(filter, page, scope)
        : await queries.listVisitsAsOf(filter, page, bounds, scope)
      const items = found.items.map(({ id, stream: _s, subject: _u, visitor: _v, clocks: _c, ...item }) => ({
        visit: id,
        ...item,
      }))
      return { ok: true as const, value: { ...shown, total: found.total, items, next: found.next } }
    },

    /** The list of one category besides complaints and visits, of what a person may see, live or within bounds. */
    async listMatters(
      principal: Principal,
      category: string,
      filter: MatterFilter,
      page: PageRequest,
      asked: AskedBounds,
    ) {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown, isNow } = resolved.value
      const scope = scopeFor(principal, category, people)
      const found = await queries.listMatters(category, filter, page, isNow ? {} : bounds, scope)
      const items = found.items.map(({ id, stream: _stream, about, ...rest }) => ({
        case: id,
        ...rest,
        officeName: rest.office === null ? null : (people.office(rest.office)?.name ?? null),
        about: about === null ? null : { category: categoryOf(about), case: idOf(about) },
      }))
      return { ok: true as const, value: { ...shown, total: found.total, items, next: found.next } }
    },

    /** The global audit trail of what the person may audit. */
    audit(principal: Principal, filter: AuditFilter, page: PageRequest): Answer<PageOf<AuditEntry>> {
      const organisations = people
        .organisations()
        .map(({ id }) => id)
        .filter((id) => decideAccess(principal, { permission: 'audit.read', resource: holderOf(id) }).allow)
      if (organisations.length === 0) return no(refusal('forbidden'))
      const asked = filter.organisations
      const allowed = asked ? organisations.filter((id) => asked.includes(id)) : organisations
      return {
        ok: true,
        value: queries.auditTrail(principal.operator ? filter : { ...filter, organisations: allowed }, page),
      }
    },
  }
}
