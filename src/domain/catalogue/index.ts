/** Terms by what they name, over all subjects. */
import { complaintActionTerms, complaintClockTerms, complaintEventTerms } from './complaint-terms.ts'
import { disciplineTerms, penaltyActionTerms, penaltyEventTerms } from './penalty-terms.ts'
import {
  cycleActionTerms,
  ratingActionTerms,
  ratingEventTerms,
  recordActionTerms,
  schemeActionTerms,
} from './rating-terms.ts'
import { registryEventTerms } from './registry.ts'
import { type TermTable, term } from './terms.ts'
import { visitActionTerms, visitEventTerms } from './visit.ts'

const eventTerms: TermTable = {
  StepVoided: '撤销记录',
  StepReplaced: '更正记录',
  NumberAllocated: '编号',
  LedgerImported: '导入台账',
  ...registryEventTerms,
  ...disciplineTerms.event,
  ...penaltyEventTerms,
  ...visitEventTerms,
  ...complaintEventTerms,
  ...ratingEventTerms,
}

/** What an event type is called. */
export const eventTitle = (type: string): string => term(eventTerms, type)

const actionTerms: Readonly<Record<string, TermTable>> = {
  complaint: complaintActionTerms,
  visit: visitActionTerms,
  penalty: penaltyActionTerms,
  discipline: disciplineTerms.action,
  scheme: schemeActionTerms,
  cycle: cycleActionTerms,
  rating: ratingActionTerms,
  record: recordActionTerms,
}

/** What an action of a category is called. */
export const actionTitle = (category: string, action: string): string => term(actionTerms[category] ?? {}, action)

const clockTerms: TermTable = { ...complaintClockTerms }

/** What a clock kind is called; a further run of the same kind (`kind#2`) by the same name. */
export const clockTitle = (kind: string): string => term(clockTerms, kind.replace(/#\d+$/, ''))
