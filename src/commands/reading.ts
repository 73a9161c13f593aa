/**
 * Reading, decided before anything is opened: who may see which rows and cases, then the sealed fields he may read. Past data are
 * read under today's rights.
 */
import { type AccessDecision, decideAccess, type Principal, type Resource, type Seal } from '../domain/access.ts'
import { purposeOpened } from '../domain/archive.ts'
import { clockStatus } from '../domain/calendar/status.ts'
import { clockTitle, eventTitle } from '../domain/catalogue/index.ts'
import { deciderOf } from '../domain/categories.ts'
import type { Clock } from '../domain/clock.ts'
import type { ComplaintState } from '../domain/complaint/state.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { categoryOf, type Step } from '../domain/event.ts'
import { EVIDENCE_ADDED } from '../domain/evidence.ts'
import { correctedSteps, fold } from '../domain/history.ts'
import { lightsFor } from '../domain/policy.ts'
import type { Ciphertext } from '../domain/sealed.ts'
import { dateOf, type EffectiveTime, instantOfMs } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import { matterCategories } from '../projections/matters/facts.ts'
import {
  type AuditEntry,
  type AuditFilter,
  type Bounds,
  type CaseFilter,
  type CaseItem,
  CaseQueries,
  type MatterFilter,
  type PageOf,
  type PageRequest,
  resolveAsOf,
  resolveEffectiveAt,
  scopeFor,
  type VisitFilter,
} from '../projections/queries/index.ts'
import type { RuleBook } from '../projections/rulebook.ts'
import type { ReadModels } from '../projections/tables.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventLog } from '../store/port.ts'
import type { AccessLog, Vault } from '../trust/ports.ts'
import { openSteps, openValue, placesOf } from '../trust/sealing.ts'
import { type Category, type CommandPorts, deniedBecause, type Execute } from './execute.ts'
import type { SearchReading } from './search.ts'

export interface ReadingPorts {
  readonly log: EventLog
  readonly vault: Vault
  readonly models: ReadModels
  readonly people: Directory
  readonly book: RuleBook
  readonly categories: Readonly<Record<string, Category>>
  readonly holderOf: CommandPorts['holderOf']
  readonly nextActions: Execute['nextActions']
  readonly numberText: (organisation: string, kind: string, year: number, sequence: number) => string
  readonly accessLog: AccessLog
  readonly search: Pick<SearchReading, 'listed'>
  readonly now: () => number
}

/** The bounds of a view as a person writes them. */
export interface AskedBounds {
  readonly asOf?: string | undefined
  readonly effectiveAt?: string | undefined
}

/** The bounds as resolved: printed with every answer. `asOf` is the index of the last event the view knows; -1 for none. */
export interface ShownBounds {
  readonly asOf: number
  readonly effectiveAt: EffectiveTime
}

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly refusal: Refusal }

const no = (value: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal: value })
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

/** A clock as people see it: due date derived now, light computed, never stored. */
export interface ShownClock {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly startedAt: EffectiveTime
  readonly limit?: string
  readonly due?: EffectiveTime
  readonly provisional: boolean
  readonly state: string
  readonly light: string
  readonly workdaysLeft?: number
  readonly rule: string
}

export function createReading(ports: ReadingPorts) {
  const { log, vault, people, book, categories, holderOf } = ports
  const queries = new CaseQueries({
    models: ports.models,
    log,
    deciders: deciderOf,
    directory: people,
    numberText: ports.numberText,
  })

  function resolveBounds(asked: AskedBounds): Answer<{ bounds: Bounds; shown: ShownBounds; isNow: boolean }> {
    const asOf = resolveAsOf(asked.asOf, log)
    if (!asOf.ok) return no(asOf.refusal)
    const effectiveAt = resolveEffectiveAt(asked.effectiveAt)
    if (!effectiveAt.ok) return no(effectiveAt.refusal)
    const isNow = asked.asOf === undefined && asked.effectiveAt === undefined
    const bounds: Bounds = {
      asOf: asOf.value,
      ...(effectiveAt.value === undefined ? {} : { effectiveAt: effectiveAt.value }),
    }
    const shown = { asOf: asOf.value - 1, effectiveAt: effectiveAt.value ?? instantOfMs(ports.now()) }
    return { ok: true, value: { bounds, shown, isNow } }
  }

  /** A case's rights as of now, whatever moment is read. */
  function resourceOf(stream: string): { resource: Resource; state: unknown; steps: readonly Step[] } | undefined {
    const category = categories[categoryOf(stream)]
    if (!category) return undefined
    const events = decodeStream(log.stream(stream), category.decider.events)
    const last = events.at(-1)
    if (!last) return undefined
    const steps = correctedSteps(events)
    const state = fold(category.decider, steps)
    const resource = { ...category.resource(state as never, idOf(stream)), ...holderOf(last.organisation) }
    return { resource, state, steps }
  }

  function accessTo(
    principal: Principal,
    stream: string,
    permission: 'read' | 'history',
  ): { access: AccessDecision; resource?: Resource; state?: unknown; purpose?: string } {
    const found = resourceOf(stream)
    if (!found) return { access: { allow: false, why: 'unknown' } }
    const purpose = purposeOpened(found.steps, principal.person, ports.now())
    const access = decideAccess(principal, {
      permission: `${categoryOf(stream)}.${permission}`,
      resource: found.resource,
      ...(purpose === undefined ? {} : { purpose }),
    })
    return { access, ...found, ...(purpose === undefined ? {} : { purpose }) }
  }

  /** Which ciphertexts this reader may open: all, the case's own texts, or none. */
  const mayOpen = (seal: Seal, caseSubject: string | undefined) => (cipher: Ciphertext) =>
    seal === 'open' || (seal === 'case-only' && caseSubject !== undefined && cipher.sub === caseSubject)

  function noteOpened(principal: Principal, stream: string, seal: Seal, subjects: Iterable<string>, purpose?: string) {
    const opened = [...new Set(subjects)]
    if (seal !== 'withheld' && opened.length > 0)
      ports.accessLog.opened({
        person: principal.person,
        stream,
        subjects: opened,
        ...(purpose === undefined ? {} : { purpose }),
      })
  }

  /** Clocks with their due dates, by the rules known within the bounds. */
  function showClocks(clocks: readonly Clock[], at: EffectiveTime, asOf: number | undefined): ShownClock[] {
    const rules = book.rules(asOf)
    return clocks.map((clock) => {
      const division = holderOf(clock.organisation).division
      const chain = [clock.organisation, ...people.above(clock.organisation)]
      const status = clockStatus(clock, at, rules.calendars, lightsFor(rules.policies, chain, dateOf(at)), division)
      return {
        id: clock.id,
        kind: clock.kind,
        title: clockTitle(clock.kind),
        startedAt: clock.startedAt,
        ...(clock.limit === undefined ? {} : { limit: clock.limit }),
        ...(status.deadline.due === undefined ? {} : { due: status.deadline.due }),
        provisional: status.deadline.provisional,
        state: status.state,
        light: status.light,
        ...(status.workdaysLeft === undefined ? {} : { workdaysLeft: status.workdaysLeft }),
        rule: clock.rule,
      }
    })
  }

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

  const numberOf = (stream: string, asOf?: number): string | undefined =>
    (matterCategories.has(categoryOf(stream)) ? queries.matterNumber(stream, asOf) : queries.numberOf(stream, asOf)) ??
    undefined

  return {
    queries,
    resolveBounds,
    showClocks,
    /** Number of a case as people write it. */
    numberOf,

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

    /** One case file: what stands, parties as far as the reader may see, timeline, clocks, next lawful steps. */
    async show(principal: Principal, stream: string, asked: AskedBounds): Promise<Answer<object>> {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown, isNow } = resolved.value
      const { access, purpose } = accessTo(principal, stream, 'read')
      if (!access.allow) return no(deniedBecause(access.why))
      const file = queries.caseFile(stream, bounds)
      if (!file) return no(refusal('not-found'))
      const category = categories[categoryOf(stream)]!
      const state = file.state as ComplaintState
      const subject = category.subject(file.state as never)
      const may = mayOpen(access.seal, subject)
      const [timeline, parties] = await Promise.all([
        openTimeline(stream, file.timeline, may),
        openParties(stream, file.steps, may),
      ])
      noteOpened(
        principal,
        stream,
        access.seal,
        [subject, state.complainant].filter((each) => each !== undefined),
        purpose,
      )
      const item = categoryOf(stream) === 'complaint' ? queries.caseItem(stream, bounds.asOf) : undefined
      const { clocks: _clocks, subject: _subject, complainant: _complainant, ...visible } = state
      const organisation = file.timeline.at(-1)?.organisation ?? state.organisation
      return {
        ok: true,
        value: {
          case: idOf(stream),
          number: item?.number ?? numberOf(stream, bounds.asOf) ?? null,
          category: categoryOf(stream),
          ...shown,
          revision: file.revision,
          ...visible,
          parties,
          timeline: access.seal === 'withheld' ? timeline.map(withoutSubjects) : timeline,
          clocks: showClocks(file.clocks, shown.effectiveAt, bounds.asOf),
          next: isNow ? ports.nextActions(categoryOf(stream), idOf(stream), file.state, organisation, principal) : [],
        },
      }
    },

    /** Every event of a case: who, recorded when, effective when, what changed, which rule. */
    async history(principal: Principal, stream: string, asked: AskedBounds): Promise<Answer<object>> {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown } = resolved.value
      const { access, state, purpose } = accessTo(principal, stream, 'history')
      if (!access.allow) return no(deniedBecause(access.why))
      const recorded = queries.caseHistory(stream, bounds)
      if (!recorded) return no(refusal('not-found'))
      const category = categories[categoryOf(stream)]!
      const subject = category.subject(state as never)
      const may = mayOpen(access.seal, subject)
      const places = placesOf(recorded)
      const opened = await openValue(
        vault,
        stream,
        recorded.map(({ sealedBy: _sealedBy, ...event }) => ({ ...event, title: eventTitle(event.type) })),
        places,
        may,
      )
      noteOpened(principal, stream, access.seal, subject === undefined ? [] : [subject], purpose)
      const events = access.seal === 'withheld' ? opened.map(withoutIdentity) : opened
      return { ok: true, value: { case: idOf(stream), ...shown, events } }
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

    /** An evidence file of a case this person may read: its type and whose key opens it. */
    async evidenceOf(
      principal: Principal,
      stream: string,
      sha256: string,
    ): Promise<{ ok: true; subject: string; mediaType: string } | { ok: false; refusal: Refusal }> {
      const { access, state, purpose } = accessTo(principal, stream, 'read')
      if (!access.allow) return no(deniedBecause(access.why))
      const category = categories[categoryOf(stream)]!
      const subject = category.subject(state as never)
      const steps = correctedSteps(decodeStream(log.stream(stream), category.decider.events))
      const added = steps.find(
        (step) => step.type === EVIDENCE_ADDED && (step.data as { sha256: string }).sha256 === sha256,
      )
      if (!added || subject === undefined) return no(refusal('not-found'))
      if (access.seal === 'withheld') return no(refusal('forbidden'))
      noteOpened(principal, stream, access.seal, [subject], purpose)
      return { ok: true, subject, mediaType: (added.data as { mediaType: string }).mediaType }
    },

    /** Whether the person may do this to the case now, and the case's own subject. */
    mayAct(principal: Principal, stream: string, action: string): Answer<{ subject: string | undefined }> {
      const found = resourceOf(stream)
      if (!found) return no(refusal('not-found'))
      const access = decideAccess(principal, {
        permission: `${categoryOf(stream)}.${action}`,
        resource: found.resource,
      })
      if (!access.allow) return no(deniedBecause(access.why))
      const category = categories[categoryOf(stream)]!
      const notNow = category.decider.actions[action]?.when?.(found.state)
      if (notNow) return no(notNow)
      return { ok: true, value: { subject: category.subject(found.state as never) } }
    },
  }

  async function openTimeline(
    stream: string,
    timeline: NonNullable<ReturnType<CaseQueries['caseFile']>>['timeline'],
    may: (cipher: Ciphertext) => boolean,
  ): Promise<object[]> {
    const places = placesOf(timeline.flatMap((entry) => [entry, ...(entry.replaced ? [entry.replaced.was] : [])]))
    for (const entry of timeline)
      for (const correction of [entry.voided, entry.replaced])
        if (correction) {
          const { event, path } = correction.reasonSealedBy
          for (const [key] of placesOf([{ data: correction.reason, sealedBy: { event, path } }]))
            places.set(key, { event, path })
        }
    const plain = timeline.map(({ sealedBy: _own, voided, replaced, ...entry }) => ({
      ...entry,
      title: eventTitle(entry.type),
      ...(voided ? { voided: withoutPlaces(voided) } : {}),
      ...(replaced
        ? {
            replaced: {
              ...withoutPlaces(replaced),
              was: { effectiveAt: replaced.was.effectiveAt, data: replaced.was.data },
            },
          }
        : {}),
    }))
    return openValue(vault, stream, plain, places, may)
  }

  /** The persons of a case, from the steps that named them. */
  async function openParties(
    stream: string,
    steps: readonly Step[],
    may: (cipher: Ciphertext) => boolean,
  ): Promise<Record<string, unknown>> {
    const named = steps.filter((step) => {
      const data = step.data as Record<string, unknown>
      return 'complainant' in data || 'respondentPerson' in data || 'visitor' in data || 'person' in data
    })
    const opened = (await openSteps(vault, stream, named, may)) as Record<string, unknown>[]
    const parties: Record<string, unknown> = {}
    for (const data of opened)
      for (const key of ['complainant', 'respondentPerson', 'visitor', 'person'] as const) {
        const person = data[key]
        if (typeof person !== 'object' || person === null) continue
        const { subject: _subject, ...shown } = person as Record<string, unknown>
        parties[key] = shown
      }
    return parties
  }
}

/** Without the ids of subjects: by them somebody who may see no identity could tell that two cases are of one person. */
function withoutSubjects<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutSubjects) as Value
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'subject')
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutSubjects(item)])) as Value
}

/** A history entry without subjects, in its data and in what it changed. */
const withoutIdentity = <Entry extends { readonly changes: readonly { readonly path: string }[] }>(
  entry: Entry,
): Entry => ({
  ...withoutSubjects(entry),
  changes: entry.changes.filter(({ path }) => !/^(subject|complainant|visitor)(\/|$)/.test(path)),
})

const withoutPlaces = <T extends { reasonSealedBy: unknown }>({ reasonSealedBy: _place, ...rest }: T) => rest

export type Reading = ReturnType<typeof createReading>
