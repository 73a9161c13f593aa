import { violationTerms } from './complaint-terms.ts'
import { dutyTerms, obligationStatusTerms, reportKindTerms, reportStatusTerms } from './oversight.ts'
import { disciplineTerms, penaltyTerms } from './penalty-terms.ts'
import { qualityCardStatusTerms, returnVisitStatusTerms, visitGroundTerms } from './return-visit.ts'
import { sourceTerms, supervisionStatusTerms } from './supervision.ts'
import type { TermTable } from './terms.ts'

/** Columns of the lists of everything besides complaints and visits that is handled as a case. */
const matterColumns = {
  case: '编号',
  number: '案号',
  organisation: '归属单位',
  state: '状态',
  kind: '类别',
  office: '所涉机构',
  worker: '所涉人员执业证号',
  importance: '重要程度',
  about: '所涉案件',
  from: '起始',
  until: '截止',
  openedAt: '开始时间',
  closedAt: '办结时间',
} as const satisfies TermTable

/** Columns of exported lists, by list; their order is the order of the columns. */
export const listColumns = {
  complaints: {
    case: '案件编号',
    number: '案号',
    organisation: '归属单位',
    state: '状态',
    ledger: '来源台账',
    ledgerState: '台账状态',
    channel: '来源渠道',
    nature: '性质',
    procedure: '程序',
    kind: '违规类别',
    anonymous: '匿名',
    office: '被投诉机构',
    worker: '被投诉人员执业证号',
    receivedAt: '收到时间',
    acceptedAt: '受理时间',
    decidedAt: '决定时间',
    repliedAt: '答复时间',
    closedAt: '办结时间',
    archivedAt: '归档时间',
    outcome: '调查结论',
    throughFault: '存在过错',
    review: '复查',
  },
  visits: {
    visit: '编号',
    number: '登记号',
    organisation: '归属单位',
    state: '状态',
    channel: '方式',
    item: '服务事项',
    registeredAt: '登记时间',
    closedAt: '办结时间',
    answered: '已答复',
    consultation: '复杂咨询',
    suggestion: '意见建议',
    complaint: '转为投诉',
    firstContact: '首问人员',
    handler: '承办人员',
  },
  audit: {
    index: '序号',
    recordedAt: '记录时间',
    effectiveAt: '发生时间',
    title: '事项',
    type: '记录类型',
    stream: '案卷',
    revision: '版本',
    organisation: '归属单位',
    actor: '操作人',
    role: '角色',
    rule: '依据',
    corrects: '更正',
    id: '记录编号',
  },
  organisations: {
    id: '编号',
    code: '代码',
    name: '名称',
    abbreviation: '简称',
    kind: '类别',
    division: '区划代码',
    parent: '上级单位',
  },
  offices: {
    id: '编号',
    name: '名称',
    licence: '执业许可证号',
    kind: '类别',
    division: '区划代码',
    organisation: '主管单位',
    status: '状态',
    address: '住所',
  },
  persons: { id: '编号', name: '姓名', organisation: '单位', status: '状态', roles: '角色' },
  supervisions: matterColumns,
  'return-visits': matterColumns,
  'return-plans': matterColumns,
  'quality-cards': matterColumns,
  reports: matterColumns,
  obligations: matterColumns,
  practices: matterColumns,
  penalties: matterColumns,
  disciplines: matterColumns,
  board: {
    light: '灯',
    state: '状态',
    due: '到期',
    left: '剩余工作日',
    clock: '期限',
    number: '案号',
    unit: '责任单位',
    person: '责任人',
    office: '所涉机构',
    importance: '重要程度',
    rule: '依据',
    case: '编号',
  },
  moves: {
    number: '案号',
    clock: '期限',
    unit: '单位',
    from: '原期限',
    to: '新期限',
    because: '因何通知',
    case: '编号',
  },
  cycles: {
    id: '编号',
    organisation: '单位',
    name: '名称',
    year: '年度',
    scheme: '评定标准',
    openedOn: '开始日期',
    announced: '已公布',
    closed: '已结束',
  },
} as const satisfies Readonly<Record<string, TermTable>>
export type ListName = keyof typeof listColumns

/** What exported files are called. */
export const listTitles = {
  complaints: '投诉清单',
  visits: '来访清单',
  audit: '审计线索',
  organisations: '单位',
  offices: '法律服务机构',
  persons: '用户',
  supervisions: '督办清单',
  'return-visits': '回访清单',
  'return-plans': '回访计划',
  'quality-cards': '质量监督卡清单',
  reports: '通报与报告清单',
  obligations: '定期工作清单',
  practices: '督办回访办法',
  penalties: '行政处罚清单',
  disciplines: '行业惩戒清单',
  board: '督办看板',
  moves: '随放假安排移动的期限',
  cycles: '评定周期',
} as const satisfies Readonly<Record<ListName, string>>

export const yesNo = (value: boolean | null | undefined): string =>
  value === true ? '是' : value === false ? '否' : ''

export const consultationTerms: TermTable = { none: '', open: '待电话回复', answered: '已回复' }
export const suggestionTerms: TermTable = {
  none: '',
  received: '已收到',
  'panel-formed': '已成立专门小组',
  answered: '已答复',
}
/** Which of several actors that are no person an event names. */
export const actorTerms: TermTable = { operator: '终端操作员', reactor: '系统' }

/** Where an office or a person of the registry stands. */
export const standingTerms: TermTable = {
  active: '正常',
  suspended: '停业',
  deregistered: '已注销',
  disabled: '已停用',
}

const cardFormTerms = { paper: '纸质', link: '网上' } as const satisfies TermTable

/** The words of what such a list calls its states and kinds. */
export const matterTerms = {
  supervisions: { state: supervisionStatusTerms, kind: sourceTerms },
  'return-visits': { state: returnVisitStatusTerms, kind: visitGroundTerms },
  'return-plans': { state: { none: '未制定', planned: '已制定' }, kind: {} },
  'quality-cards': { state: qualityCardStatusTerms, kind: cardFormTerms },
  reports: { state: reportStatusTerms, kind: reportKindTerms },
  obligations: { state: obligationStatusTerms, kind: dutyTerms },
  practices: { state: { none: '未公布', published: '已公布' }, kind: {} },
  penalties: { state: penaltyTerms.status, kind: violationTerms },
  disciplines: { state: disciplineTerms.status, kind: violationTerms },
} as const satisfies Readonly<Record<string, { readonly state: TermTable; readonly kind: TermTable }>>
export type MatterListName = keyof typeof matterTerms

export const isMatterList = (name: string): name is MatterListName => Object.hasOwn(matterTerms, name)
