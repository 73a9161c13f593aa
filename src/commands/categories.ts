/** What the application layer adds to each decider: owners, what rights look at, subjects, and rules that look beyond a stream. */
import { decideAccess, type Principal } from '../domain/access.ts'
import { calendarDecider, calendarStream } from '../domain/calendar/calendar.ts'
import { complaintDecider, visitWithMisses } from '../domain/categories.ts'
import type { ComplaintState } from '../domain/complaint/state.ts'
import { cycleDecider } from '../domain/cycle/cycle.ts'
import { ratingDecider } from '../domain/cycle/rating.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import { ledgerDecider } from '../domain/ledger.ts'
import { recordDecider } from '../domain/office-record.ts'
import { policyDecider } from '../domain/policy.ts'
import { runRecordDecider } from '../domain/rating/run-record.ts'
import { schemeDecider } from '../domain/rating/scheme.ts'
import { officeDecider } from '../domain/registry/office.ts'
import { organisationDecider } from '../domain/registry/organisation.ts'
import { personDecider } from '../domain/registry/person.ts'
import { subjectsDecider } from '../domain/registry/subjects.ts'
import { workerDecider } from '../domain/registry/worker.ts'
import type { VisitState } from '../domain/visit.ts'
import type { Directory } from '../projections/directory.ts'
import type { Vault } from '../trust/ports.ts'
import { rememberPersons } from '../trust/repeats.ts'
import type { Category, CheckRequest } from './execute.ts'
import type { Facts } from './facts.ts'
import { ledgerStream, organisationIdOf } from './ids.ts'
import { type RatingCheckPorts, ratingChecks } from './rating-checks.ts'
import { supervisionCategories } from './supervision-categories.ts'

/** The first organisation in which the person may do this; the operator acts for the one at the top. */
const ownOrganisationIn = (directory: Directory) => (permission: string) => {
  return (_body: unknown, principal: Principal): string | undefined => {
    if (principal.operator)
      return directory.organisations().find(({ parent, dissolved }) => parent === undefined && !dissolved)?.id
    return principal.grants.find(
      (grant) =>
        decideAccess(principal, {
          permission,
          resource: { organisation: grant.organisation, division: grant.division },
        }).allow,
    )?.organisation
  }
}

const nothingMore = () => ({})
const noSubject = () => undefined

/** Which body fields name somebody or something of the registry, and how each is found. */
function checkNames(directory: Directory) {
  const known = {
    person: (id: string) => directory.person(id) !== undefined,
    office: (id: string) => directory.office(id) !== undefined,
    worker: (id: string) => directory.worker(id) !== undefined,
    organisation: (id: string) => directory.organisation(id) !== undefined,
  }
  const code = {
    person: 'person-unknown',
    office: 'office-unknown',
    worker: 'worker-unknown',
    organisation: 'organisation-unknown',
  } as const
  return (
    { action, body }: { readonly action: string; readonly body: unknown },
    fields: Readonly<Record<string, keyof typeof known>>,
  ): Refusal | undefined => {
    // What a correction touches was known when it was recorded.
    if (action.startsWith('void:')) return undefined
    for (const [field, kind] of Object.entries(fields)) {
      const value = (body as Record<string, unknown>)[field]
      const ids = Array.isArray(value) ? value : [value]
      for (const [place, id] of ids.entries())
        if (typeof id === 'string' && !known[kind](id))
          return refusal(code[kind], undefined, { pointer: Array.isArray(value) ? `/${field}/${place}` : `/${field}` })
    }
    return undefined
  }
}

/** All categories that commands reach. */
export function createCategories(
  directory: Directory,
  vault: Pick<Vault, 'remember'>,
  stars: RatingCheckPorts,
  facts: () => Facts,
): Readonly<Record<string, Category>> {
  const check = checkNames(directory)
  const starRules = ratingChecks(stars, directory)
  const ownOrganisation = ownOrganisationIn(directory)
  const complaint: Category<ComplaintState> = {
    decider: complaintDecider,
    numbered: 'complaint',
    resource: (state) => ({
      ...(state.respondentOffice ? { respondentOffice: state.respondentOffice } : {}),
      ...(state.registeredBy ? { registeredBy: state.registeredBy } : {}),
      investigators: state.investigators,
      recused: state.recused,
      ...(state.readers && state.readers.length > 0 ? { readers: state.readers } : {}),
      archived: state.status === 'archived',
      referred: state.committee !== undefined,
    }),
    subject: (state) => state.subject,
    owner: ownOrganisation('complaint.register'),
    before: (events, organisation) => rememberPersons(vault, organisation, events, 'complainant'),
    check: async (request) =>
      check(request, {
        respondentOffice: 'office',
        respondentWorker: 'worker',
        worker: 'worker',
        firstContact: 'person',
        investigators: 'person',
        attendees: 'person',
        person: 'person',
        leader: 'person',
        readers: 'person',
        committee: 'organisation',
        to: 'organisation',
      }),
  }
  const visit: Category<VisitState> = {
    decider: visitWithMisses,
    numbered: 'visit',
    resource: nothingMore,
    subject: (state) => state.subject,
    owner: ownOrganisation('visit.register'),
    before: (events, organisation) => rememberPersons(vault, organisation, events, 'visitor'),
    check: async (request) =>
      check(request, {
        firstContact: 'person',
        handler: 'person',
        members: 'person',
        leader: 'person',
        person: 'person',
      }),
  }
  return {
    complaint: complaint as Category,
    ...supervisionCategories({ log: stars.log, people: directory, check, ownOrganisation, facts }),
    visit: visit as Category,
    organisation: {
      decider: organisationDecider,
      resource: nothingMore,
      subject: noSubject,
      // The first organisation owns itself.
      owner: (body, principal) => {
        const { parent, code } = body as { parent?: string; code: string }
        return parent ?? principal.grants[0]?.organisation ?? organisationIdOf(code)
      },
      // One stream a code, so that two who race for a code are told apart by the store.
      streamOf: (body) => `organisation-${organisationIdOf((body as { code: string }).code)}`,
      check: async (request) => {
        const { action, body } = request
        const { code } = body as { code?: string }
        if (action === 'register' && code !== undefined && directory.organisationByCode(code) !== undefined)
          return refusal('organisation-code-taken', undefined, { pointer: '/code' })
        return check(request, { parent: 'organisation', successor: 'organisation' })
      },
    },
    office: {
      decider: officeDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: (body) => (body as { organisation: string }).organisation,
      check: async (request) => check(request, { organisation: 'organisation' }),
    },
    worker: {
      decider: workerDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: (body) => directory.office((body as { office: string }).office)?.organisation,
      check: async (request) => check(request, { office: 'office', to: 'office' }),
    },
    person: {
      decider: personDecider,
      resource: (_state, id) => ({ person: id }),
      subject: noSubject,
      owner: (body) => (body as { organisation: string }).organisation,
      check: async (request) => {
        const { action, body, mayIn } = request
        const unknown = check(request, { organisation: 'organisation', office: 'office' })
        if (unknown) return unknown
        // A role is power in the organisation (for an office's account: over the office) it is granted for: the right is asked there
        // too, however the grant comes to stand or to fall.
        const { role, organisation, office } = body as { role?: string; organisation?: string; office?: string }
        if (role !== undefined && organisation !== undefined && !mayIn('person.grantRole', organisation))
          return refusal('forbidden', 'S4-2', { pointer: '/organisation' })
        const officeOwner = office === undefined ? undefined : directory.office(office)?.organisation
        if (role !== undefined && officeOwner !== undefined && !mayIn('person.grantRole', officeOwner))
          return refusal('forbidden', 'S4-2', { pointer: '/office' })
        return action === 'register' && organisation !== undefined && !mayIn('person.register', organisation)
          ? refusal('forbidden', 'S4-2', { pointer: '/organisation' })
          : undefined
      },
    },
    subjects: {
      decider: subjectsDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('subjects.link'),
    },
    ledger: {
      decider: ledgerDecider,
      resource: nothingMore,
      subject: noSubject,
      streamOf: (body, organisation) => ledgerStream(organisation, (body as { source: string }).source),
    },
    calendar: {
      decider: calendarDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('calendar.publish'),
      streamOf: (body) => calendarStream(body as Parameters<typeof calendarStream>[0]),
    },
    scheme: {
      decider: schemeDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('scheme.publish'),
      streamOf: (body) => `scheme-${(body as { scheme: { id: string } }).scheme.id}`,
    },
    ratingrun: {
      decider: runRecordDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('ratingrun.record'),
    },
    cycle: {
      decider: cycleDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('cycle.open'),
      check: async (request) => starRules.cycle(request as CheckRequest),
    },
    // One stream an office: its rating and its record are about the office whose id they carry.
    rating: {
      decider: ratingDecider,
      resource: (_state, id) => ({ respondentOffice: id }),
      subject: noSubject,
      owner: ownOrganisation('rating.enrol'),
      streamOf: (body) => `rating-${(body as { office: string }).office}`,
      check: async (request) =>
        check(request, {
          office: 'office',
          inspectors: 'person',
          scorers: 'person',
          assessors: 'person',
          checkedBy: 'person',
          decidedBy: 'person',
          proposedBy: 'person',
        }) ?? starRules.rating(request as CheckRequest),
    },
    record: {
      decider: recordDecider,
      resource: (_state, id) => ({ respondentOffice: id }),
      subject: noSubject,
      owner: ownOrganisation('record.open'),
      streamOf: (body) => `record-${(body as { office: string }).office}`,
      check: async (request) => check(request, { office: 'office', worker: 'worker' }),
    },
    limits: {
      decider: policyDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('limits.publish'),
      streamOf: (_body, organisation) => `limits-${organisation}`,
    },
  }
}
