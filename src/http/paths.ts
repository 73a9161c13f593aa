/** Which categories have addresses, and under which names. */

export interface CategoryPath {
  readonly category: string
  /** Segment below `/api/v1/`. */
  readonly path: string
  /** Chinese heading on the API page. */
  readonly title: string
}

export const categoryPaths: readonly CategoryPath[] = [
  { category: 'complaint', path: 'complaints', title: '投诉' },
  { category: 'visit', path: 'visits', title: '来访与咨询' },
  { category: 'supervision', path: 'supervisions', title: '督办' },
  { category: 'returnvisit', path: 'return-visits', title: '回访' },
  { category: 'returnplan', path: 'return-plans', title: '回访计划' },
  { category: 'qualitycard', path: 'quality-cards', title: '质量监督卡' },
  { category: 'report', path: 'reports', title: '通报与报告' },
  { category: 'obligation', path: 'obligations', title: '定期工作' },
  { category: 'practice', path: 'practices', title: '督办回访办法' },
  { category: 'penalty', path: 'penalties', title: '行政处罚' },
  { category: 'discipline', path: 'disciplines', title: '行业惩戒' },
  { category: 'organisation', path: 'organisations', title: '单位' },
  { category: 'office', path: 'offices', title: '法律服务机构' },
  { category: 'worker', path: 'workers', title: '执业人员' },
  { category: 'person', path: 'persons', title: '用户' },
  { category: 'scheme', path: 'schemes', title: '评定标准' },
  { category: 'cycle', path: 'cycles', title: '评定周期' },
  { category: 'rating', path: 'ratings', title: '星级评定' },
  { category: 'record', path: 'records', title: '机构记录' },
  { category: 'calendar', path: 'calendars', title: '放假安排' },
  { category: 'limits', path: 'limits', title: '期限规定' },
]

/** `requestSupplement` → `request-supplement`. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** `request-supplement` → `requestSupplement`. */
export const camel = (name: string): string => name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
