/** Closed lists and field schemas of supervision items. Chinese terms: catalogue/supervision.ts. */
import { z } from 'zod'
import { identifier, limit, reference } from '../complaint/fields.ts'

/** What an item was opened on. */
export const sources = [
  'complaint',
  'instruction',
  'missed-deadline',
  'return-visit',
  'first-contact-breach',
  'other',
] as const
export const importances = ['normal', 'important', 'major'] as const
/** 主办 and 协办 (S1-5.2d). */
export const taskRoles = ['lead', 'co-handling'] as const
/** Who coordinates a difficulty (S1-5.3c). */
export const routes = ['supervision-office', 'leader-in-charge'] as const
/** The four methods of S1-5.3b. The text ends with 等方式: a practice policy may add others. */
export const defaultMethods = ['phone', 'on-site', 'meeting', 'door-visit'] as const
/** Levels of escalation in their order: 督办通知、黄牌、红牌、通报. */
export const levels = ['notice', 'yellow-card', 'red-card', 'circular'] as const
/** How a unit answers: it is done, it goes on a plan, or it cannot be done (S1-5.2b). */
export const answers = ['done', 'planned', 'declined'] as const

export type Source = (typeof sources)[number]
export type Importance = (typeof importances)[number]
export type TaskRole = (typeof taskRoles)[number]
export type Route = (typeof routes)[number]
export type Level = (typeof levels)[number]
export type Answer = (typeof answers)[number]

/** Key of a method of chasing. */
export const method = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/)

/** The rules an item runs under, as they were when it was opened: what is published later leaves it alone. */
export const itemRules = z.strictObject({
  /** Version of the practice policy they come from. */
  policy: reference,
  methods: z.array(method).min(1).max(20),
  /** Levels of escalation, in order. */
  levels: z.array(z.enum(levels)).min(1),
  /** How many times the limit of one task may be extended. */
  extensions: z.int().min(0).max(10),
  /** The most that extensions of one task may add together. */
  extensionCap: limit,
})
export type ItemRules = z.output<typeof itemRules>

/** What the item is about, where it is about a case here. */
export const aboutCase = { category: z.string().regex(/^[a-z]{1,30}$/), case: identifier }
