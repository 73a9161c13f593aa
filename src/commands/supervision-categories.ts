/** What the application layer adds to supervision, return visits, duties, penalties and discipline. */
import type { Principal, Resource } from '../domain/access.ts'
import { periodOf, type ReportKind, reportStream } from '../domain/bulletin.ts'
import { disciplineDecider, penaltyDecider, reportDecider } from '../domain/categories.ts'
import { type Refusal, refusal } from '../domain/decider.ts'
import type { DisciplineState } from '../domain/discipline/index.ts'
import { obligationDecider, obligationStream } from '../domain/obligation.ts'
import type { PenaltyState } from '../domain/penalty/index.ts'
import { practiceDecider } from '../domain/practice.ts'
import {
  type CardState,
  qualityCardDecider,
  qualityCardStream,
  type ReturnVisitState,
  returnPlanDecider,
  returnPlanStream,
  returnVisitDecider,
} from '../domain/return-visit/index.ts'
import { chargedUnits, type SupervisionState, supervisionDecider } from '../domain/supervision/index.ts'
import type { CivilDate } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'
import type { EventLog } from '../store/port.ts'
import type { Category, CheckRequest, FactsRequest } from './execute.ts'
import { type Facts, tokenHash } from './facts.ts'

/** Names a field may hold, and how each is found. */
export type CheckNames = (
  request: { readonly action: string; readonly body: unknown },
  fields: Readonly<Record<string, 'person' | 'office' | 'worker' | 'organisation'>>,
) => Refusal | undefined

export interface SupervisionPorts {
  readonly log: EventLog
  readonly people: Directory
  readonly check: CheckNames
  readonly ownOrganisation: (permission: string) => (body: unknown, principal: Principal) => string | undefined
  readonly facts: () => Facts
}

const nothingMore = () => ({})
const noSubject = () => undefined
const textOf = (body: unknown, field: string): string | undefined => {
  const value = (body as Record<string, unknown> | null)?.[field]
  return typeof value === 'string' ? value : undefined
}

export function supervisionCategories(ports: SupervisionPorts): Readonly<Record<string, Category>> {
  const { log, people, check, ownOrganisation, facts } = ports

  /** A case that is named is there: its rights are asked when it is read. */
  function knownCase(category: string | undefined, id: string | undefined, pointer: string): Refusal | undefined {
    if (category === undefined || id === undefined) return undefined
    return log.stream(`${category}-${id}`).length > 0 ? undefined : refusal('case-unknown', undefined, { pointer })
  }

  /** Units are organisations or offices. */
  const unitKnown = (unit: string | undefined, pointer: string): Refusal | undefined =>
    unit === undefined || people.organisation(unit) || people.office(unit)
      ? undefined
      : refusal('organisation-unknown', undefined, { pointer })

  function chargedOf(state: SupervisionState): Pick<Resource, 'charged' | 'respondentOffice'> {
    const units = chargedUnits(state)
    const office = units.find((unit) => people.office(unit) !== undefined)
    const charged = units.flatMap((unit) => {
      const holder = people.current(unit) ?? people.organisation(unit)
      return holder ? [{ organisation: holder.id, division: holder.division }] : []
    })
    return { ...(charged.length > 0 ? { charged } : {}), ...(office === undefined ? {} : { respondentOffice: office }) }
  }

  const isChase = (action: string): boolean => action === 'chase' || action === 'replace:SupervisionActionTaken'

  function checkSupervision({ action, body }: CheckRequest<SupervisionState>): Refusal | undefined {
    if (action.startsWith('void:')) return undefined
    const asked = body as {
      about?: { category: string; case: string }
      tasks?: readonly Record<string, unknown>[]
      criticised?: readonly string[]
    }
    for (const [place, task] of (asked.tasks ?? []).entries()) {
      const unknown =
        unitKnown(textOf(task, 'unit'), `/tasks/${place}/unit`) ??
        check({ action, body: task }, { leader: 'person', handler: 'person' })
      if (unknown)
        return unknown.pointer?.startsWith('/tasks')
          ? unknown
          : { ...unknown, pointer: `/tasks/${place}${unknown.pointer}` }
    }
    return (
      unitKnown(textOf(body, 'unit'), '/unit') ??
      knownCase(asked.about?.category, asked.about?.case, '/about/case') ??
      check(
        { action, body },
        {
          leader: 'person',
          officer: 'person',
          handler: 'person',
          // Who chased; of an extension it is how long.
          ...(isChase(action) ? { by: 'person' as const } : {}),
          whom: 'person',
          responsible: 'person',
          readers: 'person',
        },
      )
    )
  }

  const supervision: Category<SupervisionState> = {
    decider: supervisionDecider,
    numbered: 'supervision',
    resource: (state) => ({
      ...chargedOf(state),
      investigators: state.tasks.flatMap(({ handler }) => (handler === undefined ? [] : [handler])),
      ...(state.readers && state.readers.length > 0 ? { readers: state.readers } : {}),
      ...(state.openedBy === undefined ? {} : { registeredBy: state.openedBy }),
    }),
    subject: (state) => state.subject,
    owner: ownOrganisation('supervision.open'),
    check: async (request) => checkSupervision(request),
    facts: async ({ action, organisation, effectiveAt }) =>
      action === 'open' ? { practice: facts().practice(organisation, effectiveAt) } : {},
  }

  async function visitFacts(request: FactsRequest<ReturnVisitState>) {
    const { action, body, state, organisation, effectiveAt } = request
    if (action !== 'assign' && action !== 'changeVisitor') return {}
    const category = state.category ?? textOf(body, 'category') ?? 'complaint'
    const handlers = facts().handlers(category, state.case ?? textOf(body, 'case') ?? '')
    return 'code' in handlers
      ? { refusal: handlers }
      : { handlers, practice: facts().practice(organisation, effectiveAt) }
  }

  const returnvisit: Category<ReturnVisitState> = {
    decider: returnVisitDecider,
    numbered: 'returnvisit',
    resource: (state) => ({
      ...(state.office === undefined ? {} : { respondentOffice: state.office }),
      investigators: state.visitor === undefined ? [] : [state.visitor],
    }),
    subject: (state) => state.subject,
    owner: ownOrganisation('returnvisit.assign'),
    check: async (request) =>
      check(request, { office: 'office', visitor: 'person', members: 'person' }) ??
      (request.action === 'openFollowUp' ? knownCase('supervision', textOf(request.body, 'item'), '/item') : undefined),
    facts: visitFacts,
  }

  const qualitycard: Category<CardState> = {
    decider: qualityCardDecider,
    resource: (state) => (state.office === undefined ? {} : { respondentOffice: state.office }),
    subject: (state) => state.subject,
    owner: ownOrganisation('qualitycard.issue'),
    streamOf: (body) => qualityCardStream(body as { category: string; case: string }),
    check: async (request) =>
      check(request, { office: 'office' }) ??
      (request.action === 'issue'
        ? knownCase(textOf(request.body, 'category'), textOf(request.body, 'case'), '/case')
        : undefined),
    facts: async ({ action, body, commandId }): Promise<Record<string, unknown>> =>
      action === 'renewLink' || (action === 'issue' && textOf(body, 'form') === 'link')
        ? { tokenHash: tokenHash(facts().cardToken(commandId)) }
        : {},
  }

  const kindOfReport: Readonly<Record<string, ReportKind>> = {
    submitWeekly: 'weekly',
    issueBulletin: 'monthly',
    issueInspection: 'quarterly',
  }
  const penalty: Category<PenaltyState> = {
    decider: penaltyDecider,
    numbered: 'penalty',
    resource: (state) => ({
      ...(state.respondentOffice === undefined ? {} : { respondentOffice: state.respondentOffice }),
      ...(state.filedBy === undefined ? {} : { registeredBy: state.filedBy }),
      investigators: state.investigators,
      recused: state.recused,
      archived: state.status === 'archived',
    }),
    subject: (state) => state.subject,
    owner: ownOrganisation('penalty.file'),
    check: async (request) =>
      check(request, {
        respondentOffice: 'office',
        respondentWorker: 'worker',
        approvedBy: 'person',
        officers: 'person',
        person: 'person',
        chair: 'person',
        reviewer: 'person',
        attendees: 'person',
        to: 'organisation',
        organisation: 'organisation',
      }) ?? knownCase('complaint', textOf(request.body, 'complaint'), '/complaint'),
    facts: async ({ actor, organisation }): Promise<Record<string, unknown>> => {
      const level = facts().level(actor, organisation)
      return level === undefined ? {} : { level }
    },
  }

  const discipline: Category<DisciplineState> = {
    decider: disciplineDecider,
    numbered: 'discipline',
    resource: (state) => ({
      ...(state.respondentOffice === undefined ? {} : { respondentOffice: state.respondentOffice }),
      recused: state.recused,
      archived: state.status === 'archived',
    }),
    subject: (state) => state.subject,
    owner: ownOrganisation('discipline.refer'),
    check: async (request) => {
      const members = (request.body as { members?: readonly { person: string }[] } | null)?.members ?? []
      return (
        check(request, {
          respondentOffice: 'office',
          respondentWorker: 'worker',
          chair: 'person',
          person: 'person',
          present: 'person',
        }) ??
        check({ action: request.action, body: { members: members.map(({ person }) => person) } }, { members: 'person' })
      )
    },
  }

  return {
    supervision: supervision as Category,
    returnvisit: returnvisit as Category,
    returnplan: {
      decider: returnPlanDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('returnplan.plan'),
      streamOf: (body, organisation) => returnPlanStream(organisation, (body as { month: string }).month),
      facts: async ({ action, body, organisation, effectiveAt }): Promise<Record<string, unknown>> =>
        action === 'plan'
          ? { plan: await facts().plan(organisation, (body as { month: string }).month, effectiveAt) }
          : {},
    },
    qualitycard: qualitycard as Category,
    report: {
      decider: reportDecider,
      resource: nothingMore,
      subject: (state) => (state as { subject?: string }).subject,
      owner: ownOrganisation('report.submitWeekly'),
      streamOf: (body, organisation, action) =>
        reportStream(kindOfReport[action] ?? 'weekly', organisation, (body as { day: CivilDate }).day),
      facts: async ({ action, body, organisation, now }): Promise<Record<string, unknown>> => {
        const kind = kindOfReport[action]
        if (kind === undefined) return {}
        const period = periodOf(kind, (body as { day: CivilDate }).day)
        return { figures: await facts().figures(organisation, period, now) }
      },
    },
    obligation: {
      decider: obligationDecider,
      resource: nothingMore,
      subject: noSubject,
      streamOf: (body, organisation) =>
        obligationStream(organisation, body as { duty: string; from: CivilDate; about?: string }),
      check: async (request) => check(request, { person: 'person' }),
    },
    practice: {
      decider: practiceDecider,
      resource: nothingMore,
      subject: noSubject,
      owner: ownOrganisation('practice.publish'),
      streamOf: (_body, organisation) => `practice-${organisation}`,
      check: async ({ body, organisation }) => {
        const { duties = [], validFrom } = body as { duties?: readonly { duty: string }[]; validFrom: CivilDate }
        const unknown = duties.findIndex(({ duty }) => !facts().recurs(organisation, duty, validFrom))
        return unknown < 0
          ? undefined
          : refusal('practice-duty-unknown', 'S4-4.3b', { pointer: `/duties/${unknown}/duty` })
      },
    },
    penalty: penalty as Category,
    discipline: discipline as Category,
  }
}
