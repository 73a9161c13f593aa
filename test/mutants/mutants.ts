/**
 * Mutants of the derived rules: each changes one spot of a rule's source, and the rule's own tests must notice. `from` stands exactly once in the file.
 */
export interface Mutant {
  /** The derived rule whose tests must notice, or what several of them share. */
  readonly rule: string
  readonly file: string
  readonly from: string
  readonly to: string
}

const rules = 'src/domain/rating/rules'
const of =
  (rule: string, file: string) =>
  (from: string, to: string): Mutant => ({ rule, file, from, to })

const sanction = of('no-sanction', `${rules}/sanctions.ts`)
const criminal = of('no-criminal-liability', `${rules}/sanctions.ts`)
const satisfaction = of('satisfaction', `${rules}/satisfaction.ts`)
const assessments = of('assessments-passed', `${rules}/assessments.ts`)
const onTime = of('on-time-rate', `${rules}/on-time.ts`)
const cooperation = of('cooperation', `${rules}/complaints.ts`)
const fault = of('fault-complaints', `${rules}/complaints.ts`)
const perHead = (rule: string) => of(rule, `${rules}/per-head.ts`)
const service = perHead('public-service-hours')
const aid = perHead('aid-cases')
const training = perHead('training-hours')
const study = of('monthly-study', `${rules}/monthly.ts`)
const submissions = of('monthly-submissions', `${rules}/monthly.ts`)
const staffing = of('staffing', `${rules}/staffing.ts`)
const notices = of('supervision-notices', `${rules}/notices.ts`)
const shared = of('shared', `${rules}/rule.ts`)
const dates = of('shared', 'src/domain/rating/dates.ts')

export const mutants: readonly Mutant[] = [
  // The window (T − n, T]: its first day, its last day, its length.
  shared(
    "const state = stands !== 'overturned' && at.date >= until ?",
    "const state = stands !== 'overturned' && at.date > until ?",
  ),
  shared('points: moves(state, disputed) ? points : 0,', 'points,'),
  shared("if (dispute.suspended) return 'suspended'", "if (dispute.suspended) return 'disputed'"),
  shared('dispute.to <= at.bound)', 'dispute.to < at.bound)'),
  shared("return disputed ? 'disputed' : 'counted'", "return 'counted'"),
  shared("(state === 'disputed' && disputed === 'counts')", "state === 'disputed'"),
  shared('if (fact.overturned || (', 'if (('),
  shared('fact.replacedFrom <= at.bound)', 'fact.replacedFrom < at.bound)'),
  shared('part * 10_000 >= percent * whole', 'part * 10_000 > percent * whole'),
  shared('if (!fact.overturned && !found.has(fact.of))', 'if (!fact.overturned)'),
  dates('if (day <= daysIn(', 'if (day <= 31 || day <= daysIn('),
  dates('addMonths(current, place - count)', 'addMonths(current, place - count + 1)'),
  dates('Number(date.slice(0, 4)) - 1', 'Number(date.slice(0, 4))'),

  sanction('.filter((fact) => p.natures.includes(fact.nature))', ''),
  sanction('          p.years * 12,\n          -max,', '          p.years * 12 - 1,\n          -max,'),
  sanction('          p.years * 12,\n          -max,', '          p.years * 12,\n          -max / 2,'),
  sanction('          p.disputed,\n        ),', '        ),'),
  criminal('fact.intentional || !p.intentionalOnly', 'fact.intentional'),
  criminal('fact.intentional || !p.intentionalOnly', 'true'),
  criminal('windowed(fact, at, p.years * 12, -max', 'windowed(fact, at, p.years * 12 + 1, -max'),

  satisfaction('if (answered < p.minimumSample)', 'if (answered <= p.minimumSample)'),
  satisfaction('if (fact.survey !== p.survey) continue', ''),
  satisfaction("at.date >= until ? 'expired'", "at.date > until ? 'expired'"),
  satisfaction('answered += fact.answered', 'answered += fact.asked'),
  satisfaction('satisfied += fact.satisfied', 'satisfied = fact.satisfied'),
  satisfaction("const fails = p.tooSmall === 'fails'", 'const fails = true'),

  assessments('at.date.slice(5) > p.dueBy', 'at.date.slice(5) >= p.dueBy'),
  assessments('? running - 1 : running - 2', '? running - 1 : running - 1'),
  assessments('let year = latest - p.years + 1', 'let year = latest - p.years + 2'),
  assessments('if (!fact) lines.push({ points: -max,', 'if (!fact) lines.push({ points: 0,'),
  assessments('!passed && moves(state, p.disputed) ? -max : 0', '0'),
  assessments('if (fact.overturned) overturned.push(fact)', 'if (false) overturned.push(fact)'),

  onTime('p.clocks ? !p.clocks.includes(fact.clock) :', 'false ? true :'),
  onTime('if (at.date >= until) continue', 'if (at.date > until) continue'),
  onTime('if (fact.cured && sortKey(fact.cured.at) <= at.bound)', 'if (false)'),
  onTime('sortKey(fact.cured.at) <= at.bound', 'sortKey(fact.cured.at) < at.bound'),
  onTime('if (!moves(state)) continue', ''),
  onTime('if (all < p.minimumSample)', 'if (all <= p.minimumSample)'),
  onTime("const fails = p.tooFew === 'fails'", 'const fails = false'),

  cooperation('fact.reportInTime === false,', 'fact.reportInTime !== true,'),
  cooperation('hundredths(p.materialsWithheld)!, ruleWords', 'hundredths(p.reportLate)!, ruleWords'),
  cooperation('[fact.rectified === false,', '[fact.rectified === true,'),
  cooperation("stands !== 'overturned' && at.date >= until ?", "stands !== 'overturned' && at.date > until ?"),
  cooperation('Math.min(-lost, given)', 'given'),
  cooperation('reason === ruleWords.notRectified ? mends.get(fact.event)', 'true ? mends.get(fact.event)'),
  fault('!fact.throughFault || !p', '!p'),
  fault('!p.outcomes.some((outcome) => outcome === fact.outcome)', 'false'),
  fault('at.date < lapseAfter(fact.date, length)', 'at.date <= lapseAfter(fact.date, length)'),
  fault('const cost = step ? hundredths(step.points)! : 0', 'const cost = step ? hundredths(p.steps[0]!.points)! : 0'),
  fault('changes: lapseAfter(fact.date, step.months)', 'changes: until'),
  fault('const ends = p.steps[p.steps.length - 1]!.months', 'const ends = p.steps[0]!.months'),

  service('amount: fact.hours }))', 'amount: fact.hours * 2 }))'),
  service('total * ((to - from) / DAY_MS) >= needed * days', 'total * ((to - from) / DAY_MS) > needed * days'),
  service('else members.delete(fact.worker)', ''),
  service('* change.heads', ''),
  aid('amount: fact.cases * 100', 'amount: fact.cases'),
  aid(
    "return [...lines, { points: -max, state: 'counted', reason: ruleWords.noStaffRecorded(year) }]",
    "return [...lines, { points: 0, state: 'counted', reason: ruleWords.noStaffRecorded(year) }]",
  ),
  training('const met = done >= needed', 'const met = done > needed'),
  training('if (fact.joined && day <= from)', 'if (fact.joined && day < from)'),
  training('if (!fact.joined && day < to)', 'if (!fact.joined && day <= to)'),
  training('points: met ? 0 : -hundredths(p.perWorker)!', 'points: met ? 0 : -max'),
  training('(hours.get(fact.worker) ?? 0) + fact.hours', 'fact.hours'),

  study('(held.get(month) ?? 0) < p.perMonth', '(held.get(month) ?? 0) <= p.perMonth'),
  study('!first || first.date <=', 'true || !first || first.date <='),
  study('first.date <=', 'first.date <'),
  study('(held.get(fact.month) ?? 0) + 1', '1'),
  submissions('news >= p.news && typicalCases >= p.typicalCases', 'news >= p.news || typicalCases >= p.typicalCases'),
  submissions('news >= p.news && typicalCases', 'news > p.news && typicalCases'),
  submissions('sum.news + fact.news', 'fact.news'),

  staffing(
    '(p.fullTimeOnly ? last.fullTime : last.workers) >= p.workers',
    '(p.fullTimeOnly ? last.fullTime : last.workers) > p.workers',
  ),
  staffing('p.fullTimeOnly ? last.fullTime : last.workers', 'last.workers'),
  staffing('standingOnes[standingOnes.length - 1]', 'standingOnes[0]'),
  staffing('enough && reaches', 'enough || reaches'),

  notices('YELLOW_CARD: p.yellowCard', 'YELLOW_CARD: p.redCard'),
  notices('CIRCULAR: p.circular', 'CIRCULAR: 0'),
  notices('windowed(fact, at, p.months,', 'windowed(fact, at, p.months + 1,'),
  notices('Math.min(-line.points, hundredths(p.rectifiedLater)!)', 'hundredths(p.rectifiedLater)!'),
]
