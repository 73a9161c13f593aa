/**
 * What may become of one complaint: a list of steps, each so many days after the one before. Most go the whole way in time, some are slow
 * and late; the rules decide whether a step stands, so a story is always lawful.
 */
import type { Role } from '../domain/access.ts'
import type { County, Person } from './county.ts'
import * as texts from './names.ts'
import type { Random } from './random.ts'
import { traitOf } from './stars.ts'

export interface StoryStep {
  readonly action: string
  /** Or what makes it of the case as it stands then, and the moment: ids are given by the steps before. */
  readonly body: object | ((state: never, recordedMs: number) => object)
  readonly by: Person
  /** Calendar days after the step before; 0: some minutes after it. */
  readonly days: number
}
/** One case of any kind, from its opening on. */
export interface Story {
  readonly category: string
  readonly steps: readonly StoryStep[]
  /** What the opening is decided by, beyond its stream. */
  readonly facts?: Readonly<Record<string, unknown>>
}

const outcomes = [
  ['substantiated', 30],
  ['partly-substantiated', 25],
  ['unsubstantiated', 30],
  ['unverifiable', 15],
] as const

/** Who complains again: names and phones of earlier cases, so that repeats are found. */
export interface Complainant {
  readonly name: string
  readonly phone: string
  readonly address: string
}

export function inventComplainant(random: Random): Complainant {
  const digits = Array.from({ length: 8 }, () => random.between(0, 9)).join('')
  return {
    name: random.pick(texts.surnames) + random.pick(texts.givenNames),
    phone: `199${digits}`,
    address: `安和县${random.pick(texts.towns)}${random.between(1, 20)}组${random.between(1, 99)}号`,
  }
}

export function tellStory(random: Random, county: County, who: Complainant): Story {
  const one = (role: Role): Person => random.pick(county.people.filter((person) => person.role === role))
  const reception = one('reception')
  const director = one('centre-director')
  const leaders = county.people.filter((person) => person.role === 'bureau-leader')
  const leader = random.pick(leaders)
  const investigators = random.sample(
    county.people.filter((person) => person.role === 'investigator'),
    2,
  )
  const lead = investigators[0]!
  const office = random.pick(county.offices)
  const worker = random.pick(county.workers.get(office)!)
  // Offices that work well hand over what they are asked for.
  const careful = ['strong', 'good'].includes(traitOf(county, office))
  const anonymous = random.chance(0.08)
  const channel = random.weighted([
    ['visit', 30],
    ['phone', 20],
    ['letter', 15],
    ['online', 15],
    ['hotline-12345', 15],
    ['transferred', 5],
  ])
  // One case in eight is slow: everything takes twice as long. What comes by the hotline has thirteen working days and is hurried.
  const slow = random.chance(0.12)
  const pace = (slow ? 2 : 1) * (channel === 'hotline-12345' ? 0.3 : 1)
  const days = (from: number, to: number) => Math.round(random.between(from, to) * pace)
  const steps: StoryStep[] = []
  const then = (by: Person, action: string, body: object, after: number) =>
    steps.push({ by, action, body, days: after })
  const told = (): Story => ({ category: 'complaint', steps })

  then(
    reception,
    'register',
    {
      channel,
      kind: random.weighted([
        ['private-acceptance-or-fees', 20],
        ['no-receipt', 12],
        ['neglect-of-duty', 18],
        ['poor-service', 22],
        ['representing-both-sides', 6],
        ['posing-as-lawyer', 5],
        ['unregistered-reception-point', 4],
        ['fees-not-published', 6],
        ['leaking-secrets', 3],
        ['other', 4],
      ]),
      respondentOffice: office,
      ...(random.chance(0.85) ? { respondentWorker: worker } : {}),
      anonymous,
      ...(anonymous ? {} : { complainant: { name: who.name, phone: who.phone, address: who.address } }),
      matter: random.pick(texts.matters),
      request: random.pick(texts.requests),
    },
    0,
  )
  const fate = random.next()
  if (random.chance(0.06)) {
    then(reception, 'requestSupplement', { items: random.sample(texts.supplements, random.between(1, 3)) }, days(1, 3))
    then(reception, 'receiveSupplement', {}, days(3, 14))
  }
  if (fate < 0.04) {
    then(
      director,
      'decline',
      {
        ground: random.pick(['out-of-scope', 'no-concrete-facts', 'no-jurisdiction']),
        reason: random.pick(texts.reasons),
      },
      days(2, 10),
    )
    if (!anonymous) then(director, 'notify', { about: 'non-acceptance', method: 'letter' }, days(0, 3))
    then(director, 'close', anonymous ? { reason: '线索已核，无需继续办理。' } : {}, days(5, 20))
    return told()
  }
  if (fate < 0.07) {
    then(
      director,
      'transfer',
      { mode: 'transfer', toName: '临溪县司法局', reason: random.pick(texts.reasons) },
      days(2, 8),
    )
    if (!anonymous) then(director, 'notify', { about: 'transfer', method: 'phone' }, days(0, 3))
    return told()
  }
  if (fate < 0.1 && !anonymous) {
    then(reception, 'withdraw', { inWriting: true, reason: '当事人已自行和解。' }, days(3, 12))
    then(director, 'close', {}, days(1, 6))
    return told()
  }
  then(director, 'accept', {}, days(1, 7))
  if (!anonymous)
    then(
      director,
      'notify',
      { about: 'acceptance', method: random.pick(['letter', 'phone', 'sms'] as const) },
      days(0, 2),
    )
  then(director, 'assignInvestigators', { investigators: investigators.map((person) => person.id) }, days(0, 3))
  if (random.chance(0.02)) {
    then(
      director,
      'terminate',
      { ground: 'respondent-ceased', reason: '被投诉人已注销执业，相关问题另案处理。' },
      days(5, 15),
    )
    if (!anonymous) then(director, 'notify', { about: 'termination', method: 'letter' }, days(0, 3))
    then(director, 'close', anonymous ? { reason: '线索已核，无需继续办理。' } : {}, days(2, 8))
    return told()
  }
  then(lead, 'requestHandlerReport', {}, days(0, 2))
  if (random.chance(0.12)) {
    then(lead, 'remindHandler', { method: 'phone' }, days(7, 12))
    if (random.chance(0.4))
      then(lead, 'recordMissingHandlerReport', { reason: '经催告仍未提交书面报告。' }, days(5, 10))
    else then(lead, 'fileHandlerReport', { report: random.pick(texts.reports) }, days(2, 6))
  } else then(lead, 'fileHandlerReport', { report: random.pick(texts.reports) }, days(2, 8))
  if (random.chance(0.3)) then(lead, 'fileDefence', { text: '对投诉所述收费经过提出申辩，附凭证。' }, days(0, 3))
  else then(lead, 'waiveDefence', {}, days(0, 3))
  // Who sees that the limit will not do asks for more time before it ends.
  if (slow && !anonymous && random.chance(0.7)) {
    const clock = 'complaint.reply'
    then(director, 'requestExtension', { clock, by: '30d', reason: '案情复杂，需补充取证。' }, 1)
    then(leader, 'decideExtension', { clock, granted: true }, days(0, 2))
  }
  if (random.chance(0.05)) {
    then(lead, 'suspend', { ground: 'other-procedure-pending', reason: '同一事项正在法院审理。' }, days(2, 8))
    then(lead, 'resume', {}, days(15, 60))
  }
  if (random.chance(0.25)) then(lead, 'addNote', { text: '走访当事人并制作笔录。' }, days(1, 6))
  const outcome = random.weighted(outcomes)
  const place = outcomes.findIndex(([name]) => name === outcome)
  const proved = outcome === 'substantiated' || outcome === 'partly-substantiated'
  const parts = {
    matter: random.pick(texts.matters),
    grounds: random.pick(texts.grounds),
    verifiedFacts: texts.facts[place]!,
  }
  then(
    lead,
    'conclude',
    { investigators: investigators.map((person) => person.id), ...parts, proposed: outcome },
    days(6, 22),
  )
  then(director, 'giveOpinion', { opinion: texts.opinions[place]!, proposed: outcome }, days(1, 4))
  then(director, 'reportToLeader', { leader: leader.id }, days(0, 2))
  const throughFault = proved && random.chance(0.6)
  const grave = throughFault && random.chance(0.03)
  then(
    leader,
    'decideAtMeeting',
    {
      meetingNumber: `局办〔${random.between(1, 48)}〕`,
      attendees: leaders.map((person) => person.id),
      outcome,
      throughFault,
      subjectiveFault: throughFault && random.chance(0.3),
      graveSocialImpact: grave,
      graveLoss: grave && random.chance(0.5),
      cooperation: {
        reportInTime: random.chance(0.9) || careful,
        materialsHandedOver: random.chance(0.93) || careful,
        rectified: random.chance(0.8) || !proved || careful,
        activelyHandled: random.chance(0.9),
      },
      measures: proved
        ? [{ kind: 'rectification-order' }, ...(throughFault ? [{ kind: 'integrity-file' }] : [])]
        : [{ kind: 'none' }],
      result: texts.results[place]!,
      basis: random.pick(texts.bases),
    },
    days(2, 8),
  )
  // The six parts are complete with the decision, and go to the city within five working days; some are forgotten for a while.
  const report = (after: number) =>
    then(director, 'submitReport', { to: county.city, document: `安司报〔${random.between(1, 400)}〕` }, after)
  const forgotten = random.chance(0.05)
  if (!forgotten) report(random.between(0, 2))
  then(director, 'reply', { method: 'letter', text: random.pick(texts.replies) }, days(0, 3))
  if (forgotten) report(random.between(6, 12))
  if (!anonymous && random.chance(0.05)) {
    then(reception, 'requestReview', { reason: '对处理结果不服，请求复查。' }, days(3, 25))
    then(
      leader,
      'decideReview',
      { organ: '清源市司法局', result: 'upheld', text: '经复查，维持原处理决定。' },
      days(10, 28),
    )
  }
  then(director, 'close', {}, days(6, 30))
  then(director, 'archive', { retention: proved ? '30y' : '10y' }, days(8, 35))
  return told()
}

/** A story that ends in a decision with all four facts of the one-vote veto (S0-4.6e), against a given office. */
export function tellGraveStory(random: Random, county: County, office: string): Story {
  for (;;) {
    const story = tellStory(random, county, inventComplainant(random))
    const decides = (step: StoryStep) =>
      step.action === 'decideAtMeeting' && (step.body as { outcome: string }).outcome === 'substantiated'
    const plain = !story.steps.some(({ action }) => action === 'suspend' || action === 'requestReview')
    if (!plain || !story.steps.some(decides)) continue
    const steps = story.steps.map((step): StoryStep => {
      if (step.action === 'register') {
        const worker = county.workers.get(office)?.[0]
        return { ...step, body: { ...(step.body as object), respondentOffice: office, respondentWorker: worker } }
      }
      if (!decides(step)) return step
      const cooperation = { reportInTime: false, materialsHandedOver: false, rectified: false, activelyHandled: false }
      const found = {
        throughFault: true,
        subjectiveFault: true,
        graveSocialImpact: false,
        graveLoss: true,
        cooperation,
      }
      return { ...step, body: { ...(step.body as object), ...found } }
    })
    return { ...story, steps }
  }
}
