import type { TermTable } from './terms.ts'

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
