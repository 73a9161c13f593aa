/** What can happen to a supervision item (S1-5). Free text is sealed under the item's own subject; enums, ids, dates and counts are plain. */
import { z } from 'zod'
import {
  civilDate,
  effectiveTime,
  identifier,
  limit,
  narrative,
  organisationName,
  persons,
  reason,
  reference,
  subjectId,
} from '../complaint/fields.ts'
import { deadlineMissed } from '../deadline-missed.ts'
import type { EventMap, NewEventOf, StepOf } from '../event.ts'
import { evidenceAdded } from '../evidence.ts'
import { aboutCase, importances, itemRules, levels, method, routes, sources, taskRoles } from './fields.ts'

const event = <Schema extends z.ZodType>(rule: string, data: Schema) => ({ version: 1, rule, data }) as const

/** A limit from the step on, or a due time; a date is over at its 24:00, an instant at that instant. */
export const ownTime = { limit: limit.optional(), due: effectiveTime.optional() }

export const openFields = {
  source: z.enum(sources),
  /** The case here that it is about, and the clock of it that was missed. */
  about: z.strictObject({ ...aboutCase, clock: reference.optional() }).optional(),
  /** The leader who instructed it, by id, or the body, by name, and the document. */
  leader: identifier.optional(),
  instructedBy: organisationName.optional(),
  document: reference.optional(),
  importance: z.enum(importances),
  /** The matter; an item that a rule opens on a case may leave it to the case. */
  matter: narrative.optional(),
  requirement: narrative.optional(),
  /** The supervision officer in charge. */
  officer: identifier.optional(),
  ...ownTime,
}

/** Who holds a task. */
export const holderFields = {
  /** The organisation, or the legal service office, that has to act. */
  unit: identifier,
  /** 分管领导 of the unit: coordinates important matters (S1-5.3c). */
  leader: identifier.optional(),
  handler: identifier.optional(),
}

/** A task as it is given to a unit. */
export const taskFields = {
  ...holderFields,
  role: z.enum(taskRoles),
  content: narrative.optional(),
  ...ownTime,
}

const task = identifier

export const supervisionEvents = {
  SupervisionOpened: event('S1-5.1', z.strictObject({ subject: subjectId, ...openFields, rules: itemRules })),
  ImportanceChanged: event('S1-5.3c', z.strictObject({ importance: z.enum(importances), reason })),
  SupervisionTaskAssigned: event('S1-5.3a S1-5.2d', z.strictObject({ task, ...taskFields })),
  TaskSigned: event('S1-5.3a', z.strictObject({ task, handler: identifier.optional() })),
  /** Another unit takes the task over; the total clock goes on. */
  TaskTransferred: event('S1-5.3a', z.strictObject({ task, ...holderFields, ...ownTime, reason })),
  TaskCancelled: event('S1-5.3a', z.strictObject({ task, reason })),
  /** 催办 and 督办. */
  SupervisionActionTaken: event(
    'S1-5.3b',
    z.strictObject({
      task: task.optional(),
      method,
      /** Who chased; default: the person who records it. */
      by: identifier.optional(),
      /** Who was spoken to: by id, or in words. */
      whom: identifier.optional(),
      whomInWords: reason.optional(),
      result: narrative,
      /** When it is chased again. */
      next: civilDate.optional(),
    }),
  ),
  ProgressReported: event('S1-5.2c', z.strictObject({ task, text: narrative })),
  CoordinationRequested: event(
    'S1-5.3c',
    z.strictObject({ task, difficulty: narrative, route: z.enum(routes), leader: identifier.optional() }),
  ),
  CoordinationDone: event('S1-5.3c', z.strictObject({ task, result: narrative })),
  /** Cannot be done soon: it goes on a plan (an answer, to be reviewed). */
  TaskPlanned: event('S1-5.2b', z.strictObject({ task, until: civilDate, plan: narrative })),
  /** Cannot be done at all, for these reasons (an answer, to be reviewed). */
  TaskDeclinedWithReason: event('S1-5.2b', z.strictObject({ task, reason: narrative })),
  /** Reported before the limit ends; `due` is the limit as computed then. */
  DelayReported: event(
    'S1-5.2c',
    z.strictObject({ task, due: effectiveTime, reason, expectedBy: civilDate.optional() }),
  ),
  ExtensionRequested: event(
    'S1-5.2c',
    z.strictObject({
      task,
      by: limit,
      /** The due time as computed when it was asked for. */
      due: effectiveTime,
      /** The most that extensions may add together. */
      most: limit,
      reason,
    }),
  ),
  ExtensionDecided: event(
    'S1-5.2c',
    z.strictObject({ task, granted: z.boolean(), by: limit.optional(), reason: reason.optional() }),
  ),
  /** What shows that it was done, or how it was found on site; of one task where it is about one. */
  EvidenceAdded: evidenceAdded('S1-5.3d', { task: task.optional() }),
  SupervisionReplied: event('S1-5.3d', z.strictObject({ task, text: narrative, document: reference.optional() })),
  ReplyAccepted: event('S1-5.3d', z.strictObject({ task, note: reason.optional() })),
  ReplyReturned: event('S1-5.3d', z.strictObject({ task, reason: narrative, ...ownTime })),
  /** 督办通知、黄牌、红牌 or 通报 to a unit that is late, naming who answers for it. */
  CardIssued: event(
    'S1-5.3e',
    z.strictObject({
      card: identifier,
      level: z.enum(levels),
      task,
      responsible: identifier,
      document: reference.optional(),
      reason: narrative,
    }),
  ),
  CardObjected: event('S1-5.3e', z.strictObject({ card: identifier, reason: narrative })),
  CardObjectionDecided: event('S1-5.3e', z.strictObject({ card: identifier, upheld: z.boolean(), reason: narrative })),
  /** 书面通报 of a major item. */
  WrittenCircularIssued: event(
    'S1-5.3e',
    z.strictObject({
      document: reference,
      text: narrative,
      /** Units that it criticises by name: a circular of a matter alone counts against nobody. */
      criticised: z.array(identifier).max(30).optional(),
      reason: reason.optional(),
    }),
  ),
  /** 汇总向领导汇报. */
  SummaryReported: event('S1-5.3d', z.strictObject({ leader: identifier, text: narrative })),
  OfficerChanged: event('S1-5.3a', z.strictObject({ officer: identifier, reason: reason.optional() })),
  /** Need-to-know list (S1-5.2e); an empty list lifts it. */
  ReadersNamed: event('S1-5.2e', z.strictObject({ readers: persons })),
  DeadlineMissed: deadlineMissed,
  SupervisionClosed: event('S1-5.2a', z.strictObject({ summary: narrative.optional() })),
  SupervisionWithdrawn: event('S1-5.2a', z.strictObject({ reason })),
} as const satisfies EventMap

export type SupervisionEvents = typeof supervisionEvents
export type SupervisionStep = StepOf<SupervisionEvents>
export type SupervisionEvent = NewEventOf<SupervisionEvents>
export type SupervisionEventType = keyof SupervisionEvents
