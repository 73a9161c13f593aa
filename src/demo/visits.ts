/** Whoever comes or calls and has no complaint (S1-3, S1-6.2, S1-7.3): most are answered at once, all are answered. */
import type { Role } from '../domain/access.ts'
import type { County, Person } from './county.ts'
import * as texts from './names.ts'
import type { Random } from './random.ts'
import type { Complainant, Story, StoryStep } from './story.ts'

export function tellVisit(random: Random, county: County, who: Complainant): Story {
  const one = (role: Role): Person => random.pick(county.people.filter((person) => person.role === role))
  const by = one('reception')
  const steps: StoryStep[] = []
  const then = (action: string, body: object, days = 0) => steps.push({ by, action, body, days })
  const begin = (item: string, matter: string) =>
    then('register', {
      channel: random.pick(['visit', 'call'] as const),
      item,
      visitor: { name: who.name, phone: who.phone },
      matter,
    })
  // Now and then somebody has to come a second time.
  const late = random.chance(0.03) ? random.between(2, 4) : 0
  const way = random.weighted([
    ['spot', 64],
    ['referral', 14],
    ['complex', 15],
    ['suggestion', 7],
  ] as const)
  if (way === 'suggestion') {
    const text = random.pick(texts.suggestions)
    begin('complaints-and-suggestions', text)
    then('receiveSuggestion', { form: random.pick(['oral', 'written'] as const), text })
    then('refer', { mode: 'explained', reason: '建议已登记，研究后答复。' }, late)
    then('formPanel', { members: [one('centre-director').id, one('grassroots-section').id] }, random.between(1, 3))
    then('answerSuggestion', { method: 'phone', text: '您的建议已研究，答复如下。' }, random.between(3, 8) + late * 3)
  } else {
    begin(
      random.pick(['legal-consultation', 'legal-aid-application', 'notary-and-mediation-guidance'] as const),
      random.pick(texts.consultations),
    )
    if (way === 'spot') then('handleOnTheSpot', { result: random.pick(texts.answers) }, late)
    else if (way === 'referral') {
      const mode = random.pick(['led-there', 'contacted-by-phone', 'number-or-address-given'] as const)
      then('refer', { mode, reason: '不属本窗口职责。', toName: '安和县政务服务中心' }, late)
    } else {
      then('openComplexConsultation', { handler: by.id, question: '案情复杂，需查阅材料后答复。' })
      then('refer', { mode: 'explained', reason: '已说明三日内电话答复。' })
      if (random.chance(0.15)) then('replyByPhone', { reached: false, text: '电话无人接听。' }, 1)
      then('replyByPhone', { reached: true, text: random.pick(texts.answers) }, random.between(1, 2) + late)
    }
  }
  then('close', {})
  return { category: 'visit', steps }
}
