import type { ReportEvents, ReportState, readerRoles, reportActions, reportKinds } from '../bulletin.ts'
import type { ObligationEvents, ObligationState, obligationActions } from '../obligation.ts'
import type { ErrorTable } from './errors.ts'
import type { TermTable } from './terms.ts'

type TermsOf<List extends readonly string[]> = Readonly<Record<List[number], string>>

export const reportKindTerms = {
  weekly: '每周统计',
  monthly: '月通报',
  quarterly: '季督查报告',
} as const satisfies TermsOf<typeof reportKinds>

export const reportStatusTerms = {
  none: '未印发',
  issued: '已印发',
  reviewed: '已审阅',
} as const satisfies Readonly<Record<ReportState['status'], string>>

export const readerRoleTerms = {
  'director-general': '局长',
  'leader-in-charge': '分管领导',
} as const satisfies TermsOf<typeof readerRoles>

export const reportActionTerms = {
  submitWeekly: '报送每周统计',
  reviewWeekly: '审阅每周统计',
  issueBulletin: '印发月通报',
  issueInspection: '印发季督查报告',
} as const satisfies Readonly<Record<keyof typeof reportActions, string>>

export const reportEventTerms = {
  WeeklyReportSubmitted: '报送每周统计',
  WeeklyReportReviewed: '审阅每周统计',
  BulletinIssued: '印发月通报',
  QuarterlyInspectionIssued: '印发季督查报告',
} as const satisfies Readonly<Record<keyof ReportEvents, string>>

export const obligationStatusTerms = {
  none: '未到期',
  due: '待履行',
  met: '已履行',
  waived: '已免除',
} as const satisfies Readonly<Record<ObligationState['status'], string>>

export const obligationActionTerms = {
  open: '列入应办事项',
  meet: '登记已履行',
  waive: '免除',
  recordMiss: '记录逾期',
} as const satisfies Readonly<Record<keyof typeof obligationActions, string>>

export const obligationEventTerms = {
  ObligationDue: '应当履行',
  ObligationMet: '已履行',
  ObligationWaived: '免除',
  DeadlineMissed: '逾期',
} as const satisfies Readonly<Record<keyof ObligationEvents, string>>

/** What recurring duties are called, by kind of their policy entry. */
export const dutyTerms: TermTable = {
  'duty.reception-ledger': '每日接待登记',
  'duty.weekly-statistics': '每周统计汇总',
  'duty.return-visits': '每月回访',
  'duty.group-study': '每月集中教育学习',
  'duty.news-and-cases': '每月信息和典型案例报送',
  'duty.monthly-bulletin': '月通报',
  'duty.backup': '每月备份',
  'duty.quarterly-inspection': '季督查',
  'duty.quarterly-training': '每季度培训',
  'duty.annual-assessment': '年度考核',
  'duty.county-training': '每半年培训',
  'duty.top-ten-cases': '年度十大典型案例',
  'duty.advanced-workers': '先进工作者评选',
  'duty.brand-offices': '品牌所评选',
  'star.cycle': '星级评定',
  'star.special-inspection': '星级年度专项检查',
}

/** Words of the printed report. */
export const reportTexts = {
  all: '合计',
  unit: '单位或责任人',
  rate: '按期办结率',
  holderRate: '单个承办环节按期率',
  period: (from: string, until: string) => `统计期间：${from} 至 ${until}`,
  source: (asOf: number, computedAt: string, reproduced: boolean | null) =>
    `数字依据截至序号 ${asOf}、时间 ${computedAt} 的记录；${reproduced === null ? '统计口径已变，未重算' : reproduced ? '现已由记录重算，结果一致' : '现由记录重算，结果不一致'}。按期办结率＝按期办结÷（按期办结＋逾期办结＋已逾期未办结）。`,
} as const

const figureTerms: TermTable = {
  open: '未结',
  overdue: '已逾期未结',
  dueSoon: '即将到期',
  paused: '中止',
  noDeadline: '未设期限',
  closedOnTime: '按期办结',
  closedLate: '逾期办结',
  closedNoDeadline: '办结（未设期限）',
  'registered.complaint': '新收投诉',
  'registered.visit': '来访与咨询',
  'registered.supervision': '新立督办',
  'registered.returnvisit': '新派回访',
  'registered.penalty': '新立处罚案件',
  'registered.discipline': '新移送惩戒',
  'satisfaction.asked': '征求评价',
  'satisfaction.reached': '联系到',
  'satisfaction.answered': '作出评价',
  'satisfaction.satisfied': '满意',
}

/** What a figure of a report is called; of a single holder's clock it says so. */
export const figureTerm = (name: string): string =>
  name.startsWith('holder.') ? `承办环节${figureTerm(name.slice(7))}` : (figureTerms[name] ?? name)

/** Every closed list of reports and duties by its name in the catalogue of terms. */
export const oversightTerms = {
  reportKind: reportKindTerms,
  reportStatus: reportStatusTerms,
  readerRole: readerRoleTerms,
  reportAction: reportActionTerms,
  reportEvent: reportEventTerms,
  obligationStatus: obligationStatusTerms,
  obligationAction: obligationActionTerms,
  obligationEvent: obligationEventTerms,
  duty: dutyTerms,
} as const satisfies Readonly<Record<string, TermTable>>

/** Refusals of reports and recurring duties. */
export const oversightErrors = {
  'bulk-too-large': { status: 422, title: '一次选择的事项过多', help: '每次最多 500 项，请缩小条件分次办理。' },
  'not-under-supervision': { status: 409, title: '该事项尚未督办立项', help: '请先督办立项，再登记催办。' },
  'report-already-issued': { status: 409, title: '该期报告已经印发', help: '每期一份；内容有误的，请用更正。' },
  'report-not-issued': { status: 409, title: '该期报告尚未印发', help: '请先印发。' },
  'report-not-weekly': { status: 409, title: '只有每周统计须报领导审阅', help: '请选择每周统计。' },
  'report-already-reviewed': { status: 409, title: '该领导已经审阅', help: '局长和分管领导各审阅一次。' },
  'report-reader-repeated': { status: 409, title: '同一人不能审阅两次', help: '每周统计由局长和分管领导两人审阅。' },
  'report-period-wrong': {
    status: 422,
    title: '报告的起止日期不是一个完整的周期',
    help: '请按自然周、自然月或自然季度填写。',
  },
  'report-period-not-begun': { status: 422, title: '报告的周期尚未开始', help: '请选择已经开始的周期。' },
  'report-figures-later': { status: 422, title: '数据的时点晚于印发时间', help: '请核对印发时间。' },
  'report-unit-repeated': { status: 422, title: '同一单位的数据列了两次', help: '每个单位只列一行。' },
  'obligation-already-due': { status: 409, title: '该期应办事项已经列入', help: '请在已有的事项上办理。' },
  'obligation-not-due': { status: 409, title: '该期应办事项尚未列入', help: '周期开始后自动列入。' },
  'obligation-ended': { status: 409, title: '该期应办事项已经履行或免除', help: '登记有误的，请用更正。' },
  'obligation-met-by-nothing': { status: 422, title: '没有写明履行的依据', help: '请填写相应的记录或文号。' },
  'obligation-met-before': { status: 422, title: '履行时间早于周期开始', help: '请核对履行时间。' },
} as const satisfies ErrorTable
