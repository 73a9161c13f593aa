/** The words of derived rules and of the lines they write: one Chinese sentence each. */
import type { Hundredths } from '../rating/points.ts'
import type { TermTable } from './terms.ts'

export const sanctionNatureTerms = {
  ADMINISTRATIVE_SANCTION: '行政处分',
  INDUSTRY_DISCIPLINE: '行业处分',
  ADMINISTRATIVE_PENALTY: '行政处罚',
} as const satisfies TermTable

export const noticeFormTerms = { CIRCULAR: '通报', YELLOW_CARD: '黄牌', RED_CARD: '红牌' } as const satisfies TermTable

export const surveyTerms = {
  PARTY_ORGANISATION: '群众对党组织及党员队伍满意度',
  CLIENTS: '服务对象满意率',
  PUBLIC: '群众满意度',
  RETURN_VISITS: '回访满意率',
  QUALITY_CARDS: '质量监督卡满意率',
} as const satisfies TermTable

const number = (value: Hundredths) => String(value / 100)
/** A share in percent with two decimals, cut and never rounded up, so that 89.999 % does not read as 90. */
const share = (part: number, whole: number) => {
  const cut = whole === 0 ? 0 : Math.floor((part * 10_000) / whole)
  return `${Math.floor(cut / 100)}.${String(cut % 100).padStart(2, '0')}%`
}
const list = (words: readonly string[]) => words.join('、')
const period = (months: number) => (months % 12 === 0 ? `${months / 12} 年` : `${months} 个月`)

export const ruleWords = {
  base: '基础分',
  inspected: '检查评分',
  notInspected: '尚无检查评分',
  supersededScore: '已被后一次评分取代',

  noSanction: (years: number, natures: readonly string[]) => `${years} 年内未受到${list(natures)}，自决定送达之日起计`,
  sanction: (nature: string, years: number) => `受到${nature}，自送达之日起计 ${years} 年`,
  noCriminal: (years: number, intentional: boolean) =>
    `${years} 年内未出现因${intentional ? '故意' : ''}犯罪被追究的情形`,
  criminal: (intentional: boolean, years: number) => `因${intentional ? '故意' : ''}犯罪被追究，计 ${years} 年`,

  satisfaction: (survey: string, percent: Hundredths, sample: number) =>
    `${survey}达到 ${number(percent)}% 以上，有效答复不少于 ${sample} 份`,
  satisfactionResult: (satisfied: number, answered: number, percent: Hundredths, met: boolean) =>
    `答复 ${answered} 份，满意 ${satisfied} 份，满意率 ${share(satisfied, answered)}，${met ? '达到' : '未达到'} ${number(percent)}%`,
  sampleTooSmall: (answered: number, sample: number, fails: boolean) =>
    `有效答复 ${answered} 份，少于 ${sample} 份，${fails ? '视为未达到' : '不作评价'}`,
  surveyRound: (asked: number, reached: number, answered: number, satisfied: number) =>
    `测评一次：询问 ${asked}，联系到 ${reached}，答复 ${answered}，满意 ${satisfied}`,

  assessments: (years: number) => `连续 ${years} 年通过年度检查、考核`,
  assessmentPassed: (year: number) => `${year} 年度考核合格`,
  assessmentFailed: (year: number) => `${year} 年度考核不合格`,
  assessmentMissing: (year: number) => `${year} 年度没有考核记录`,

  onTime: (percent: Hundredths, months: number) => `${period(months)}内按时办结率达到 ${number(percent)}% 以上`,
  onTimeResult: (met: number, all: number, percent: Hundredths, passes: boolean) =>
    `应办 ${all} 件，按时 ${met} 件，按时率 ${share(met, all)}，${passes ? '达到' : '未达到'} ${number(percent)}%`,
  onTimeTooFew: (all: number, sample: number, fails: boolean) =>
    `应办 ${all} 件，少于 ${sample} 件，${fails ? '视为未达到' : '不作评价'}`,
  deadlineMissed: '逾期一次',
  deadlineOverturned: '逾期认定已被撤销',
  deadlineCured: '因后续放假通知顺延，不计逾期',

  cooperation: (months: number) => `${period(months)}内积极配合投诉调查处理并整改`,
  reportLate: '未按时提交书面报告',
  materialsWithheld: '未按要求提供材料',
  notRectified: '未按要求整改',
  cooperated: '配合调查、处理和整改',
  rectifiedLater: '事后完成整改，恢复部分分值',

  faultComplaints: (steps: readonly { months: number; points: Hundredths }[]) =>
    `有效过错投诉扣分：${steps.map((step) => `${period(step.months)}内每件 ${number(step.points)} 分`).join('，')}`,
  faultComplaint: (points: Hundredths) => `有效过错投诉，本阶段扣 ${number(points)} 分`,
  faultComplaintOver: '有效过错投诉，扣分期已满',

  publicService: (hours: Hundredths) => `上一年度人均公益服务不少于 ${number(hours)} 小时`,
  aidCases: (cases: Hundredths) => `上一年度人均办理法律援助案件不少于 ${number(cases)} 件`,
  perHead: (year: number, total: string, heads: string, met: boolean) =>
    `${year} 年合计 ${total}，平均在册 ${heads} 人，${met ? '达到' : '未达到'}人均要求`,
  noStaffRecorded: (year: number) => `${year} 年没有人员记录，无法计算人均`,
  entry: (amount: string) => `登记 ${amount}`,

  training: (hours: Hundredths) => `上一年度每名工作者继续教育不少于 ${number(hours)} 学时`,
  trainingShort: (worker: string, hours: Hundredths, needed: Hundredths) =>
    `工作者 ${worker} 学时 ${number(hours)}，不足 ${number(needed)}`,
  trainingMet: (worker: string, hours: Hundredths) => `工作者 ${worker} 学时 ${number(hours)}`,
  trainingNobody: (year: number) => `${year} 年没有工作者或学时记录`,

  study: (perMonth: number, months: number) => `近 ${months} 个整月每月集中学习不少于 ${perMonth} 次`,
  studyShort: (month: string, held: number, needed: number) => `${month} 集中学习 ${held} 次，不足 ${needed} 次`,
  submissions: (news: number, cases: number, months: number) =>
    `近 ${months} 个整月每月报送信息不少于 ${news} 篇、典型案例不少于 ${cases} 篇`,
  submissionsShort: (month: string, news: number, cases: number) =>
    `${month} 报送信息 ${news} 篇、典型案例 ${cases} 篇，不足`,
  monthlyMet: (months: number) => `${months} 个月均达到要求`,

  staffing: (workers: number, percent: Hundredths) => `人员 ${workers} 人以上，本科以上学历占 ${number(percent)}% 以上`,
  staffingResult: (workers: number, fullTime: number, bachelors: number) =>
    `在册 ${workers} 人，专职 ${fullTime} 人，本科以上 ${bachelors} 人`,
  staffingMissing: '没有人员配备记录',

  notices: (months: number) => `${period(months)}内通报、黄牌、红牌扣分`,
  notice: (form: string, months: number) => `${form}，自作出之日起计 ${period(months)}`,
} as const
