import type { SupervisionActionName } from '../supervision/actions.ts'
import type { SupervisionClockKind } from '../supervision/clocks.ts'
import type { SupervisionEventType } from '../supervision/events.ts'
import type * as fields from '../supervision/fields.ts'
import type { SupervisionStatus, TaskStatus } from '../supervision/state.ts'
import type { ErrorTable } from './errors.ts'
import type { TermTable } from './terms.ts'

type TermsOf<List extends readonly string[]> = Readonly<Record<List[number], string>>

export const supervisionStatusTerms = {
  none: '未立项',
  opened: '已立项',
  assigned: '督办中',
  answered: '待销号',
  closed: '已办结',
  withdrawn: '已撤销',
} as const satisfies Readonly<Record<SupervisionStatus, string>>

export const taskStatusTerms = {
  assigned: '待签收',
  signed: '办理中',
  planned: '列入计划',
  replied: '待复核',
  settled: '已办结',
  cancelled: '已取消',
} as const satisfies Readonly<Record<TaskStatus, string>>

export const supervisionActionTerms = {
  open: '督办立项',
  changeImportance: '调整重要程度',
  assignTasks: '责任分解',
  sign: '签收',
  transfer: '转交其他单位',
  cancelTask: '取消任务',
  chase: '催办',
  reportProgress: '报告进展',
  requestCoordination: '提请协调',
  recordCoordination: '登记协调结果',
  plan: '列入计划',
  declineTask: '说明不能办理的原因',
  reportDelay: '报告不能按时办结',
  requestExtension: '申请延期',
  decideExtension: '延期审批',
  addEvidence: '添加证据材料',
  reply: '反馈回复',
  acceptReply: '复核通过',
  returnReply: '退回重办',
  issueCard: '发督办通知、黄牌、红牌或通报',
  objectToCard: '提出异议',
  decideObjection: '处理异议',
  issueCircular: '书面通报',
  reportSummary: '汇总向领导汇报',
  changeOfficer: '更换督办人员',
  restrictReaders: '限定知悉范围',
  recordMiss: '记录逾期',
  close: '办结销号',
  withdraw: '撤销督办',
} as const satisfies Readonly<Record<SupervisionActionName, string>>

export const supervisionEventTerms = {
  SupervisionOpened: '督办立项',
  ImportanceChanged: '调整重要程度',
  SupervisionTaskAssigned: '分解任务',
  TaskSigned: '签收',
  TaskTransferred: '转交其他单位',
  TaskCancelled: '取消任务',
  SupervisionActionTaken: '催办',
  ProgressReported: '报告进展',
  CoordinationRequested: '提请协调',
  CoordinationDone: '协调落实',
  TaskPlanned: '列入计划',
  TaskDeclinedWithReason: '说明不能办理的原因',
  DelayReported: '报告不能按时办结',
  ExtensionRequested: '申请延期',
  ExtensionDecided: '延期审批',
  EvidenceAdded: '添加证据材料',
  SupervisionReplied: '反馈回复',
  ReplyAccepted: '复核通过',
  ReplyReturned: '退回重办',
  CardIssued: '发出督办通知、黄牌、红牌或通报',
  CardObjected: '提出异议',
  CardObjectionDecided: '处理异议',
  WrittenCircularIssued: '书面通报',
  SummaryReported: '汇总向领导汇报',
  OfficerChanged: '更换督办人员',
  ReadersNamed: '限定知悉范围',
  DeadlineMissed: '逾期',
  SupervisionClosed: '办结销号',
  SupervisionWithdrawn: '撤销督办',
} as const satisfies Readonly<Record<SupervisionEventType, string>>

export const sourceTerms = {
  complaint: '投诉事项',
  instruction: '领导批示、交办',
  'missed-deadline': '期限届满未办',
  'return-visit': '回访不满意',
  'first-contact-breach': '违反首问负责',
  other: '其他',
} as const satisfies TermsOf<typeof fields.sources>

export const importanceTerms = {
  normal: '一般事项',
  important: '重要事项',
  major: '重大事项',
} as const satisfies TermsOf<typeof fields.importances>

export const taskRoleTerms = { lead: '主办', 'co-handling': '协办' } as const satisfies TermsOf<typeof fields.taskRoles>

export const routeTerms = {
  'supervision-office': '督查办协调',
  'leader-in-charge': '承办部门分管领导协调',
} as const satisfies TermsOf<typeof fields.routes>

export const methodTerms = {
  phone: '电话催办',
  'on-site': '现场督办',
  meeting: '会议督办',
  'door-visit': '上门催办',
} as const satisfies TermsOf<typeof fields.defaultMethods>

export const levelTerms = {
  notice: '督办通知',
  'yellow-card': '黄牌警示',
  'red-card': '红牌警示',
  circular: '通报',
} as const satisfies TermsOf<typeof fields.levels>

export const answerTerms = {
  done: '已落实',
  planned: '列入计划逐步办理',
  declined: '确实不能办理',
} as const satisfies TermsOf<typeof fields.answers>

export const supervisionClockTerms = {
  'supervision.item': '督办事项办结',
  'supervision.assignment': '责任分解',
  'supervision.sign-for': '签收',
  'supervision.reply': '反馈回复',
  'supervision.holding': '本单位办理',
  'supervision.plan': '计划办结',
  'supervision.review': '复核反馈',
  'supervision.coordination': '协调困难',
  'supervision.next-chase': '再次催办',
  'supervision.objection': '处理异议',
  'supervision.circular': '书面通报',
} as const satisfies Readonly<Record<SupervisionClockKind, string>>

/** Every closed list of supervision by its name in the catalogue of terms. */
export const supervisionTerms = {
  status: supervisionStatusTerms,
  taskStatus: taskStatusTerms,
  action: supervisionActionTerms,
  event: supervisionEventTerms,
  source: sourceTerms,
  importance: importanceTerms,
  taskRole: taskRoleTerms,
  route: routeTerms,
  method: methodTerms,
  level: levelTerms,
  answer: answerTerms,
  clock: supervisionClockTerms,
} as const satisfies Readonly<Record<string, TermTable>>

/** Refusals of supervision items, of the practice they follow and of recorded misses. */
export const supervisionErrors = {
  'supervision-ended': { status: 409, title: '督办事项已经办结或撤销', help: '仍须督办的，请另行立项。' },
  'supervision-about-missing': {
    status: 422,
    title: '没有写明督办所针对的案件',
    help: '由案件引起的督办须写明该案件。',
  },
  'supervision-matter-missing': { status: 422, title: '没有写明督办事项', help: '请填写督办的事项和要求。' },
  'supervision-without-tasks': { status: 409, title: '没有正在办理的任务', help: '请先把任务分解到承办单位。' },
  'supervision-task-unknown': { status: 422, title: '本督办事项没有该任务', help: '请选择本事项中的任务。' },
  'supervision-task-known': { status: 409, title: '该任务已经登记', help: '同一任务只登记一次。' },
  'supervision-task-ended': { status: 409, title: '该任务已经办结或取消', help: '请选择正在办理的任务。' },
  'supervision-second-lead': {
    status: 422,
    title: '已有主办单位',
    help: '一个事项只有一个主办单位，其余单位为协办；更换主办单位请用转交。',
  },
  'supervision-lead-missing': { status: 422, title: '没有主办单位', help: '请先确定主办单位，再安排协办单位。' },
  'supervision-unit-already-charged': {
    status: 409,
    title: '该单位已承担本事项的任务',
    help: '请在已有的任务上办理，或选择其他单位。',
  },
  'supervision-unit-not-charged': {
    status: 422,
    title: '该单位没有承担本事项的任务',
    help: '通报批评的单位须是承担任务的单位。',
  },
  'supervision-nothing-to-sign': { status: 409, title: '没有待签收的任务', help: '请先分解任务。' },
  'supervision-already-signed': { status: 409, title: '该任务已经签收', help: '无需再次签收。' },
  'acts-for-another-unit': { status: 403, title: '不能代其他承办单位办理', help: '请由承担该任务的单位办理。' },
  'limit-and-due': { status: 422, title: '期限与截止日期只能填写一项', help: '请填写办理期限，或者填写截止日期。' },
  'due-before-start': { status: 422, title: '截止日期早于起算时间', help: '请核对截止日期。' },
  'date-before-step': { status: 422, title: '所填日期早于本次办理', help: '请填写当日或以后的日期。' },
  'chase-method-unknown': {
    status: 422,
    title: '没有这种督办方式',
    help: '请选择电话催办、现场督办、会议督办、上门催办或本单位规定的其他方式。',
  },
  'chase-without-whom': { status: 422, title: '没有写明被催办人', help: '请选择或填写被催办的人员。' },
  'coordination-misrouted': {
    status: 422,
    title: '协调的途径不对',
    help: '一般事项由督查办协调，重要、重大事项报承办部门分管领导协调。',
  },
  'coordination-leader-missing': { status: 422, title: '没有写明分管领导', help: '请填写承办部门的分管领导。' },
  'coordination-already-requested': {
    status: 409,
    title: '该任务的困难正在协调',
    help: '请先登记已有协调的结果。',
  },
  'coordination-not-requested': { status: 409, title: '没有待协调的困难', help: '请先提请协调。' },
  'reply-without-sign-for': { status: 409, title: '尚未签收，不能反馈', help: '请先签收任务。' },
  'supervision-nothing-to-answer': {
    status: 409,
    title: '没有可以反馈的任务',
    help: '尚未签收的请先签收；已反馈的请等待复核。',
  },
  'answer-waits-for-review': { status: 409, title: '反馈正在复核', help: '复核退回后可以再次反馈。' },
  'answer-missing': { status: 409, title: '没有待复核的反馈', help: '请等待承办单位反馈。' },
  'reviewer-is-replier': { status: 403, title: '反馈人不能复核自己的反馈', help: '请由督查办的其他人员复核。' },
  'delay-reported-too-late': {
    status: 409,
    title: '期限届满后才报告',
    help: '不能按时办结的，应当在期限届满前报告；届满后请尽快反馈并说明原因。',
  },
  'extensions-used-up': { status: 409, title: '延期次数已用完', help: '该任务不能再次延期。' },
  'extension-refused-without-reason': { status: 422, title: '不同意延期须说明理由', help: '请填写理由。' },
  'supervision-tasks-open': { status: 409, title: '还有任务没有办结', help: '请待全部任务反馈并复核通过后办结。' },
  'supervision-close-without-reply': {
    status: 409,
    title: '主办单位没有反馈，不能办结',
    help: '事事有着落，件件有回音：主办单位的反馈复核通过后才能办结。',
  },
  'circular-missing': { status: 409, title: '重大事项尚未书面通报，不能办结', help: '请先发出书面通报。' },
  'circular-without-reason': {
    status: 422,
    title: '不是重大事项，书面通报须说明理由',
    help: '请填写通报的理由。',
  },
  'card-known': { status: 409, title: '该督办文书已经登记', help: '同一文书只登记一次。' },
  'card-unknown': { status: 422, title: '本督办事项没有该文书', help: '请选择本事项中发出的通知或警示。' },
  'card-out-of-order': {
    status: 422,
    title: '警示的层级次序不对',
    help: '请按督办通知、黄牌、红牌、通报的次序逐级发出。',
  },
  'card-objection-repeated': { status: 409, title: '已对该文书提出过异议', help: '同一文书只能提出一次异议。' },
  'card-objection-missing': { status: 409, title: '没有待处理的异议', help: '请先登记异议。' },
  'card-objection-judge-involved': {
    status: 403,
    title: '发出人、责任人和异议人不能处理该异议',
    help: '请由其他有权人员处理。',
  },
  'card-objection-open': { status: 409, title: '异议尚未处理，不能办结', help: '请先处理异议。' },
  'deadline-clock-unknown': { status: 422, title: '本案没有该期限', help: '请选择本案中的期限。' },
  'deadline-before-start': { status: 422, title: '期满时间早于起算时间', help: '请核对期满时间。' },
  'deadline-miss-known': { status: 409, title: '该期限的逾期已经记录', help: '同一期限的逾期只记录一次。' },
  'deadline-not-missed-yet': { status: 409, title: '期限尚未届满', help: '期限届满后才记录逾期。' },
  'practice-duty-repeated': { status: 422, title: '同一定期工作列了两次', help: '每项定期工作只列一次。' },
  'practice-duty-unknown': {
    status: 422,
    title: '期限规定中没有这项定期工作',
    help: '请先在期限规定中写明它的周期，或核对名称。',
  },
  'practice-method-repeated': { status: 422, title: '同一督办方式列了两次', help: '每种方式只列一次。' },
  'practice-levels-order': {
    status: 422,
    title: '警示层级的次序或天数有误',
    help: '层级须由低到高，逾期天数不得减少。',
  },
  'sample-rate-too-low': { status: 422, title: '回访抽样比例过低', help: '抽样比例不得低于百分之十。' },
} as const satisfies ErrorTable
