import t from 'tap'
import {
  type CardState,
  qualityCardDecider,
  type ReturnVisitState,
  returnVisitDecider,
} from '../../../src/domain/return-visit/index.ts'
import { checkHistories, type Pick } from '../../support/random-history.ts'

const scores = { attitude: 5, efficiency: 1, policy: 3, competence: 3 }

function visit(action: string, state: ReturnVisitState, pick: Pick): object | undefined {
  const clock = pick([...state.clocks, undefined])
  const some: Record<string, () => object | undefined> = {
    assign: () => ({ case: 'c1', ground: 'sample', visitor: pick(['v1', 'v1', 'handler']) }),
    changeVisitor: () => ({ visitor: pick(['v1', 'v2', 'handler']), reason: '调整' }),
    attempt: () => ({ method: 'phone', reached: pick([true, false]) }),
    record: () => ({
      outcome: pick(['solved', 'partly', 'not-solved', 'unreachable', 'declined']),
      ...pick([{}, { satisfied: true }, { satisfied: false }, { satisfied: false, scores }]),
    }),
    receiveSuggestion: () => ({ form: 'oral', text: '建议' }),
    formPanel: () => ({ members: pick([['a'], ['a', 'b']]) }),
    answerSuggestion: () => ({ method: 'phone', text: '答复' }),
    openFollowUp: () => ({ item: 's1' }),
    offerRemedy: () => ({ remedy: pick(['review', 'reopening']), method: 'phone' }),
    recordMiss: () =>
      clock && {
        ...{ clock: clock.id, kind: clock.kind, due: '2026-01-05T09:30:00+08:00', organisation: 'bureau' },
        ...{ calendarBound: '2026-01-05', calendars: [] },
      },
    close: () => ({}),
  }
  return some[action]?.()
}

t.test('property: whatever is done and corrected, no visit is left in an order that could not be', async (t) => {
  const limits = { 'returnvisit.visit': '10d', 'returnvisit.follow-up': '3wd', 'returnvisit.suggestion': '15d' }
  const maker = { body: visit, actors: ['v1', 'v1', 'v2', 'officer'], limits, facts: { handlers: ['handler'] } }
  const seen = checkHistories(returnVisitDecider, maker, 400)
  for (const type of Object.keys(returnVisitDecider.events)) t.ok((seen.get(type) ?? 0) > 0, `${type} was among them`)
})

function card(action: string, state: CardState, pick: Pick): object | undefined {
  const hash = pick([state.tokenHash ?? 'a'.repeat(64), 'b'.repeat(64)])
  const some: Record<string, () => object> = {
    issue: () => ({ case: 'c1', ...pick([{ form: 'paper' }, { form: 'link', expiresOn: '2026-01-06' }]) }),
    renewLink: () => ({ expiresOn: pick(['2026-01-04', '2026-02-01']) }),
    return: () => ({ ...pick([{ form: 'paper' }, { form: 'link', tokenHash: hash }]), satisfied: pick([true, false]) }),
    openFollowUp: () => ({ visit: 'v1' }),
  }
  return some[action]?.()
}

t.test(
  'property: whatever is done and corrected, no card is answered twice or by a link that was not good',
  async (t) => {
    const facts = { tokenHash: 'a'.repeat(64) }
    const seen = checkHistories(qualityCardDecider, {
      body: card,
      actors: ['clerk', { reactor: 'public-form' }],
      facts,
    })
    for (const type of Object.keys(qualityCardDecider.events)) t.ok((seen.get(type) ?? 0) > 0, `${type} was among them`)
  },
)
