import type { ComplaintActionName } from '../complaint/actions.ts'
import type { ComplaintClockKind } from '../complaint/clocks.ts'
import type { ComplaintEventType } from '../complaint/events.ts'
import type * as fields from '../complaint/fields.ts'
import type { ComplaintStatus } from '../complaint/state.ts'
import type { TermTable } from './terms.ts'

/** A term for each member of a closed list. */
type TermsOf<List extends readonly string[]> = Readonly<Record<List[number], string>>

/** Where a complaint stands. */
export const complaintStatusTerms = {
  none: '未登记',
  received: '已收到',
  'supplement-pending': '待补正',
  accepted: '已受理',
  'not-accepted': '不予受理',
  transferred: '已移送',
  investigating: '调查中',
  suspended: '已中止',
  concluded: '调查终结',
  'director-opinion': '主任已提出意见',
  'reported-to-leader': '已报分管领导',
  decided: '办公会已决定',
  replied: '已答复',
  review: '复查中',
  're-review': '复核中',
  closed: '已办结',
  archived: '已归档',
  withdrawn: '已撤回',
  merged: '已并案',
  terminated: '已终止',
} as const satisfies Readonly<Record<ComplaintStatus, string>>

/** What a person may do with a complaint. */
export const complaintActionTerms = {
  register: '登记投诉',
  identifyRespondent: '补登被投诉人',
  noteRepeat: '登记为重复投诉',
  joinRepeat: '并入重复投诉',
  requestSupplement: '一次性告知补正',
  receiveSupplement: '收到补正材料',
  accept: '受理',
  decline: '不予受理',
  transfer: '移送、转办',
  objectToTransfer: '提出管辖异议',
  decideTransferObjection: '处理管辖异议',
  notify: '告知投诉人',
  assignInvestigators: '指派调查人员',
  requestHandlerReport: '要求承办人员书面报告',
  remindHandler: '催告承办人员',
  fileHandlerReport: '提交书面报告',
  recordMissingHandlerReport: '记录未提交书面报告',
  fileDefence: '提出申辩',
  waiveDefence: '放弃申辩',
  requestRecusal: '申请回避',
  decideRecusal: '决定回避',
  suspend: '中止调查',
  resume: '恢复调查',
  addEvidence: '添加证据材料',
  addNote: '添加办理记录',
  conclude: '调查终结',
  giveOpinion: '主任提出意见',
  reportToLeader: '报分管领导',
  returnForInvestigation: '退回补充调查',
  decideAtMeeting: '办公会决定',
  verifyRectification: '核查整改',
  openPenaltyCase: '转行政处罚立案',
  proposePenalty: '提请上级处罚',
  referToCommittee: '移送惩戒委员会',
  reply: '答复投诉人',
  submitReport: '上报查处情况',
  requestReview: '申请复查',
  decideReview: '复查决定',
  requestReReview: '申请复核',
  decideReReview: '复核决定',
  quashDecision: '登记决定被撤销',
  withdraw: '投诉人撤回',
  merge: '并案',
  answerThroughMain: '由主案一并答复',
  terminate: '终止',
  close: '办结',
  archive: '归档',
  openArchived: '查阅归档案件',
  reopen: '重新启动',
  confirmFirstContactBreach: '认定违反首问负责',
  reportDelay: '报告延误',
  requestExtension: '申请延期',
  decideExtension: '决定延期',
  restrictReaders: '限定知悉范围',
} as const satisfies Readonly<Record<ComplaintActionName, string>>

/** What happened, as the timeline says it. */
export const complaintEventTerms = {
  ComplaintRegistered: '登记投诉',
  RespondentIdentified: '明确被投诉人',
  RepeatFound: '发现重复投诉',
  RepeatJoined: '重复投诉并入本案',
  SupplementRequested: '告知补正',
  SupplementReceived: '收到补正材料',
  ComplaintAccepted: '受理',
  ComplaintNotAccepted: '不予受理',
  ComplaintTransferred: '移送、转办',
  TransferObjected: '提出管辖异议',
  TransferObjectionDecided: '管辖异议处理',
  ComplainantNotified: '告知投诉人',
  InvestigatorsAssigned: '指派调查人员',
  HandlerReportRequested: '要求承办人员书面报告',
  HandlerReminded: '催告承办人员',
  HandlerReportSubmitted: '承办人员提交书面报告',
  HandlerReportAbsent: '承办人员未提交书面报告',
  DefenceSubmitted: '承办人员申辩',
  DefenceWaived: '承办人员放弃申辩',
  RecusalRequested: '申请回避',
  RecusalDecided: '回避决定',
  InvestigationSuspended: '中止调查',
  InvestigationResumed: '恢复调查',
  EvidenceAdded: '添加证据材料',
  NoteAdded: '办理记录',
  InvestigationConcluded: '调查终结',
  DirectorOpinionGiven: '中心主任意见',
  ReportedToLeader: '报分管领导',
  ReturnedForInvestigation: '退回补充调查',
  OfficeMeetingDecided: '局办公会决定',
  RectificationVerified: '整改核查',
  PenaltyCaseOpened: '行政处罚立案',
  PenaltyProposalForwarded: '提请上级处罚',
  ReferredToCommittee: '移送惩戒委员会',
  ReplyGiven: '答复投诉人',
  ComplaintReportSubmitted: '上报查处情况',
  ReviewRequested: '申请复查',
  ReviewDecided: '复查决定',
  ReReviewRequested: '申请复核',
  ReReviewDecided: '复核决定',
  DecisionQuashed: '决定被撤销',
  ComplaintWithdrawn: '投诉人撤回',
  ComplaintMerged: '并案',
  AnsweredThroughMain: '由主案一并答复',
  ComplaintTerminated: '终止',
  ComplaintClosed: '办结',
  ComplaintArchived: '归档',
  ArchivedCaseOpened: '查阅归档案件',
  ComplaintReopened: '重新启动',
  FirstContactBreachConfirmed: '认定违反首问负责',
  DelayReported: '报告延误',
  ExtensionRequested: '申请延期',
  ExtensionDecided: '延期决定',
  ReadersNamed: '限定知悉范围',
  CaseImported: '导入台账案件',
  ImportedMilestone: '台账节点',
  ImportedFieldsAdded: '台账补充内容',
  ImportedFieldsChanged: '台账更新内容',
} as const satisfies Readonly<Record<ComplaintEventType, string>>

/** Kinds of clocks of complaints and visits. */
export const complaintClockTerms = {
  'complaint.acceptance': '受理期限',
  'complaint.notice': '告知期限',
  'complaint.transfer-objection': '管辖异议期限',
  'complaint.supplement': '补正期限',
  'complaint.investigation': '调查期限',
  'complaint.handler-report': '书面报告期限',
  'complaint.reply': '答复期限',
  'complaint.result-notice': '结果告知期限',
  'complaint.report': '上报期限',
  'complaint.rectification': '整改期限',
  'complaint.review': '复查期限',
  'complaint.re-review': '复核期限',
  'complaint.imported': '台账期限',
  'complaint.acceptance.legal-aid': '受理期限（法律援助）',
  'complaint.notice.legal-aid': '告知期限（法律援助）',
  'complaint.reply.legal-aid': '答复期限（法律援助）',
  'complaint.result-notice.legal-aid': '结果告知期限（法律援助）',
  'complaint.reply.hotline-12345': '答复期限（12345热线）',
  'complaint.reply.extension': '答复延期上限',
  'visit.first-contact': '首问负责期限',
  'consultation.phone-reply': '电话回复期限',
  'suggestion.answer': '意见建议答复期限',
} as const satisfies Readonly<
  Record<ComplaintClockKind | 'visit.first-contact' | 'consultation.phone-reply' | 'suggestion.answer', string>
>

export const channelTerms = {
  letter: '来信',
  visit: '来访',
  phone: '来电',
  online: '网络',
  'hotline-12345': '12345热线',
  transferred: '转来',
} as const satisfies TermsOf<typeof fields.channels>

export const natureTerms = { complaint: '投诉', report: '举报' } as const satisfies TermsOf<typeof fields.natures>

export const procedureTerms = {
  complaint: '投诉处理',
  petition: '信访',
  'legal-aid': '法律援助投诉',
} as const satisfies TermsOf<typeof fields.procedures>

export const violationTerms = {
  'unauthorised-move': '擅自将办公场所迁往城区',
  'unregistered-reception-point': '在注册地址以外设立接待点',
  'unfair-competition': '不正当竞争',
  'private-acceptance-or-fees': '私自收案收费',
  'out-of-scope-practice': '超越业务范围、执业区域',
  'improper-solicitation': '不正当招揽业务',
  'posing-as-lawyer': '冒充律师',
  'practising-at-two-offices': '同时在两个机构执业',
  'refusing-legal-aid': '拒绝履行法律援助义务',
  'representing-both-sides': '同时代理双方当事人',
  'neglect-of-duty': '不履行职责',
  'false-annual-assessment': '逃避年度考核或弄虚作假',
  'leaking-secrets': '泄露秘密、隐私',
  bribery: '行贿或违规会见',
  collusion: '与对方当事人串通',
  'false-evidence': '提供虚假证据',
  'fees-not-published': '收费标准未公示',
  'no-receipt': '不出具合法票据',
  'poor-service': '服务态度、质量问题',
  other: '其他',
} as const satisfies TermsOf<typeof fields.violationKinds>

export const nonAcceptanceTerms = {
  'out-of-scope': '不属于受理范围',
  'no-jurisdiction': '不属于本机关管辖',
  'no-standing': '投诉人与事项无利害关系',
  'respondent-unidentified': '没有明确的被投诉人',
  'no-concrete-facts': '没有具体的投诉事实',
  'other-procedure': '应当或已经通过其他法定途径处理',
  'same-facts-exhausted': '同一事实已经复核终结',
  'supplement-not-provided': '逾期未补正',
  'time-barred': '超过投诉时限',
} as const satisfies TermsOf<typeof fields.nonAcceptanceGrounds>

export const transferTerms = {
  transfer: '移送',
  forward: '转办',
  'assign-with-report': '交办',
} as const satisfies TermsOf<typeof fields.transferModes>

export const methodTerms = {
  letter: '信函',
  phone: '电话',
  'in-person': '当面',
  online: '网络',
  sms: '短信',
} as const satisfies TermsOf<typeof fields.contactMethods>

export const noticeTerms = {
  acceptance: '受理',
  'non-acceptance': '不予受理',
  transfer: '移送、转办',
  merger: '并案',
  suspension: '中止',
  resumption: '恢复',
  extension: '延期',
  termination: '终止',
} as const satisfies TermsOf<typeof fields.noticeSubjects>

export const partyTerms = {
  complainant: '投诉人',
  respondent: '被投诉人',
  'person-concerned': '本人',
  bureau: '司法局',
  other: '其他',
} as const satisfies TermsOf<typeof fields.parties>

export const recusalTerms = {
  'direct-interest': '有直接利害关系',
  kinship: '近亲属关系',
  acquaintance: '其他关系可能影响公正',
  'earlier-handling': '曾经办理过该事项',
  other: '其他',
} as const satisfies TermsOf<typeof fields.recusalGrounds>

export const suspensionTerms = {
  'other-procedure-pending': '其他法定程序正在进行',
  'review-pending': '复查争议正在处理',
  'force-majeure': '不可抗力',
  'party-unreachable': '当事人无法联系',
  other: '其他',
} as const satisfies TermsOf<typeof fields.suspensionGrounds>

export const terminationTerms = {
  'respondent-ceased': '被投诉机构已注销',
  'complainant-uncooperative': '投诉人不配合调查',
  'other-procedure-decided': '其他法定程序已作出处理',
  'facts-cannot-be-pursued': '事实无法继续查证',
  other: '其他',
} as const satisfies TermsOf<typeof fields.terminationGrounds>

export const outcomeTerms = {
  substantiated: '属实',
  'partly-substantiated': '部分属实',
  unsubstantiated: '不属实',
  unverifiable: '无法查实',
} as const satisfies TermsOf<typeof fields.outcomes>

export const measureTerms = {
  'penalty-case': '行政处罚立案',
  'penalty-proposal': '提请上级处罚',
  'industry-discipline': '行业惩戒',
  'star-finding': '星级认定',
  'rectification-order': '责令整改',
  'integrity-file': '记入诚信执业档案',
  'criticism-and-education': '批评教育',
  'refund-advised': '建议退费',
  none: '不采取措施',
} as const satisfies TermsOf<typeof fields.measureKinds>

export const proposedPenaltyTerms = {
  warning: '警告',
  'public-criticism': '通报批评',
  fine: '罚款',
  confiscation: '没收违法所得',
  suspension: '停止执业、停业整顿',
  revocation: '吊销',
} as const satisfies TermsOf<typeof fields.penaltyKinds>

export const reportPartTerms = {
  matter: '投诉事项',
  investigators: '调查人',
  grounds: '投诉事由',
  verifiedFacts: '查证事实',
  result: '处理结果',
  basis: '依据',
} as const satisfies TermsOf<typeof fields.reportParts>

export const reviewTerms = {
  upheld: '维持',
  changed: '变更',
  revoked: '撤销',
} as const satisfies TermsOf<typeof fields.reviewOutcomes>

export const quashingTerms = {
  review: '复查机关',
  're-review': '复核机关',
  reconsideration: '行政复议机关',
  court: '人民法院',
  superior: '上级机关',
} as const satisfies TermsOf<typeof fields.quashingBodies>

export const reopeningTerms = {
  'new-facts': '有新的事实',
  'superior-instruction': '上级要求',
  'own-error': '自行纠错',
  'complainant-dissatisfied': '投诉人不满意',
} as const satisfies TermsOf<typeof fields.reopeningGrounds>

export const archivePurposeTerms = {
  audit: '审计检查',
  review: '复查复核',
  litigation: '行政诉讼',
  reconsideration: '行政复议',
  'related-case': '办理关联案件',
  statistics: '统计',
  other: '其他',
} as const satisfies TermsOf<typeof fields.archivePurposes>

export const retentionTerms = {
  permanent: '永久',
  '30y': '三十年',
  '10y': '十年',
} as const satisfies TermsOf<typeof fields.retentions>

export const breachTerms = {
  refusal: '拒绝',
  'buck-passing': '推诿',
  delay: '拖延',
  rudeness: '态度粗暴',
} as const satisfies TermsOf<typeof fields.breachKinds>

export const breachMeasureTerms = {
  education: '教育',
  criticism: '批评',
  measure: '处理',
} as const satisfies TermsOf<typeof fields.breachMeasures>

export const milestoneTerms = {
  received: '收到',
  accepted: '受理',
  replied: '答复',
  closed: '办结',
} as const satisfies TermsOf<typeof fields.milestones>

/** Every closed list of complaint fields by its name in the catalogue of terms. */
export const complaintTerms = {
  status: complaintStatusTerms,
  action: complaintActionTerms,
  event: complaintEventTerms,
  clock: complaintClockTerms,
  channel: channelTerms,
  nature: natureTerms,
  procedure: procedureTerms,
  kind: violationTerms,
  nonAcceptance: nonAcceptanceTerms,
  transfer: transferTerms,
  method: methodTerms,
  notice: noticeTerms,
  party: partyTerms,
  recusal: recusalTerms,
  suspension: suspensionTerms,
  termination: terminationTerms,
  outcome: outcomeTerms,
  measure: measureTerms,
  proposedPenalty: proposedPenaltyTerms,
  reportPart: reportPartTerms,
  review: reviewTerms,
  quashing: quashingTerms,
  reopening: reopeningTerms,
  archivePurpose: archivePurposeTerms,
  retention: retentionTerms,
  breach: breachTerms,
  breachMeasure: breachMeasureTerms,
  milestone: milestoneTerms,
} as const satisfies Readonly<Record<string, TermTable>>
