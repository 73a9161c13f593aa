import type * as visit from '../visit.ts'
import type { TermTable } from './terms.ts'

type TermsOf<List extends readonly string[]> = Readonly<Record<List[number], string>>

export const visitStatusTerms = {
  none: '未登记',
  open: '办理中',
  closed: '已办结',
} as const satisfies Readonly<Record<visit.VisitState['status'], string>>

export const visitActionTerms = {
  register: '登记来访',
  handleOnTheSpot: '当场办理',
  refer: '指引、转告',
  requestInstruction: '请示领导',
  openComplexConsultation: '登记复杂咨询',
  replyByPhone: '电话回复',
  receiveSuggestion: '登记意见建议',
  formPanel: '成立专门小组',
  answerSuggestion: '答复意见建议',
  linkComplaint: '转为投诉',
  confirmFirstContactBreach: '认定违反首问负责',
  close: '办结',
} as const satisfies Readonly<Record<keyof typeof visit.visitActions, string>>

export const visitEventTerms = {
  VisitRegistered: '登记来访',
  HandledOnTheSpot: '当场办理',
  ReferralMade: '指引、转告',
  InstructionRequested: '请示领导',
  ComplexConsultationOpened: '登记复杂咨询',
  PhoneReplyMade: '电话回复',
  SuggestionReceived: '收到意见建议',
  PanelFormed: '成立专门小组',
  SuggestionAnswered: '答复意见建议',
  ComplaintOpened: '转为投诉',
  FirstContactBreachConfirmed: '认定违反首问负责',
  VisitClosed: '办结',
} as const satisfies Readonly<Record<keyof visit.VisitEvents, string>>

export const visitChannelTerms = {
  visit: '来访',
  call: '来电',
  letter: '来函',
  online: '网络',
} as const satisfies TermsOf<typeof visit.visitChannels>

export const serviceItemTerms = {
  'legal-consultation': '法律咨询',
  'legal-aid-application': '法律援助申请',
  'notary-and-mediation-guidance': '公证、人民调解指引',
  'complaints-and-suggestions': '投诉和意见建议',
  'publicity-and-education': '普法宣传',
  'coordination-and-guidance': '协调指导',
} as const satisfies TermsOf<typeof visit.serviceItems>

export const referralTerms = {
  explained: '说明原因',
  'led-there': '带到或指引到相关部门',
  'contacted-by-phone': '电话联系相关部门',
  'number-or-address-given': '转告电话号码或办事地点',
} as const satisfies TermsOf<typeof visit.referralModes>

export const suggestionFormTerms = {
  written: '书面',
  oral: '口头',
} as const satisfies TermsOf<typeof visit.suggestionForms>

/** Every closed list of visits by its name in the catalogue of terms. */
export const visitTerms = {
  status: visitStatusTerms,
  action: visitActionTerms,
  event: visitEventTerms,
  channel: visitChannelTerms,
  item: serviceItemTerms,
  referral: referralTerms,
  suggestionForm: suggestionFormTerms,
} as const satisfies Readonly<Record<string, TermTable>>
