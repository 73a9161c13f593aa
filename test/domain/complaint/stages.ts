/** A complaint at each stage of its chain, made by its own actions; all persons and texts are invented. */

import { complaintClockKinds } from '../../../src/domain/complaint/clocks.ts'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import { type Circumstances, given } from '../../support/scenario.ts'

export const limits: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(complaintClockKinds).flatMap(([kind, { limit }]) => (limit ? [[kind, limit]] : [])),
  ),
  'complaint.handler-report': '7d',
  'complaint.investigation': '30d',
  'complaint.supplement': '15d',
  'complaint.report': '10wd',
}

export const people = {
  clerk: 'clerk',
  director: 'director',
  investigators: ['investigator-1', 'investigator-2'],
  leader: 'leader',
  attendees: ['leader', 'deputy', 'secretary'],
} as const

export const intake = {
  channel: 'visit',
  kind: 'private-acceptance-or-fees',
  respondentOffice: 'office-1',
  respondentWorker: 'worker-1',
  complainant: { name: '甲', phone: '13000000000' },
  matter: '私自收费',
}
export const conclusion = {
  investigators: [...people.investigators],
  matter: '投诉事项',
  grounds: '投诉事由',
  verifiedFacts: '查证事实',
}
export const meeting = {
  meetingNumber: '2026年第3次',
  attendees: [...people.attendees],
  outcome: 'substantiated',
  throughFault: true,
  subjectiveFault: true,
  graveSocialImpact: false,
  graveLoss: false,
  cooperation: { reportInTime: true, materialsHandedOver: true, rectified: false, activelyHandled: true },
  measures: [{ kind: 'rectification-order', due: '2026-06-30' }, { kind: 'integrity-file' }],
  result: '处理结果',
  basis: '处理依据',
}

const by = (person: string): Circumstances => ({ by: person, limits })

export const nothing = () => given(complaintDecider)
export const received = (more: object = {}) => nothing().did('register', { ...intake, ...more }, { limits })
export const clue = () => received({ complainant: undefined, anonymous: true })
export const accepted = (more: object = {}) => received(more).did('accept', {}, by('director'))
export const investigating = (more: object = {}) =>
  accepted(more).did('assignInvestigators', { investigators: people.investigators }, by('director'))
export const reported = (more: object = {}) =>
  investigating(more).did('fileHandlerReport', { worker: 'worker-1', report: '服务过程' }, by('office-clerk'))
export const concluded = (more: object = {}) => reported(more).did('conclude', conclusion, by('investigator-1'))
export const withOpinion = (more: object = {}) =>
  concluded(more).did('giveOpinion', { opinion: '属实', proposed: 'substantiated' }, by('director'))
export const beforeLeader = (more: object = {}) =>
  withOpinion(more).did('reportToLeader', { leader: 'leader' }, by('director'))
export const decided = (decision: object = {}, more: object = {}) =>
  beforeLeader(more).did('decideAtMeeting', { ...meeting, ...decision }, by('leader'))
export const replied = () => decided().did('reply', { method: 'letter', text: '答复' }, by('director'))
export const closed = () => replied().did('close', {}, by('director'))
export const archived = () => closed().did('archive', { retention: '30y' }, by('director'))
export const reviewed = (result = 'upheld') =>
  replied()
    .did('requestReview', { reason: '不服' }, by('clerk'))
    .did('decideReview', { organ: '市司法局', result, text: '复查意见' }, by('city-leader'))
export const exhausted = () =>
  reviewed()
    .did('requestReReview', { reason: '仍不服' }, by('clerk'))
    .did('decideReReview', { organ: '省司法厅', result: 'upheld', text: '复核意见' }, by('province-leader'))
