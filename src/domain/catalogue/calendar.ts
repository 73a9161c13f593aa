import type { ErrorTable } from './errors.ts'

/** Errors of deadlines, calendars and limit policies. */
export const calendarErrors = {
  'limit-invalid': {
    status: 422,
    title: '期限的写法无效',
    help: '期限写作 5wd、15d、2mo、1y 或 24h，前面加负号表示倒推。',
  },
  'date-invalid': {
    status: 422,
    title: '日期或时刻无效',
    help: '日期写作 2026-01-31，时刻写作 2026-01-31T09:00:00+08:00。',
  },
  'pause-invalid': {
    status: 422,
    title: '中止的起止无效',
    help: '中止写作“起/止”，止不得早于起；倒推的期限不能中止。',
  },
  'pauses-overlap': {
    status: 422,
    title: '中止的时段相互重叠',
    help: '同一期限同时只能有一次中止，请核对各次的起止。',
  },
  'clock-already-paused': { status: 409, title: '期限已经中止', help: '须先恢复计算，才能再次中止。' },
  'clock-not-paused': { status: 409, title: '期限没有中止', help: '只有已中止的期限才能恢复计算。' },
  'clock-stopped': { status: 409, title: '期限已经结束', help: '已办结或已终止的期限不能再中止、恢复或延长。' },
  'extension-after-expiry': { status: 409, title: '期限届满后才申请延长', help: '延长须在期限届满前申请。' },
  'extension-over-cap': { status: 422, title: '延长超过规定的上限', help: '请按规定的上限申请延长。' },
  'extension-not-provided': { status: 422, title: '该期限没有延长的规定', help: '该类期限依规定不得延长。' },
  'calendar-year-unknown': {
    status: 404,
    title: '该年度的放假安排尚未公布',
    help: '国务院办公厅通知公布后，请由管理员发布该年度的日历。',
  },
  'calendar-year-differs': { status: 409, title: '与该日历的年度不一致', help: '修订只能针对同一年度。' },
  'calendar-notice-repeated': {
    status: 409,
    title: '该通知已经发布过',
    help: '同一文号的通知只发布一次；有误请更正原记录。',
  },
  'calendar-notice-order': {
    status: 409,
    title: '公布日期早于已发布的通知',
    help: '修订通知的公布日期不得早于它所修订的通知。',
  },
  'calendar-day-repeated': { status: 422, title: '同一天列了两次', help: '一天只能是放假或补班之一，且只列一次。' },
  'calendar-day-outside-year': {
    status: 422,
    title: '日期不属于该年度的安排',
    help: '只可列出该年度及其前后相邻一个月内的日期。',
  },
  'make-up-day-not-weekend': { status: 422, title: '补班日不在周末', help: '补班日须是星期六或星期日。' },
  'policy-version-order': {
    status: 409,
    title: '期限政策的版本或生效日期有误',
    help: '新版本的生效日期不得早于前一版本。',
  },
  'policy-entry-invalid': {
    status: 422,
    title: '期限政策的条目有误',
    help: '每个条目须有期限、固定日期或周期之一，并写明依据，且同类条目不重复。',
  },
  'policy-laxer-than-law': {
    status: 422,
    title: '期限宽于法定期限',
    help: '内部期限只能严于法定期限；法定期限变更时请注明新的法律依据。',
  },
} as const satisfies ErrorTable

/** Words of calendars and receipts. */
export const calendarTerms = {
  workday: '工作日',
  weekend: '周末',
  makeUp: (name: string) => `补班（${name}）`,
  startNotCounted: '起算日，不计入',
  calendarDay: '自然日',
  paused: '中止期间，不计入',
  monthCounted: (n: number) => `第${n}个月届满的对应日`,
  yearCounted: (n: number) => `第${n}年届满的对应日`,
  hoursCounted: (n: number) => `满${n}小时`,
  rolledOver: (why: string) => `末日为${why}，顺延`,
  rolledTo: (why: string) => `顺延至此日（${why}）`,
  rolledBackOver: (why: string) => `末日为${why}，提前`,
  rolledBackTo: (why: string) => `提前至此日（${why}）`,
  hoursStart: '起算时刻',
  fixed: '指定的期限',
  shifted: '因中止顺延',
  extensionCapped: '延长至上限为止',
} as const

/** How clocks stand, for people. */
export const clockStateTerms = {
  open: '办理中',
  dueSoon: '即将到期',
  overdue: '已逾期',
  paused: '已中止',
  noDeadline: '未设期限',
  closedOnTime: '按期办结',
  closedLate: '逾期办结',
  closedNoDeadline: '已办结（未设期限）',
  cancelled: '已终止',
} as const

/** Lights, for people: said in words as well as in colour. */
export const lightTerms = { green: '绿灯', yellow: '黄灯', red: '红灯', grey: '灰灯' } as const
/** A light for whoever cannot tell its colour. */
export const lightShapes = { green: '●', yellow: '▲', red: '■', grey: '○' } as const

/** What kind of day it is. */
export const dayKindTerms = {
  workday: '工作日',
  weekend: '周末',
  holiday: '放假',
  'make-up': '补班',
  local: '当地放假',
} as const

/** Words of the board and its feeds. */
export const boardTexts = {
  feedName: '督办期限',
} as const
