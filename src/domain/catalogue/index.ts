/** Terms by what they name, over all subjects. */
import { clockStateTerms } from './calendar.ts'
import { complaintActionTerms, complaintClockTerms, complaintEventTerms } from './complaint-terms.ts'
import {
  dutyTerms,
  obligationActionTerms,
  obligationEventTerms,
  reportActionTerms,
  reportEventTerms,
} from './oversight.ts'
import {
  disciplineClockTerms,
  disciplineTerms,
  penaltyActionTerms,
  penaltyEventTerms,
  penaltyTerms,
} from './penalty-terms.ts'
import {
  cycleActionTerms,
  ratingActionTerms,
  ratingEventTerms,
  recordActionTerms,
  schemeActionTerms,
} from './rating-terms.ts'
import { registryActionTerms, registryEventTerms } from './registry.ts'
import {
  qualityCardActionTerms,
  qualityCardEventTerms,
  returnPlanActionTerms,
  returnPlanEventTerms,
  returnVisitActionTerms,
  returnVisitClockTerms,
  returnVisitEventTerms,
} from './return-visit.ts'
import { supervisionActionTerms, supervisionClockTerms, supervisionEventTerms } from './supervision.ts'
import { type TermTable, term } from './terms.ts'
import { visitActionTerms, visitEventTerms } from './visit.ts'

const eventTerms: TermTable = {
  StepVoided: '撤销记录',
  StepReplaced: '更正记录',
  NumberAllocated: '编号',
  LedgerImported: '导入台账',
  PracticePublished: '公布督办回访办法',
  ...supervisionEventTerms,
  ...returnVisitEventTerms,
  ...returnPlanEventTerms,
  ...qualityCardEventTerms,
  ...reportEventTerms,
  ...obligationEventTerms,
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
  ...registryActionTerms,
  complaint: complaintActionTerms,
  visit: visitActionTerms,
  supervision: supervisionActionTerms,
  returnvisit: returnVisitActionTerms,
  returnplan: returnPlanActionTerms,
  qualitycard: qualityCardActionTerms,
  report: reportActionTerms,
  obligation: obligationActionTerms,
  practice: { publish: '公布督办回访办法' },
  penalty: { ...penaltyActionTerms, recordMiss: '记录逾期' },
  discipline: { ...disciplineTerms.action, recordMiss: '记录逾期' },
  scheme: schemeActionTerms,
  cycle: cycleActionTerms,
  rating: ratingActionTerms,
  record: recordActionTerms,
}

/** What an action of a category is called. */
export const actionTitle = (category: string, action: string): string => term(actionTerms[category] ?? {}, action)

const clockTerms: TermTable = {
  ...complaintClockTerms,
  ...supervisionClockTerms,
  ...returnVisitClockTerms,
  ...penaltyTerms.clock,
  ...disciplineClockTerms,
  ...dutyTerms,
  'report.review': '审阅每周统计',
}

/** What a clock kind is called; a further run of the same kind (`kind#2`) by the same name, the row of a case that no clock runs in by its state. */
export const clockTitle = (kind: string): string =>
  kind.endsWith('.none') ? clockStateTerms.noDeadline : term(clockTerms, kind.replace(/#\d+$/, ''))
