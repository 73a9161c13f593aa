/** Columns and names of the files that ratings are exported to. */
import type { TermTable } from './terms.ts'

/** Which run a row comes from: it says so itself, so that a file that is passed on can be computed again. */
const runColumns = { asOf: '截至序号', effectiveAt: '截至时间', scheme: '评定标准', digest: '运算摘要' } as const

/** Columns by list; their order is the order of the columns. */
export const ratingColumns = {
  ratings: {
    place: '名次',
    office: '机构编号',
    name: '机构',
    formalLevel: '公布星级',
    computedLevel: '测算星级',
    needsReevaluation: '需复评',
    points: '总分',
    earned: '获得的星',
    missed: '未获得的星',
    changesOn: '下次必然变化',
    changesTo: '变化后星级',
    ...runColumns,
  },
  ledger: {
    office: '机构编号',
    name: '机构',
    category: '类别',
    categoryPoints: '类别得分',
    earned: '获星',
    criterion: '标准',
    text: '标准内容',
    criterionPoints: '标准得分',
    max: '满分',
    rules: '推导规则',
    points: '本行分值',
    state: '状态',
    reason: '依据',
    from: '计入自',
    until: '计入至（不含）',
    index: '记录序号',
    event: '记录编号',
    ...runColumns,
  },
  comparison: {
    office: '机构编号',
    name: '机构',
    from: '原测算星级',
    to: '现测算星级',
    formalFrom: '原公布星级',
    formalTo: '现公布星级',
    pointsFrom: '原总分',
    pointsTo: '现总分',
    criterion: '标准',
    criterionFrom: '标准原得分',
    criterionTo: '标准现得分',
    cause: '原因',
    reason: '依据',
    lineFrom: '本行原分值',
    lineTo: '本行现分值',
    stateFrom: '原状态',
    stateTo: '现状态',
    index: '记录序号',
    event: '记录编号',
    left: '左侧',
    right: '右侧',
  },
  affected: {
    office: '机构编号',
    name: '机构',
    cycle: '评定周期',
    scheme: '评定标准',
    effectiveAt: '评定时点',
    from: '公布星级',
    to: '现在星级',
    criterion: '标准',
    cause: '原因',
    reason: '依据',
    index: '记录序号',
    event: '记录编号',
    award: '公布记录编号',
  },
  runs: {
    run: '运算编号',
    recordedAt: '登记时间',
    actor: '登记人',
    scope: '范围',
    offices: '机构数',
    ...runColumns,
    index: '记录序号',
  },
  schemes: { ref: '标准', name: '名称', form: '形式', validFrom: '生效', validUntil: '失效' },
} as const satisfies Readonly<Record<string, TermTable>>
export type RatingListName = keyof typeof ratingColumns

/** What exported files are called. */
export const ratingListTitles = {
  ratings: '星级评定',
  ledger: '星级明细账',
  comparison: '星级比较',
  affected: '受影响评定',
  runs: '评定运算',
  schemes: '评定标准',
} as const satisfies Readonly<Record<RatingListName, string>>

/** The two forms of a scheme. */
export const schemeFormTerms = {
  PER_CATEGORY_THRESHOLD: '分类达标',
  SINGLE_SCALE_BANDS: '总分分档',
} as const satisfies TermTable

/** Both sides of a comparison that is no run: what was published. */
export const publishedSide = '已公布的评定'
/** The scope of a run over everything. */
export const wholeScope = '全部'
