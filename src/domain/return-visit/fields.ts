/** Closed lists and field schemas of return visits and quality cards. Chinese terms: catalogue/return-visit.ts. */
import { z } from 'zod'
import { isCivilDate } from '../time.ts'

/** Why a case is visited again: drawn, substantiated (always), a dissatisfied quality card, or asked for. */
export const visitGrounds = ['sample', 'substantiated', 'quality-card', 'requested'] as const
export const visitMethods = ['phone', 'door-visit', 'in-person', 'online', 'letter'] as const
/** `unreachable` and `declined` are no answers: they never count as satisfied. */
export const visitOutcomes = ['solved', 'partly', 'not-solved', 'unreachable', 'declined'] as const
/** 态度、效率、政策、能力, 1 to 5 points each. */
export const dimensions = ['attitude', 'efficiency', 'policy', 'competence'] as const
/** What a dissatisfied person is offered. */
export const remedies = ['review', 'reopening'] as const
export const cardForms = ['paper', 'link'] as const

export type VisitGround = (typeof visitGrounds)[number]
export type VisitOutcome = (typeof visitOutcomes)[number]
export type Dimension = (typeof dimensions)[number]

const points = z.int().min(1).max(5)
export const scores = z.strictObject({ attitude: points, efficiency: points, policy: points, competence: points })
export type Scores = z.output<typeof scores>

/** `YYYY-MM`. */
export const month = z
  .string()
  .refine((text) => isCivilDate(`${text}-01`), { error: 'effective-time-invalid' })
  .meta({ pattern: '^\\d{4}-\\d{2}$' })

/** Lower-case hex SHA-256. */
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** Whether the outcome is an answer of the person. */
export const isAnswer = (outcome: VisitOutcome): boolean => outcome !== 'unreachable' && outcome !== 'declined'
