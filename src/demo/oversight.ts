/** What the supervision officer does: items from their opening to their closing (S1-5), return visits (S1-7.2); and one penalty case. */
import type { Role } from '../domain/access.ts'
import type { PracticeInForce } from '../domain/practice.ts'
import type { SupervisionState } from '../domain/supervision/index.ts'
import type { CivilDate } from '../domain/time.ts'
import type { County, Person } from './county.ts'
import * as texts from './names.ts'
import type { Random } from './random.ts'
import type { Story, StoryStep } from './story.ts'

const oneOf = (random: Random, county: County, role: Role): Person =>
  random.pick(county.people.filter((person) => person.role === role))

/** The case an item is about. */
export interface About {
  readonly category: string
  readonly case: string
}

const onTask =
  (more: object) =>
  (state: SupervisionState): object => ({ task: state.tasks[0]!.id, ...more })

/** Who is charged: the judicial office, or the bureau's own section for a legal service office. */
function charge(random: Random, county: County): { unit: string; hand: Person } {
  if (random.chance(0.3)) {
    const hand = oneOf(random, county, 'judicial-office')
    return { unit: hand.organisation, hand }
  }
  return { unit: random.pick(county.offices), hand: oneOf(random, county, 'grassroots-section') }
}

interface ItemBeginning {
  readonly officer: Person
  readonly hand: Person
  readonly steps: readonly StoryStep[]
}

/** Opened, given to a unit and signed for. */
function beginItem(
  random: Random,
  county: County,
  importance: 'normal' | 'important',
  about: (About & { readonly source: string }) | undefined,
  charged: { unit: string; hand: Person },
): ItemBeginning {
  const officer = oneOf(random, county, 'supervision-officer')
  const { unit, hand } = charged
  const matter = random.pick(texts.instructions)
  const { source = 'instruction', ...matterOf } = about ?? {}
  const opened = {
    source,
    importance,
    officer: officer.id,
    ...(about
      ? { about: matterOf }
      : {
          leader: oneOf(random, county, 'bureau-leader').id,
          document: `安司批〔${random.between(1, 200)}〕`,
          matter,
          requirement: '按期书面回复办理结果。',
        }),
  }
  const steps: StoryStep[] = [
    { by: officer, action: 'open', body: opened, days: 0 },
    {
      by: officer,
      action: 'assignTasks',
      body: { tasks: [{ unit, role: 'lead', handler: hand.id, content: '核查并书面回复办理结果。' }] },
      days: random.between(0, 1),
    },
    { by: hand, action: 'sign', body: onTask({ handler: hand.id }), days: random.between(0, 1) },
  ]
  return { officer, hand, steps }
}

const chase = (random: Random, by: Person, whom: Person, method: string, days: number): StoryStep => ({
  by,
  action: 'chase',
  body: onTask({ method, whom: whom.id, result: random.pick(texts.chaseResults) }),
  days,
})

const card = (by: Person, responsible: Person, level: string, days: number): StoryStep => ({
  by,
  action: 'issueCard',
  body: onTask({ level, responsible: responsible.id, reason: '逾期未回复，且未报告原因。' }),
  days,
})

/** An item that is answered: mostly in time, one in eight after a written notice. */
export function tellItem(random: Random, county: County, about?: About & { readonly source: string }): Story {
  const begun = beginItem(random, county, random.chance(0.2) ? 'important' : 'normal', about, charge(random, county))
  const { officer, hand } = begun
  const steps = [...begun.steps]
  if (random.chance(0.4)) steps.push(chase(random, officer, hand, random.pick(['phone', 'on-site']), 4))
  if (random.chance(0.12)) {
    steps.push(chase(random, officer, hand, 'phone', 16), card(officer, hand, 'notice', 6))
  }
  const text = random.pick(texts.taskReplies)
  steps.push(
    { by: hand, action: 'reply', body: onTask({ text }), days: random.between(2, 7) },
    { by: officer, action: 'acceptReply', body: onTask({}), days: random.between(0, 1) },
    { by: officer, action: 'close', body: {}, days: random.between(0, 1) },
  )
  return { category: 'supervision', steps }
}

/** The item that everybody in the house knows: instructed, chased by every method, a notice, a yellow card, and still no answer. */
export function tellStubbornItem(random: Random, county: County): Story {
  const hand = oneOf(random, county, 'judicial-office')
  const { officer, steps } = beginItem(random, county, 'important', undefined, { unit: hand.organisation, hand })
  return {
    category: 'supervision',
    steps: [
      ...steps,
      chase(random, officer, hand, 'phone', 6),
      chase(random, officer, hand, 'on-site', 6),
      card(officer, hand, 'notice', 5),
      card(officer, hand, 'yellow-card', 4),
      chase(random, officer, hand, 'meeting', 5),
    ],
  }
}

/**
 * One return visit: tried once or twice, answered by most, and followed up where the person is not satisfied.
 * @param facts who had the case in hand, which the visitor must not
 * @param followUp opens the item that a dissatisfied answer needs, and answers its id
 */
export function tellReturnVisit(
  random: Random,
  county: County,
  visited: {
    readonly case: string
    readonly office?: string | undefined
    readonly ground: string
    readonly plan: string
  },
  facts: { readonly handlers: readonly string[]; readonly practice: PracticeInForce },
  followUp: (recordedMs: number) => string,
): Story | undefined {
  const visitors = county.people.filter(
    ({ id, role }) => role === 'supervision-officer' && !facts.handlers.includes(id),
  )
  if (visitors.length === 0) return undefined
  const visitor = random.pick(visitors)
  const steps: StoryStep[] = []
  const then = (action: string, body: StoryStep['body'], days: number) =>
    steps.push({ by: visitor, action, body, days })
  const { office, ...about } = visited
  then('assign', { ...about, ...(office === undefined ? {} : { office }), visitor: visitor.id }, 0)
  const tries = random.weighted([
    [1, 80],
    [2, 15],
    [3, 5],
  ] as const)
  // Slowest first are those who put it off; a few days' work each.
  then('attempt', { method: 'phone', reached: tries === 1 }, random.between(1, random.chance(0.08) ? 20 : 9))
  if (tries > 1) then('attempt', { method: 'phone', reached: tries === 2 }, random.between(1, 3))
  if (tries === 3) {
    then('record', { outcome: 'unreachable' }, 0)
    then('close', {}, 0)
    return { category: 'returnvisit', steps, facts }
  }
  const satisfied = random.chance(0.93)
  const points = () => (satisfied ? random.between(4, 5) : random.between(1, 3))
  const scores = { attitude: points(), efficiency: points(), policy: points(), competence: points() }
  then('record', { outcome: satisfied ? 'solved' : 'not-solved', satisfied, scores }, 0)
  if (!satisfied) {
    then('offerRemedy', { remedy: 'review', method: 'phone', wanted: false }, 0)
    then('openFollowUp', (_, ms) => ({ item: followUp(ms) }), random.between(1, 3))
  }
  then('close', {}, 0)
  return { category: 'returnvisit', steps, facts }
}

/** A penalty case from a substantiated complaint, being investigated. */
export function tellPenalty(
  random: Random,
  county: County,
  from: { readonly complaint: string; readonly office: string; readonly kind: string; readonly actOn: CivilDate },
): Story {
  const section = oneOf(random, county, 'grassroots-section')
  const investigators = county.people.filter(({ role }) => role === 'investigator')
  const officers = random.sample(investigators, 2).map(({ id }) => id)
  const inquirer = investigators.find(({ id }) => id === officers[0])!
  const file = {
    source: 'complaint',
    complaint: from.complaint,
    respondent: 'office',
    respondentOffice: from.office,
    kind: from.kind,
    law: 'order-137',
    actOn: from.actOn,
    level: 'county',
    matter: random.pick(texts.matters),
    approvedBy: oneOf(random, county, 'bureau-leader').id,
  }
  const inquiry = { form: 'inquiry', officers, credentialsShown: true, signature: 'signed', record: texts.facts[0] }
  return {
    category: 'penalty',
    steps: [
      { by: section, action: 'file', body: file, days: 0 },
      { by: section, action: 'assignOfficers', body: { officers }, days: 1 },
      { by: inquirer, action: 'recordInquiry', body: inquiry, days: 5 },
      { by: inquirer, action: 'addNote', body: { text: '调取收费凭证与收案登记。' }, days: 9 },
    ],
  }
}
