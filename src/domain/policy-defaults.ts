/**
 * The limits that hold where an organisation has published none of its own: those of the law and of the seed documents (domain.md,
 * timers and Task 2). `statutory` means that no policy of an organisation may be laxer.
 */
import type { LimitEntry } from './policy.ts'

const law = (kind: string, limit: string, citation: string, more: Partial<LimitEntry> = {}): LimitEntry => ({
  kind,
  limit,
  force: 'statutory',
  citation,
  ...more,
})
const own = (kind: string, limit: string, citation: string, more: Partial<LimitEntry> = {}): LimitEntry => ({
  kind,
  limit,
  force: 'internal',
  citation,
  ...more,
})
const every = (kind: string, period: string, citation: string): LimitEntry => ({
  kind,
  every: period,
  force: 'internal',
  citation,
})
const fixed = (kind: string, month: number, day: number, citation: string, before?: true): LimitEntry => ({
  kind,
  fixed: { month, day, ...(before ? { before } : {}) },
  force: 'internal',
  citation,
})

const petition = (article: number) => `信访工作条例 ${article}`
const penaltyLaw = (article: number) => `行政处罚法 ${article}`
const reconsiderationLaw = (article: number) => `行政复议法 ${article}`
const litigationLaw = (article: number) => `行政诉讼法 ${article}`
/** The version of 2013; the periods of Order 149 of 2025, which replaced it, are not confirmed. */
const legalAid = '法律援助投诉处理办法（2013）'
const hotline = '12345 热线办理规则（地方示例）'
const consultationGuide = '法律咨询服务指南（地方示例）'
/** The rule sets no number: what the program proposes until an organisation says otherwise. */
const proposed = (rule: string) => `${rule}（文件未定期限，本系统缺省，可另行规定）`

const complaints: readonly LimitEntry[] = [
  law('complaint.acceptance', '15d', petition(23)),
  law('complaint.notice', '15d', petition(23)),
  law('complaint.forward', '15d', petition(22)),
  law('complaint.transfer-objection', '5wd', petition(23)),
  law('complaint.reply', '60d', petition(34), { extension: '30d' }),
  law('complaint.review-request', '30d', petition(35)),
  law('complaint.review', '30d', petition(35)),
  law('complaint.re-review-request', '30d', petition(36)),
  law('complaint.re-review', '30d', petition(36)),
  own('complaint.acceptance.legal-aid', '5wd', legalAid),
  own('complaint.notice.legal-aid', '5wd', legalAid),
  own('complaint.reply.legal-aid', '45d', legalAid),
  own('complaint.result-notice.legal-aid', '5wd', legalAid),
  own('complaint.result-notice.forensic', '7wd', '司法鉴定执业活动投诉处理办法'),
  own('complaint.reply.hotline-12345', '13wd', hotline),
]

const service: readonly LimitEntry[] = [
  own('consultation.phone-reply', '3d', 'S1-6.2'),
  own('consultation.reply', '3wd', hotline, { channel: 'hotline-12345' }),
  own('consultation.reply', '7wd', consultationGuide, { channel: 'letter' }),
  own('consultation.reply', '24h', consultationGuide, { channel: 'online' }),
  own('consultation.reply', '5h', consultationGuide, { channel: 'chat' }),
  own('work-order.sign-for', '1wd', hotline),
  own('work-order.callback', '1d', hotline),
  own('visit.first-contact', '1wd', proposed('S1-3.2 S1-3.3')),
  own('suggestion.answer', '15d', proposed('S1-7.3')),
  own('complaint.report', '5wd', proposed('S2-4.4.3')),
  own('supervision.assignment', '2wd', proposed('S1-5.3a')),
  own('supervision.sign-for', '1wd', hotline),
  own('supervision.reply', '15wd', proposed('S1-5.3d'), { extension: '15d' }),
  own('supervision.reply.important', '10wd', proposed('S1-5.3d')),
  own('supervision.reply.major', '5wd', proposed('S1-5.3d')),
  own('supervision.review', '3wd', proposed('S1-5.3d')),
  own('supervision.coordination', '3wd', proposed('S1-5.3c')),
  own('supervision.objection', '5wd', proposed('S1-5.3e')),
  own('returnvisit.visit', '15d', proposed('S1-7.2')),
  own('returnvisit.suggestion', '15d', proposed('S1-7.3')),
  own('returnvisit.follow-up', '5wd', proposed('S1-7.2 S1-5.2a')),
  own('report.review', '3wd', proposed('S1-2.3')),
  own('discipline.decision', '90d', proposed('S4-4.5a')),
  own('discipline.service', '7wd', proposed('S4-4.5a')),
  own('discipline.review-request', '30d', proposed('S4-4.5a')),
  own('discipline.review', '30d', proposed('S4-4.5a')),
  own('supervision.circular', '5wd', hotline),
  own('notice.rating', '15d', 'S0-4.4a'),
  own('notice.general', '7d', 'S1-1.5a'),
  own('privacy.request', '30d', 'GB/T 35273 8.7'),
]

const penalties: readonly LimitEntry[] = [
  law('penalty.limitation', '2y', penaltyLaw(36), { roll: false }),
  law('penalty.limitation', '5y', penaltyLaw(36), { roll: false, category: 'life-health-finance' }),
  law('penalty.evidence-preservation', '7wd', penaltyLaw(56)),
  law('penalty.decision', '90d', penaltyLaw(60)),
  law('penalty.service', '7wd', penaltyLaw(61)),
  law('penalty.hearing-request', '5wd', penaltyLaw(64)),
  law('penalty.hearing-announcement', '-7wd', penaltyLaw(64)),
  law('penalty.payment', '15d', penaltyLaw(67)),
  law('penalty.publication-withdrawal', '3wd', penaltyLaw(48)),
  own('penalty.publication', '7wd', '国办发〔2018〕118号'),
  law('penalty.reconsideration', '60d', reconsiderationLaw(20)),
  law('penalty.litigation', '6mo', litigationLaw(46)),
  law('penalty.litigation-after-reconsideration', '15d', litigationLaw(45)),
  law('reconsideration.reply', '10wd', reconsiderationLaw(48)),
  law('reconsideration.decision', '60d', reconsiderationLaw(62), { extension: '30d' }),
]

const schemes: readonly LimitEntry[] = [
  // "10月21日前" is read literally: 20 October, 24:00 (Q3). A policy without `before` includes the 21st.
  fixed('star.self-assessment', 10, 21, 'S0-4.2b', true),
  fixed('star.inspection', 11, 30, 'S0-4.3'),
  every('star.cycle', '2y', 'S0-4.5b'),
  every('star.special-inspection', '1y', 'S0-4.6a'),
  fixed('model-bureau.forward-to-province', 7, 31, 'S2-3.3'),
  own('model-bureau.recheck', '3y', 'S2-3.6b'),
]

const duties: readonly LimitEntry[] = [
  every('duty.reception-ledger', '1d', 'S1-2.1'),
  every('duty.weekly-statistics', '7d', 'S1-2.3'),
  every('duty.return-visits', '1mo', 'S1-7.2'),
  every('duty.group-study', '1mo', 'S0-5.2.2'),
  every('duty.news-and-cases', '1mo', 'S4-5.3b'),
  every('duty.monthly-bulletin', '1mo', 'S4-4.3b'),
  every('duty.backup', '1mo', 'S2-4.7'),
  every('duty.quarterly-inspection', '3mo', 'S4-4.3b'),
  every('duty.quarterly-training', '3mo', 'S2-4.4.8'),
  every('duty.annual-assessment', '1y', 'S4-4.3a'),
  every('duty.county-training', '6mo', 'S4-5.1a'),
  every('duty.top-ten-cases', '1y', 'S4-5.3c'),
  every('duty.advanced-workers', '2y', 'S4-5.3c'),
  every('duty.brand-offices', '3y', 'S4-5.3c'),
]

export const defaultEntries: readonly LimitEntry[] = [...complaints, ...service, ...penalties, ...schemes, ...duties]
