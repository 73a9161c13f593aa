import type { TermTable } from './terms.ts'

/** What each register is called. */
export const registerTitles = {
  daily: '每日分类接待登记簿',
  weekly: '每周统计汇总',
  catalogue: '案卷归档目录',
} as const satisfies TermTable
export type RegisterName = keyof typeof registerTitles

/** The rule each register follows. */
export const registerRules = { daily: 'S1-2.1', weekly: 'S1-2.3', catalogue: 'S1-2.2' } as const satisfies Readonly<
  Record<RegisterName, string>
>

/** Columns of each register, in their order. */
export const registerColumns = {
  daily: {
    order: '序',
    category: '类别',
    number: '编号',
    at: '时间',
    channel: '方式',
    person: '来访（投诉）人',
    matter: '事由',
    firstContact: '首问人员',
    state: '状态',
    handled: '办理情况',
    organisation: '单位',
  },
  weekly: { unit: '单位', group: '项目', item: '分类', count: '数量' },
  catalogue: {
    order: '盒内序号',
    fileNumber: '档号',
    number: '案号',
    title: '题名',
    parties: '当事人数',
    receivedAt: '收到',
    closedAt: '办结',
    archivedAt: '归档',
    outcome: '结论',
    evidence: '证据件数',
    retention: '保管期限',
    organisation: '单位',
  },
} as const satisfies Readonly<Record<RegisterName, TermTable>>

/** Columns that hold times. */
export const registerTimes = {
  daily: ['at'],
  weekly: [],
  catalogue: ['receivedAt', 'closedAt', 'archivedAt'],
} as const satisfies Readonly<Record<RegisterName, readonly string[]>>

/** Groups of weekly figures. */
export const weeklyGroups = {
  visits: '来访咨询',
  complaints: '投诉',
  state: '投诉（期末状态）',
  channel: '投诉来源（本周收到）',
  kind: '违规类别（本周收到）',
  outcome: '调查结论（本周决定）',
  clocks: '期限',
} as const satisfies TermTable

/** Figures of the groups that are no list of terms of their own. */
export const weeklyFigures = {
  received: '收到',
  accepted: '受理',
  replied: '答复',
  closed: '办结',
  archived: '归档',
  open: '期末在办',
  onTime: '本周按期',
  late: '本周超期办结',
  overdue: '期末超期未完成',
  /** Cases and visits, each once, whatever number of its time limits have passed. */
  overdueItems: '期末有超期的事项',
} as const satisfies TermTable

/** The words around a register. */
export const registerWords = {
  complaintCategory: '投诉举报',
  total: '合计',
  count: '件数',
  onDay: '日期',
  period: '起止',
  knownUpTo: '按记录序号',
  happenedUpTo: '按发生时间',
  readers: '审阅',
  unread: '未审阅',
  withheld: '（无权查阅）',
  erased: '（已删除）',
  unavailable: '（暂不可读）',
  empty: '没有登记。',
  unnamed: '匿名或未登记',
} as const satisfies TermTable
