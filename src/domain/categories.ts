/** Every category of streams this program knows, by name. An event of any other was written by a newer program. */
import { reportDecider as reportChain } from './bulletin.ts'
import { calendarDecider } from './calendar/calendar.ts'
import { complaintDecider as complaintChain, complaintClocks } from './complaint/index.ts'
import { cycleDecider } from './cycle/cycle.ts'
import { ratingDecider } from './cycle/rating.ts'
import type { AnyDecider } from './decider.ts'
import { disciplineDecider as disciplineChain, disciplineClocks } from './discipline/index.ts'
import { ledgerDecider } from './ledger.ts'
import { obligationDecider } from './obligation.ts'
import { recordDecider } from './office-record.ts'
import { penaltyDecider as penaltyChain, penaltyClocks } from './penalty/index.ts'
import { policyDecider } from './policy.ts'
import { practiceDecider } from './practice.ts'
import { runRecordDecider } from './rating/run-record.ts'
import { schemeDecider } from './rating/scheme.ts'
import { numbersDecider } from './registry/numbers.ts'
import { officeDecider } from './registry/office.ts'
import { organisationDecider } from './registry/organisation.ts'
import { personDecider } from './registry/person.ts'
import { erasureDecider, subjectsDecider } from './registry/subjects.ts'
import { workerDecider } from './registry/worker.ts'
import { qualityCardDecider, returnPlanDecider, returnVisitDecider } from './return-visit/index.ts'
import { supervisionDecider } from './supervision/index.ts'
import { visitClocks, visitDecider } from './visit.ts'
import { withMisses } from './with-misses.ts'

/** The categories with clocks as they are run: their chains, and what was missed. */
export const complaintDecider = withMisses(complaintChain, complaintClocks)
export const visitWithMisses = withMisses(visitDecider, visitClocks)
export const penaltyDecider = withMisses(penaltyChain, penaltyClocks)
export const disciplineDecider = withMisses(disciplineChain, disciplineClocks)
export const reportDecider = withMisses(reportChain, ({ clocks }) => clocks)

const all: readonly AnyDecider[] = [
  complaintDecider,
  visitWithMisses,
  organisationDecider,
  officeDecider,
  workerDecider,
  personDecider,
  numbersDecider,
  subjectsDecider,
  erasureDecider,
  calendarDecider,
  policyDecider,
  ledgerDecider,
  schemeDecider,
  runRecordDecider,
  cycleDecider,
  ratingDecider,
  recordDecider,
  supervisionDecider,
  returnVisitDecider,
  returnPlanDecider,
  qualityCardDecider,
  reportDecider,
  obligationDecider,
  practiceDecider,
  penaltyDecider,
  disciplineDecider,
]

export const deciders: ReadonlyMap<string, AnyDecider> = new Map(all.map((decider) => [decider.category, decider]))

/** The decider of a category; undefined for one this program does not know. */
export const deciderOf = (category: string): AnyDecider | undefined => deciders.get(category)
