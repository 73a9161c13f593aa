/**
 * Who may do what, to be read by people: for each role, held in a county bureau, what he may do where the thing is, in this order:
 * own, assigned, registered, recused, listed, unlisted, archived, opened (archived with a purpose), below, above, sibling, twin (same
 * division, another organisation), child (twin registered below), charged, office, referred, self.
 * `o` open, `c` the case's texts only, `w` sealed fields withheld, `.` forbidden, `-` as if it did not exist, `p` purpose asked for.
 * Whatever stands in no row is never allowed.
 */
export const expected: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  reception: {
    'wwo.w-pww---w--w-': 'complaint.read',
    'wwo.w-ww.---.--.-':
      'complaint.register complaint.identifyRespondent complaint.noteRepeat complaint.joinRepeat complaint.requestSupplement complaint.receiveSupplement complaint.notify complaint.withdraw complaint.requestReview complaint.requestReReview complaint.addEvidence',
    'ooo.o-poc---c--c-': 'visit.read',
    'ooo.o-oo.---.--.-': 'visit.anything',
    'www.w-pww---w--w-': 'supervision.read rating.read ratingrun.read record.read obligation.read',
    'ccc.c-pcc---c--c-': 'qualitycard.read',
    'ccc.c-cc.---.--.-': 'qualitycard.anything',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-ww.---.--.-': 'rating.raiseObjection',
    '.....-..--------w': 'person.read person.revokeToken',
    'www.w-ww---------': 'subjects.link',
  },
  investigator: {
    '.o..o-poc---c----': 'complaint.read penalty.read',
    '.o..o-oo.---.----':
      'complaint.identifyRespondent complaint.requestHandlerReport complaint.remindHandler complaint.recordMissingHandlerReport complaint.fileHandlerReport complaint.fileDefence complaint.waiveDefence complaint.requestRecusal complaint.suspend complaint.resume complaint.addEvidence complaint.addNote complaint.reportDelay complaint.requestExtension complaint.conclude complaint.verifyRectification',
    '.c..c-pcc---c----': 'supervision.read',
    '.o..o-ooc---c----':
      'penalty.recordInquiry penalty.conclude penalty.fileDefence penalty.waiveDefence penalty.requestHearing penalty.abandonHearing penalty.anything',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'centre-director': {
    'ooo.o-poc---cc-c-': 'complaint.read supervision.read',
    'ooo.o-oo.---..-.-':
      'complaint.register complaint.identifyRespondent complaint.noteRepeat complaint.joinRepeat complaint.requestSupplement complaint.receiveSupplement complaint.notify complaint.withdraw complaint.requestReview complaint.requestReReview complaint.accept complaint.decline complaint.transfer complaint.objectToTransfer complaint.decideTransferObjection complaint.merge complaint.answerThroughMain complaint.assignInvestigators complaint.requestHandlerReport complaint.remindHandler complaint.recordMissingHandlerReport complaint.fileHandlerReport complaint.fileDefence complaint.waiveDefence complaint.requestRecusal complaint.decideRecusal complaint.suspend complaint.resume complaint.addEvidence complaint.addNote complaint.reportDelay complaint.requestExtension complaint.giveOpinion complaint.reportToLeader complaint.returnForInvestigation complaint.verifyRectification complaint.reply complaint.submitReport complaint.terminate complaint.close complaint.archive complaint.openArchived complaint.reopen complaint.confirmFirstContactBreach complaint.restrictReaders complaint.correct',
    'ooo.o-poc---c--c-': 'visit.read returnvisit.read returnplan.read qualitycard.read penalty.read',
    'ooo.o-oo.---.--.-':
      'visit.confirmFirstContactBreach visit.correct visit.anything returnvisit.anything returnplan.anything qualitycard.anything penalty.openArchived',
    'ooo.o-oo.---.c-.-':
      'supervision.sign supervision.reportProgress supervision.requestCoordination supervision.plan supervision.declineTask supervision.reportDelay supervision.requestExtension supervision.reply supervision.addEvidence supervision.objectToCard',
    'ccc.c-pcc---c--c-': 'discipline.read',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read report.read',
    'www.w-www---w--w-': 'ratingrun.record rating.compute',
    'www.w-ww.---.--.-': 'obligation.anything report.anything',
    '.....-..--------w': 'person.read person.revokeToken',
    'www.w-ww---------': 'subjects.link import.run ledger.recordImport',
    'ccc.c-cc.---.--.-': 'discipline.openArchived',
  },
  'bureau-leader': {
    'ooo.o-poc---cc-c-': 'complaint.read supervision.read',
    'ooo.o-oo.---..-.-':
      'complaint.requestRecusal complaint.decideRecusal complaint.decideExtension complaint.returnForInvestigation complaint.decideAtMeeting complaint.openPenaltyCase complaint.proposePenalty complaint.referToCommittee complaint.terminate complaint.openArchived complaint.reopen complaint.confirmFirstContactBreach complaint.restrictReaders complaint.correct supervision.changeImportance supervision.decideExtension supervision.decideObjection supervision.issueCircular supervision.correct supervision.anything',
    'ooo.o-ooc---c.-c-': 'complaint.decideReview complaint.decideReReview complaint.quashDecision supervision.open',
    'ooo.o-poc---c--c-': 'visit.read returnvisit.read returnplan.read qualitycard.read penalty.read',
    'ooo.o-oo.---.--.-':
      'visit.confirmFirstContactBreach penalty.decideRecusal penalty.forwardProposal penalty.fileDefence penalty.waiveDefence penalty.requestHearing penalty.abandonHearing penalty.discussCollectively penalty.decide penalty.deferPayment penalty.applyForEnforcement penalty.suspendExecution penalty.resumeExecution penalty.terminate penalty.openArchived penalty.correct penalty.anything',
    'ooo.o-oo.---.c-.-':
      'supervision.sign supervision.reportProgress supervision.requestCoordination supervision.plan supervision.declineTask supervision.reportDelay supervision.requestExtension supervision.reply supervision.addEvidence supervision.recordCoordination supervision.objectToCard',
    'ooo.o-ooc---c--c-': 'penalty.quash penalty.change',
    'ccc.c-pcc---c--c-': 'discipline.read',
    'ccc.c-cc.---.--.-': 'discipline.refer discipline.serve discipline.addEvidence discipline.openArchived',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-ww.........': 'calendar.anything limits.anything practice.anything',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read report.read audit.read',
    'www.w-ww.---.--.-':
      'rating.decideAppeal rating.decideRerating obligation.waive obligation.anything report.reviewWeekly report.anything',
    'www.w-www---w--w-': 'rating.quashMeasure ratingrun.record rating.compute export.run verify.run',
    'www.w-pww---w--ww': 'person.read',
    '.....-...---.--.w': 'person.revokeToken',
  },
  'leading-group': {
    'www.w-pww---w--w-':
      'complaint.read supervision.read penalty.read rating.read ratingrun.read record.read obligation.read report.read',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-ww.........': 'scheme.anything cycle.anything',
    'www.w-ww.---.--.-':
      'rating.enrol rating.recordVisit rating.recordSurvey rating.recordScores rating.notifyResult rating.scheduleInspection rating.completeInspection rating.findNonconformity rating.confirmFinding rating.announceMeasure rating.closeInspection rating.decideAppeal rating.proposeRerating rating.notifyRerating rating.decideRerating rating.quashMeasure rating.anything',
    'www.w-www---w--w-': 'ratingrun.record rating.compute',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'supervision-officer': {
    'ccc.c-pcc---c--c-': 'complaint.read visit.read penalty.read',
    'ccc.c-cc.---.--.-': 'complaint.openArchived penalty.openArchived',
    'ooo.o-poc---c--c-': 'supervision.read returnvisit.read returnplan.read qualitycard.read',
    'ooo.o-ooc---c--c-': 'supervision.open',
    'ooo.o-oo.---.--.-':
      'supervision.addEvidence supervision.recordCoordination supervision.issueCircular supervision.correct supervision.anything returnvisit.correct returnvisit.anything returnplan.anything qualitycard.correct qualitycard.anything',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-ww.........': 'calendar.anything',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read report.read',
    'www.w-www---w--w-': 'ratingrun.record rating.compute export.run',
    'www.w-ww.---.--.-': 'obligation.anything report.anything',
    '.....-..--------w': 'person.read person.revokeToken',
    'www.w-ww---------': 'import.run ledger.recordImport',
  },
  'grassroots-section': {
    'ooo.o-poc---cc-c-': 'complaint.read supervision.read',
    'ooo.o-oo.---..-.-':
      'complaint.register complaint.identifyRespondent complaint.noteRepeat complaint.joinRepeat complaint.requestSupplement complaint.receiveSupplement complaint.notify complaint.withdraw complaint.requestReview complaint.requestReReview complaint.accept complaint.decline complaint.transfer complaint.objectToTransfer complaint.decideTransferObjection complaint.merge complaint.answerThroughMain complaint.assignInvestigators complaint.requestHandlerReport complaint.remindHandler complaint.recordMissingHandlerReport complaint.fileHandlerReport complaint.fileDefence complaint.waiveDefence complaint.requestRecusal complaint.suspend complaint.resume complaint.addEvidence complaint.addNote complaint.reportDelay complaint.requestExtension complaint.verifyRectification complaint.openPenaltyCase complaint.reply complaint.submitReport complaint.terminate complaint.close complaint.archive complaint.openArchived',
    'ooo.o-poc---c--c-': 'visit.read qualitycard.read penalty.read',
    'ooo.o-oo.---.c-.-':
      'supervision.sign supervision.reportProgress supervision.requestCoordination supervision.plan supervision.declineTask supervision.reportDelay supervision.requestExtension supervision.reply supervision.addEvidence supervision.objectToCard',
    'ooo.o-oo.---.--.-':
      'penalty.fileDefence penalty.waiveDefence penalty.requestHearing penalty.abandonHearing penalty.openArchived penalty.anything',
    'ccc.c-pcc---c--c-': 'discipline.read',
    'ccc.c-cc.---.--.-': 'discipline.serve discipline.addEvidence discipline.openArchived',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-ww.........': 'cycle.anything',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read report.read',
    'www.w-ww.---.--.-':
      'rating.submitSelfAssessment rating.recordStatement rating.appeal rating.waiveAppeal rating.recordReratingReply rating.waiveReratingReply rating.raiseObjection rating.enrol rating.recordVisit rating.recordSurvey rating.recordScores rating.notifyResult rating.scheduleInspection rating.completeInspection rating.findNonconformity rating.checkFinding rating.confirmFinding rating.announceMeasure rating.closeInspection rating.proposeRerating rating.notifyRerating record.anything obligation.anything report.anything',
    'www.w-www---w--w-': 'ratingrun.record rating.compute export.run',
    'www.w-www...w..w.': 'office.anything worker.anything',
    '.....-..--------w': 'person.read person.revokeToken',
    'www.w-ww---------': 'import.run ledger.recordImport',
  },
  'judicial-office': {
    'ooo.o-poc---cc-c-': 'complaint.read supervision.read',
    'ooo.o-oo.---..-.-':
      'complaint.register complaint.identifyRespondent complaint.noteRepeat complaint.joinRepeat complaint.requestSupplement complaint.receiveSupplement complaint.notify complaint.withdraw complaint.requestReview complaint.requestReReview complaint.transfer complaint.addEvidence complaint.addNote',
    'ooo.o-poc---c--c-': 'visit.read qualitycard.read',
    'ooo.o-oo.---.--.-': 'visit.anything qualitycard.anything',
    'ooo.o-oo.---.c-.-':
      'supervision.sign supervision.reportProgress supervision.requestCoordination supervision.plan supervision.declineTask supervision.reportDelay supervision.requestExtension supervision.reply supervision.addEvidence supervision.objectToCard',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'legal-reviewer': {
    'ccc.c-pcc---c--c-': 'complaint.read penalty.read',
    'ccc.c-ccc---c--c-': 'penalty.reviewLegality',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'hearing-chair': {
    'ccc.c-pcc---c--c-': 'complaint.read penalty.read',
    'ccc.c-ccc---c--c-': 'penalty.holdHearing',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'city-decider': {
    'ccc.c-pcc---c--c-': 'complaint.read',
    'ooo.o-poc---c--c-': 'penalty.read',
    'ooo.o-ooc---c--c-':
      'penalty.decideRecusal penalty.takeCase penalty.returnProposal penalty.fileDefence penalty.waiveDefence penalty.requestHearing penalty.abandonHearing penalty.discussCollectively penalty.decide penalty.deferPayment penalty.applyForEnforcement penalty.suspendExecution penalty.resumeExecution penalty.quash penalty.change penalty.terminate penalty.openArchived penalty.anything',
    'ooo.o-oo.---.--.-': 'penalty.correct',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'disciplinary-committee': {
    '.....-..-------c-': 'complaint.read penalty.read',
    'ccc.c-pcc---c--c-': 'discipline.read',
    'ccc.c-ccc---c--c-':
      'discipline.refer discipline.serve discipline.addEvidence discipline.openArchived discipline.requestReview discipline.anything',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-': 'rating.read ratingrun.read record.read obligation.read',
    '.....-..--------w': 'person.read person.revokeToken',
  },
  'office-account': {
    '--------------w--':
      'complaint.read complaint.fileHandlerReport complaint.fileDefence complaint.waiveDefence supervision.read supervision.objectToCard penalty.read penalty.fileDefence penalty.waiveDefence penalty.requestHearing penalty.abandonHearing discipline.read discipline.requestReview rating.read rating.submitSelfAssessment rating.recordStatement rating.appeal rating.waiveAppeal rating.recordReratingReply rating.waiveReratingReply rating.raiseObjection record.read obligation.read',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    '----------------w': 'person.read person.revokeToken',
  },
  auditor: {
    'ccc.cwpcc--cc--c-':
      'complaint.read visit.read supervision.read returnvisit.read returnplan.read qualitycard.read penalty.read discipline.read',
    'ccc.cwccc--cc--c-': 'complaint.openArchived penalty.openArchived discipline.openArchived',
    'www.wwpwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read projections.read',
    'www.wwpww--ww--w-':
      'rating.read ratingrun.read record.read obligation.read report.read access-log.read audit.read',
    'www.wwwww--ww--w-': 'ratingrun.record rating.compute export.run',
    'www.wwpww--ww--ww': 'person.read',
    '.........--..--.w': 'person.revokeToken',
    'www.wwwwwwwwwwwww': 'verify.run',
  },
  'privacy-officer': {
    'ooo.o-poc---c--c-': 'complaint.read visit.read returnvisit.read qualitycard.read',
    'ooo.o-oo.---.--.-': 'complaint.openArchived',
    'www.w-pwwwwwwwwww':
      'calendar.read limits.read scheme.read cycle.read practice.read organisation.read office.read worker.read',
    'www.w-pww---w--w-':
      'rating.read ratingrun.read record.read obligation.read subjects.read erasure.read access-log.read',
    'www.w-pww---w--ww': 'person.read',
    '.....-...---.--.w': 'person.revokeToken',
    'www.w-ww.---.--.-': 'subjects.link subjects.anything erasure.anything',
  },
  administrator: {
    'www.w-pwwwwwwwwww': 'calendar.read organisation.read office.read worker.read projections.read',
    'www.w-www...w..w.': 'organisation.anything office.anything worker.anything',
    'www.w-pww---w--w-': 'person.read',
    'www.w-www---w--w-': 'person.grantRole person.correct person.revokeToken person.anything',
    'www.w-wwwwwwwwwww': 'verify.run projections.rebuild backup.run clock.confirm',
  },
}
