/**
 * The table of rights: a row a permission, in it every role that has it and how far it reaches. What stands in no row is denied.
 * A row `<category>.*` holds for the actions of the category that have no row of their own, never for reading.
 */
import type { Reach, Relation, Role, Rule, Seal } from './access.ts'

const cell =
  (reach: Reach, relation?: Relation) =>
  (...roles: readonly Role[]): Rule[] =>
    roles.map((role) => ({ role, reach, ...(relation ? { relation } : {}) }))

/** In the person's own organisation only: where acts are done. */
const own = cell('own')
/** In the own organisation, on cases the person is named on. */
const ownAssigned = cell('own', 'assigned')
/** In the own organisation and the ones below it. */
const covered = cell('covered')
/** Cases the person is named on. */
const assigned = cell('covered', 'assigned')
/** Cases the person registered. */
const registered = cell('covered', 'registered')
/** Cases referred to the disciplinary committee. */
const referred = cell('covered', 'referred')
/** Every organisation of the division. */
const region = cell('region')
/** Where the organisation was charged with a task. */
const charged = cell('charged')
/** What is about the account's own office. */
const office = cell('office')
/** Anything: rules and plans that hold for the whole installation. */
const everywhere = cell('installation')

const seeing = (seal: Seal, ...rules: readonly Rule[][]): Rule[] => rules.flat().map((rule) => ({ ...rule, seal }))

const inOffice = ['centre-director', 'bureau-leader', 'grassroots-section'] as const
const staff = [
  'reception',
  'investigator',
  ...inOffice,
  'leading-group',
  'supervision-officer',
  'judicial-office',
  'legal-reviewer',
  'hearing-chair',
  'city-decider',
  'disciplinary-committee',
  'auditor',
  'privacy-officer',
] as const
const directors = own('centre-director', 'grassroots-section')
/** Where people come, write and call, and the clerks and directors who deal with it there. */
const atTheWindow = own('reception', 'centre-director', 'grassroots-section', 'judicial-office')
const handling = [...directors, ...ownAssigned('investigator')]
/** Who decides a penalty: the county's head, or the city for what it took over (Orders 137 and 138). */
const deciders = [...own('bureau-leader'), ...covered('city-decider')]
/** Who works a penalty case. What the city may do with a county's case before it took it over, the case itself refuses. */
const penaltyHands = [...own('grassroots-section'), ...deciders, ...assigned('investigator')]

/** Units charged with a task of a supervision item, and the item's own office where it has the task itself. */
const byUnits = [...own(...inOffice, 'judicial-office'), ...charged(...inOffice, 'judicial-office')]

/** Who runs the star scheme day by day: the section and the leading group (S0-3.1, S0-4.6b). */
const starHands = own('leading-group', 'grassroots-section')

/** Role → permission, written permission by permission. Rule sources stand with the actions themselves. */
export const permissions: Readonly<Record<string, readonly Rule[]>> = {
  // Complaints (S1-7.4). The respondent never learns who complained (信访工作条例 30); committee and superiors learn the matter only.
  'complaint.read': [
    ...seeing(
      'open',
      covered(...inOffice, 'privacy-officer'),
      own('judicial-office'),
      registered('reception'),
      assigned('investigator'),
    ),
    ...seeing(
      'case-only',
      covered('supervision-officer', 'legal-reviewer', 'hearing-chair', 'city-decider', 'judicial-office'),
    ),
    ...seeing(
      'case-only',
      region('auditor'),
      referred('disciplinary-committee'),
      charged('judicial-office', ...inOffice),
    ),
    ...seeing('withheld', covered('reception', 'leading-group'), office('office-account')),
  ],
  'complaint.register': own('reception', 'centre-director', 'grassroots-section', 'judicial-office'),
  'complaint.identifyRespondent': [...atTheWindow, ...ownAssigned('investigator')],
  'complaint.noteRepeat': atTheWindow,
  'complaint.joinRepeat': atTheWindow,
  'complaint.requestSupplement': atTheWindow,
  'complaint.receiveSupplement': atTheWindow,
  'complaint.notify': atTheWindow,
  'complaint.withdraw': atTheWindow,
  'complaint.requestReview': atTheWindow,
  'complaint.requestReReview': atTheWindow,
  'complaint.accept': directors,
  'complaint.decline': directors,
  'complaint.transfer': [...directors, ...own('judicial-office')],
  'complaint.objectToTransfer': directors,
  'complaint.decideTransferObjection': directors,
  'complaint.merge': directors,
  'complaint.answerThroughMain': directors,
  'complaint.assignInvestigators': directors,
  'complaint.requestHandlerReport': handling,
  'complaint.remindHandler': handling,
  'complaint.recordMissingHandlerReport': handling,
  'complaint.fileHandlerReport': [...office('office-account'), ...handling],
  'complaint.fileDefence': [...office('office-account'), ...handling],
  'complaint.waiveDefence': [...office('office-account'), ...handling],
  'complaint.requestRecusal': [...handling, ...own('bureau-leader')],
  'complaint.decideRecusal': own('centre-director', 'bureau-leader'),
  'complaint.suspend': handling,
  'complaint.resume': handling,
  'complaint.addEvidence': [...atTheWindow, ...ownAssigned('investigator')],
  'complaint.addNote': [...handling, ...own('judicial-office')],
  'complaint.reportDelay': handling,
  'complaint.requestExtension': handling,
  'complaint.decideExtension': own('bureau-leader'),
  'complaint.conclude': ownAssigned('investigator'),
  'complaint.giveOpinion': own('centre-director'),
  'complaint.reportToLeader': own('centre-director'),
  'complaint.returnForInvestigation': own('centre-director', 'bureau-leader'),
  'complaint.decideAtMeeting': own('bureau-leader'),
  'complaint.verifyRectification': handling,
  'complaint.openPenaltyCase': own('bureau-leader', 'grassroots-section'),
  'complaint.proposePenalty': own('bureau-leader'),
  'complaint.referToCommittee': own('bureau-leader'),
  'complaint.reply': directors,
  'complaint.submitReport': directors,
  'complaint.decideReview': covered('bureau-leader'),
  'complaint.decideReReview': covered('bureau-leader'),
  'complaint.quashDecision': covered('bureau-leader'),
  'complaint.terminate': [...directors, ...own('bureau-leader')],
  'complaint.close': directors,
  'complaint.archive': directors,
  'complaint.openArchived': [...own(...inOffice, 'supervision-officer', 'privacy-officer'), ...region('auditor')],
  'complaint.reopen': own('centre-director', 'bureau-leader'),
  'complaint.confirmFirstContactBreach': own('centre-director', 'bureau-leader'),
  'complaint.restrictReaders': own('centre-director', 'bureau-leader'),
  // A miss is recorded by the sweeper alone.
  'complaint.recordMiss': [],
  'visit.recordMiss': [],
  'complaint.correct': own('centre-director', 'bureau-leader'),

  // Visits and consultations that are no complaint (S1-2.1, S1-4, S1-6).
  'visit.read': [
    ...seeing('open', covered('reception', ...inOffice, 'privacy-officer'), own('judicial-office')),
    ...seeing('case-only', covered('supervision-officer', 'judicial-office'), region('auditor')),
  ],
  'visit.confirmFirstContactBreach': own('centre-director', 'bureau-leader'),
  'visit.correct': own('centre-director'),
  'visit.*': own('reception', 'centre-director', 'judicial-office'),

  // Supervision (S1-5). A superior may open an item on a subordinate; units charged with it answer.
  'supervision.read': [
    ...seeing('open', covered('supervision-officer', ...inOffice), own('judicial-office')),
    ...seeing('case-only', covered('judicial-office'), charged('judicial-office', ...inOffice)),
    ...seeing('case-only', region('auditor'), assigned('investigator')),
    ...seeing('withheld', covered('reception', 'leading-group'), office('office-account')),
  ],
  'supervision.open': covered('supervision-officer', 'bureau-leader'),
  'supervision.changeImportance': own('bureau-leader'),
  'supervision.sign': byUnits,
  'supervision.reportProgress': byUnits,
  'supervision.requestCoordination': byUnits,
  'supervision.plan': byUnits,
  'supervision.declineTask': byUnits,
  'supervision.reportDelay': byUnits,
  'supervision.requestExtension': byUnits,
  'supervision.reply': byUnits,
  'supervision.addEvidence': [...byUnits, ...own('supervision-officer')],
  'supervision.recordCoordination': [...own('supervision-officer', 'bureau-leader'), ...charged('bureau-leader')],
  'supervision.decideExtension': own('bureau-leader'),
  'supervision.objectToCard': [...byUnits, ...office('office-account')],
  'supervision.decideObjection': own('bureau-leader'),
  'supervision.issueCircular': own('bureau-leader', 'supervision-officer'),
  'supervision.correct': own('supervision-officer', 'bureau-leader'),
  // Only a sweeper records that a deadline was missed.
  'supervision.recordMiss': [],
  'supervision.*': own('supervision-officer', 'bureau-leader'),

  // Return visits (S1-7.1–7.3): the visitor needs whom to call.
  'returnvisit.read': [
    ...seeing('open', covered('supervision-officer', 'centre-director', 'bureau-leader', 'privacy-officer')),
    ...seeing('case-only', region('auditor')),
  ],
  'returnvisit.correct': own('supervision-officer'),
  'returnvisit.recordMiss': [],
  'returnvisit.*': own('supervision-officer', 'centre-director'),
  'returnplan.read': [
    ...seeing('open', covered('supervision-officer', 'centre-director', 'bureau-leader')),
    ...seeing('case-only', region('auditor')),
  ],
  'returnplan.*': own('supervision-officer', 'centre-director'),
  'qualitycard.read': [
    ...seeing('open', covered('supervision-officer', ...inOffice, 'privacy-officer'), own('judicial-office')),
    ...seeing('case-only', covered('reception', 'judicial-office'), region('auditor')),
  ],
  'qualitycard.correct': own('supervision-officer'),
  'qualitycard.*': own('reception', 'supervision-officer', 'centre-director', 'judicial-office'),

  // Penalties (行政处罚法): the county investigates and warns, fines and confiscation are the city's.
  'penalty.read': [
    ...seeing('open', covered(...inOffice, 'city-decider'), assigned('investigator')),
    ...seeing('case-only', covered('legal-reviewer', 'hearing-chair', 'supervision-officer'), region('auditor')),
    ...seeing('case-only', referred('disciplinary-committee')),
    ...seeing('withheld', covered('leading-group'), office('office-account')),
  ],
  'penalty.recordInquiry': assigned('investigator'),
  'penalty.conclude': assigned('investigator'),
  'penalty.decideRecusal': deciders,
  'penalty.forwardProposal': own('bureau-leader'),
  'penalty.takeCase': covered('city-decider'),
  'penalty.returnProposal': covered('city-decider'),
  'penalty.fileDefence': [...office('office-account'), ...penaltyHands],
  'penalty.waiveDefence': [...office('office-account'), ...penaltyHands],
  'penalty.requestHearing': [...office('office-account'), ...penaltyHands],
  'penalty.abandonHearing': [...office('office-account'), ...penaltyHands],
  'penalty.holdHearing': covered('hearing-chair'),
  'penalty.reviewLegality': covered('legal-reviewer'),
  'penalty.discussCollectively': deciders,
  'penalty.decide': deciders,
  'penalty.deferPayment': deciders,
  'penalty.applyForEnforcement': deciders,
  'penalty.suspendExecution': deciders,
  'penalty.resumeExecution': deciders,
  'penalty.quash': covered('bureau-leader', 'city-decider'),
  'penalty.change': covered('bureau-leader', 'city-decider'),
  'penalty.terminate': deciders,
  'penalty.openArchived': [
    ...own(...inOffice, 'supervision-officer'),
    ...covered('city-decider'),
    ...region('auditor'),
  ],
  'penalty.recordMiss': [],
  'penalty.correct': own('bureau-leader', 'city-decider'),
  'penalty.*': penaltyHands,
  'discipline.read': [
    ...seeing('case-only', covered('disciplinary-committee', ...inOffice), region('auditor')),
    ...seeing('withheld', office('office-account')),
  ],
  'discipline.refer': [...own('bureau-leader'), ...covered('disciplinary-committee')],
  'discipline.serve': [...own('bureau-leader', 'grassroots-section'), ...covered('disciplinary-committee')],
  'discipline.addEvidence': [...own('bureau-leader', 'grassroots-section'), ...covered('disciplinary-committee')],
  'discipline.openArchived': [...own(...inOffice), ...covered('disciplinary-committee'), ...region('auditor')],
  'discipline.requestReview': [...office('office-account'), ...covered('disciplinary-committee')],
  'discipline.recordMiss': [],
  'discipline.*': covered('disciplinary-committee'),

  // Rules, plans and ratings. Writing schemes and policies is the leader's and the leading group's.
  'calendar.read': everywhere(...staff, 'office-account', 'administrator'),
  'calendar.*': own('supervision-officer', 'bureau-leader'),
  'limits.read': everywhere(...staff, 'office-account'),
  'limits.*': own('bureau-leader'),
  'scheme.read': everywhere(...staff, 'office-account'),
  'scheme.*': own('leading-group'),
  'cycle.read': everywhere(...staff, 'office-account'),
  'cycle.*': own('leading-group', 'grassroots-section'),
  'rating.read': [...covered(...staff), ...region('auditor'), ...office('office-account')],
  // Papers come in at the section too, on the office's behalf. Objections are anybody's, taken down where people come (S0-4.4b).
  'rating.submitSelfAssessment': [...office('office-account'), ...own('grassroots-section')],
  'rating.recordStatement': [...office('office-account'), ...own('grassroots-section')],
  'rating.appeal': [...office('office-account'), ...own('grassroots-section')],
  'rating.waiveAppeal': [...office('office-account'), ...own('grassroots-section')],
  'rating.recordReratingReply': [...office('office-account'), ...own('grassroots-section')],
  'rating.waiveReratingReply': [...office('office-account'), ...own('grassroots-section')],
  'rating.raiseObjection': [...office('office-account'), ...own('reception', 'grassroots-section')],
  'rating.enrol': starHands,
  'rating.recordVisit': starHands,
  'rating.recordSurvey': starHands,
  'rating.recordScores': starHands,
  'rating.notifyResult': starHands,
  'rating.scheduleInspection': starHands,
  'rating.completeInspection': starHands,
  // 基层科应及时做好初查、认定工作 (S0-4.6b).
  'rating.findNonconformity': starHands,
  'rating.checkFinding': own('grassroots-section'),
  'rating.confirmFinding': starHands,
  'rating.announceMeasure': starHands,
  'rating.closeInspection': starHands,
  'rating.decideAppeal': own('leading-group', 'bureau-leader'),
  'rating.proposeRerating': starHands,
  'rating.notifyRerating': starHands,
  'rating.decideRerating': own('leading-group', 'bureau-leader'),
  'rating.quashMeasure': [...own('leading-group'), ...covered('bureau-leader')],
  'ratingrun.read': [...covered(...staff), ...region('auditor')],
  'ratingrun.record': [...covered(...inOffice, 'leading-group', 'supervision-officer'), ...region('auditor')],
  'record.read': [...covered(...staff), ...region('auditor'), ...office('office-account')],
  'record.*': own('grassroots-section'),
  'rating.compute': [...covered(...inOffice, 'leading-group', 'supervision-officer'), ...region('auditor')],
  'rating.*': own('leading-group'),
  'obligation.read': [...covered(...staff), ...region('auditor'), ...office('office-account')],
  // Duties open, and are found missed, by themselves.
  'obligation.open': [],
  'obligation.recordMiss': [],
  'obligation.waive': own('bureau-leader'),
  'obligation.*': own('supervision-officer', ...inOffice),
  'report.read': [...covered('supervision-officer', ...inOffice, 'leading-group'), ...region('auditor')],
  'report.recordMiss': [],
  'report.reviewWeekly': own('bureau-leader'),
  'report.*': own('supervision-officer', ...inOffice),
  'practice.read': everywhere(...staff, 'office-account'),
  'practice.*': own('bureau-leader'),

  // Registry. Names of organisations, offices and licensed workers are no secret to anyone who signs in.
  'organisation.read': everywhere(...staff, 'office-account', 'administrator'),
  'organisation.*': covered('administrator'),
  'office.read': everywhere(...staff, 'office-account', 'administrator'),
  'office.*': covered('administrator', 'grassroots-section'),
  'worker.read': everywhere(...staff, 'office-account', 'administrator'),
  'worker.*': covered('administrator', 'grassroots-section'),
  'person.read': [
    ...covered('administrator', 'bureau-leader', 'privacy-officer'),
    ...region('auditor'),
    ...cell('installation', 'self')(...staff, 'office-account'),
  ],
  'person.grantRole': cell('covered', 'not-self')('administrator'),
  'person.correct': cell('covered', 'not-self')('administrator'),
  'person.revokeToken': [...covered('administrator'), ...cell('installation', 'self')(...staff, 'office-account')],
  'person.*': covered('administrator'),

  // Persons whose data is kept: joining two subjects that are one, erasure, and who read what.
  'subjects.read': covered('privacy-officer'),
  'subjects.link': own('privacy-officer', 'reception', 'centre-director'),
  'subjects.*': own('privacy-officer'),
  'erasure.read': covered('privacy-officer'),
  'erasure.*': own('privacy-officer'),
  'access-log.read': [...covered('privacy-officer'), ...region('auditor')],

  // The log itself and the machine.
  'audit.read': [...covered('bureau-leader'), ...region('auditor')],
  'import.run': own('centre-director', 'grassroots-section', 'supervision-officer'),
  // The record of a run, written by the run itself: no route takes it from a person.
  'ledger.recordImport': own('centre-director', 'grassroots-section', 'supervision-officer'),
  'export.run': [...covered('bureau-leader', 'supervision-officer', 'grassroots-section'), ...region('auditor')],
  'verify.run': [...everywhere('auditor', 'administrator'), ...covered('bureau-leader')],
  'projections.read': everywhere('administrator', 'auditor'),
  'projections.rebuild': everywhere('administrator'),
  'backup.run': everywhere('administrator'),
  'clock.confirm': everywhere('administrator'),
}

/** What the operator at the terminal does besides reading, which withholds every sealed field from him. */
export const operatorPermissions: ReadonlySet<string> = new Set([
  'import.run',
  'ledger.recordImport',
  'export.run',
  'verify.run',
  'projections.rebuild',
  'backup.run',
  'clock.confirm',
  'organisation.*',
  'office.*',
  'worker.*',
  'person.*',
  'calendar.*',
  'limits.*',
  'scheme.*',
  'rating.compute',
  'ratingrun.record',
  'imported.*',
])
