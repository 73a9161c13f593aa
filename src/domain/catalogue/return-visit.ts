import type { ReturnVisitActionName } from '../return-visit/actions.ts'
import type { CardEvents, CardState, cardActions } from '../return-visit/card.ts'
import type * as fields from '../return-visit/fields.ts'
import type { PlanEvents, planActions } from '../return-visit/plan.ts'
import type { ReturnVisitClockKind, ReturnVisitEventType, ReturnVisitState } from '../return-visit/visit.ts'
import type { ErrorTable } from './errors.ts'
import type { TermTable } from './terms.ts'

type TermsOf<List extends readonly string[]> = Readonly<Record<List[number], string>>

export const returnVisitStatusTerms = {
  none: '未安排',
  assigned: '待回访',
  recorded: '已回访',
  closed: '已办结',
} as const satisfies Readonly<Record<ReturnVisitState['status'], string>>

export const returnVisitActionTerms = {
  assign: '安排回访',
  changeVisitor: '更换回访人员',
  attempt: '登记联系情况',
  record: '登记回访结果',
  receiveSuggestion: '登记意见建议',
  formPanel: '成立专门小组',
  answerSuggestion: '答复意见建议',
  openFollowUp: '转督办跟进',
  offerRemedy: '告知复查、重新办理途径',
  recordMiss: '记录逾期',
  close: '办结',
} as const satisfies Readonly<Record<ReturnVisitActionName, string>>

export const returnVisitEventTerms = {
  ReturnVisitAssigned: '安排回访',
  VisitorChanged: '更换回访人员',
  VisitAttempted: '联系当事人',
  ReturnVisitRecorded: '回访结果',
  SuggestionReceived: '收到意见建议',
  PanelFormed: '成立专门小组',
  SuggestionAnswered: '答复意见建议',
  FollowUpOpened: '转督办跟进',
  RemedyOffered: '告知复查、重新办理途径',
  DeadlineMissed: '逾期',
  ReturnVisitClosed: '办结',
} as const satisfies Readonly<Record<ReturnVisitEventType, string>>

export const visitGroundTerms = {
  sample: '抽样',
  substantiated: '查实的投诉',
  'quality-card': '监督卡反映不满意',
  requested: '应要求回访',
} as const satisfies TermsOf<typeof fields.visitGrounds>

export const visitMethodTerms = {
  phone: '电话',
  'door-visit': '上门',
  'in-person': '当面',
  online: '网络',
  letter: '信函',
} as const satisfies TermsOf<typeof fields.visitMethods>

export const visitOutcomeTerms = {
  solved: '已解决',
  partly: '部分解决',
  'not-solved': '未解决',
  unreachable: '联系不上',
  declined: '拒绝回访',
} as const satisfies TermsOf<typeof fields.visitOutcomes>

export const dimensionTerms = {
  attitude: '服务态度',
  efficiency: '办事效率',
  policy: '政策把握',
  competence: '业务能力',
} as const satisfies TermsOf<typeof fields.dimensions>

export const remedyTerms = { review: '申请复查', reopening: '重新办理' } as const satisfies TermsOf<
  typeof fields.remedies
>

export const returnVisitClockTerms = {
  'returnvisit.visit': '回访',
  'returnvisit.suggestion': '答复意见建议',
  'returnvisit.follow-up': '不满意事项跟进',
} as const satisfies Readonly<Record<ReturnVisitClockKind, string>>

export const returnPlanActionTerms = {
  plan: '制定回访计划',
  drop: '取消计划中的回访',
} as const satisfies Readonly<Record<keyof typeof planActions, string>>

export const returnPlanEventTerms = {
  ReturnVisitPlanned: '制定回访计划',
  MoreVisitsPlanned: '回访计划（续）',
  PlannedVisitDropped: '取消计划中的回访',
} as const satisfies Readonly<Record<keyof PlanEvents, string>>

export const qualityCardStatusTerms = {
  none: '未发放',
  issued: '已发放',
  returned: '已交回',
} as const satisfies Readonly<Record<CardState['status'], string>>

export const qualityCardActionTerms = {
  issue: '发放质量监督卡',
  renewLink: '重新发送填写链接',
  return: '交回质量监督卡',
  openFollowUp: '转回访跟进',
} as const satisfies Readonly<Record<keyof typeof cardActions, string>>

export const qualityCardEventTerms = {
  QualityCardIssued: '发放质量监督卡',
  QualityCardLinkRenewed: '重新发送填写链接',
  QualityCardReturned: '交回质量监督卡',
  CardFollowUpOpened: '转回访跟进',
} as const satisfies Readonly<Record<keyof CardEvents, string>>

/** What the public page of a quality card says. */
export const cardTexts = {
  title: '服务质量监督卡',
  intro: '请就本次办理事项的服务作出评价。本页不显示姓名和案号，提交后链接即失效。',
  satisfied: '您对办理是否满意',
  yes: '满意',
  no: '不满意',
  scale: '以下四项评分可以不填；填写的，请四项填全。',
  /** By points, 1 to 5. */
  points: ['很差', '较差', '一般', '较好', '很好'],
  until: '请在截止日期前提交：',
  text: '您的意见（可不填）',
  send: '提交',
  thanks: '您的评价已收到，谢谢。',
  incomplete: '请选择是否满意；评分须四项填全。',
  invalid: '链接无效、已过期或已经使用。如需填写，请向承办单位索取新的链接。',
} as const

/** Every closed list of return visits by its name in the catalogue of terms. */
export const returnVisitTerms = {
  status: returnVisitStatusTerms,
  action: returnVisitActionTerms,
  event: returnVisitEventTerms,
  ground: visitGroundTerms,
  method: visitMethodTerms,
  outcome: visitOutcomeTerms,
  dimension: dimensionTerms,
  remedy: remedyTerms,
  clock: returnVisitClockTerms,
  planAction: returnPlanActionTerms,
  planEvent: returnPlanEventTerms,
  cardStatus: qualityCardStatusTerms,
  cardAction: qualityCardActionTerms,
  cardEvent: qualityCardEventTerms,
} as const satisfies Readonly<Record<string, TermTable>>

/** Refusals of return visits, their plans and quality cards. */
export const returnVisitErrors = {
  'facts-missing': {
    status: 503,
    title: '办理所需的资料尚未备齐',
    help: '系统没有取得该动作所需的资料，请稍候重试；仍不成功的，请告知管理员。',
  },
  'visits-already-planned': {
    status: 409,
    title: '该月的回访计划已经制定',
    help: '每月一份计划；漏列的可以另行安排回访。',
  },
  'visits-not-planned': { status: 409, title: '该月的回访计划尚未制定', help: '请先制定计划。' },
  'visit-not-planned': { status: 422, title: '该案件不在计划中', help: '请选择计划中的案件。' },
  'visit-planned-twice': { status: 422, title: '同一案件在计划中列了两次', help: '每个案件每月只列一次。' },
  'plan-month-not-over': {
    status: 422,
    title: '该月尚未结束，不能抽样',
    help: '请在该月结束后，从全月办结的案件中抽取。',
  },
  'sample-too-small': {
    status: 422,
    title: '抽取的案件数与比例不符',
    help: '抽取数不得低于规定比例，且应与所列案件一致。',
  },
  'visitor-handled-the-case': {
    status: 422,
    title: '回访人员经办过该案件',
    help: '请由没有经办过该案件的人员回访。',
  },
  'not-the-visitor': { status: 403, title: '不是本次回访的人员', help: '回访由指定的人员进行；需要更换的，请先更换。' },
  'return-visit-already-recorded': { status: 409, title: '回访结果已经登记', help: '结果有误的，请用更正。' },
  'return-visit-not-reached': {
    status: 409,
    title: '尚未联系到当事人',
    help: '请先登记联系情况；多次联系不上的，结果登记为联系不上。',
  },
  'return-visit-was-reached': { status: 422, title: '已经联系到当事人，不能登记为联系不上', help: '请核对结果。' },
  'too-few-attempts': {
    status: 422,
    title: '联系次数不足，不能登记为联系不上',
    help: '请再次联系，并登记联系情况。',
  },
  'satisfaction-missing': { status: 422, title: '没有填写是否满意', help: '当事人作出答复的，请填写是否满意。' },
  'satisfaction-without-answer': {
    status: 422,
    title: '当事人没有答复，不能填写满意情况',
    help: '联系不上或拒绝回访的，不计入满意。',
  },
  'return-visit-without-outcome': { status: 409, title: '尚无回访结果，不能办结', help: '请先登记回访结果。' },
  'not-dissatisfied': { status: 409, title: '当事人没有表示不满意', help: '只有不满意的事项须跟进。' },
  'follow-up-already-opened': { status: 409, title: '已经转出跟进', help: '请在已有的事项上继续办理。' },
  'follow-up-missing': { status: 409, title: '当事人不满意，尚未转出跟进', help: '请先转督办跟进。' },
  'remedy-not-offered': {
    status: 409,
    title: '当事人不满意，尚未告知复查或重新办理的途径',
    help: '请先告知并登记。',
  },
  'quality-card-already-issued': { status: 409, title: '该事项的质量监督卡已经发放', help: '一事一卡，不能重复发放。' },
  'quality-card-not-issued': { status: 409, title: '该事项没有发放质量监督卡', help: '请先发放。' },
  'quality-card-already-returned': { status: 409, title: '质量监督卡已经交回', help: '内容有误的，请用更正。' },
  'quality-card-link-incomplete': {
    status: 422,
    title: '链接填写的监督卡须有有效期，纸质的不需要',
    help: '请核对发放形式和有效期。',
  },
  'quality-card-link-invalid': {
    status: 403,
    title: '链接无效或已经使用',
    help: '请使用最近收到的链接，或联系发放单位。',
  },
} as const satisfies ErrorTable
