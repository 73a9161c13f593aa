/** Every step of a supervision item over HTTP, each by the person whose step it is (S1-5.2, S1-5.3). */
import t from 'tap'
import { acting } from '../support/acting.ts'
import { startService } from '../support/service.ts'

t.test('what can happen to an item can be done over HTTP by whom it concerns', async (t) => {
  const service = await startService(t)
  const { bureau, other } = service.county
  const { people } = service
  const { did, url, refused } = acting(service, '/api/v1/supervisions')
  const officer = people['supervision-officer'].id
  const leader = people['bureau-leader'].id
  await did('supervision-officer', '', { source: 'instruction', matter: '督办事由', leader, officer })
  await did('supervision-officer', 'assign-tasks', { tasks: [{ unit: bureau, role: 'lead', leader }] })
  const file = () => service.call('supervision-officer', 'GET', url())
  const [{ id: task }] = (await file()).json.tasks
  await did('supervision-officer', 'transfer', { task, unit: other, reason: '职责在该单位' })
  t.equal(await refused('elsewhere', 'reply', { task, text: '已办' }), 'reply-without-sign-for')
  await did('elsewhere', 'sign', { task, handler: people.elsewhere.id })
  await did('supervision-officer', 'chase', {
    ...{ task, method: 'on-site', by: officer, whom: people.elsewhere.id, result: '承诺反馈', next: '2026-03-05' },
  })
  t.equal(
    await refused('supervision-officer', 'chase', { task, method: 'phone', by: 'nobody', whom: officer, result: 'x' }),
    'person-unknown',
  )
  await did('elsewhere', 'report-progress', { task, text: '正在整改' })
  await did('elsewhere', 'request-coordination', { task, difficulty: '涉及其他部门' })
  await did('supervision-officer', 'record-coordination', { task, result: '已协调' })
  await did('elsewhere', 'report-delay', { task, reason: '鉴定未出', expectedBy: '2026-03-20' })
  await did('elsewhere', 'request-extension', { task, by: '5d', reason: '取证' })
  t.equal(await refused('elsewhere', 'decide-extension', { task, granted: true }), 'forbidden')
  await did('bureau-leader', 'decide-extension', { task, granted: true, by: '3d' })
  await did('supervision-officer', 'issue-card', {
    task,
    level: 'notice',
    responsible: people.elsewhere.id,
    reason: '拖延',
  })
  const [{ id: card }] = (await file()).json.cards
  await did('elsewhere', 'object-to-card', { card, reason: '未逾期' })
  await did('bureau-leader', 'decide-objection', { card, upheld: true, reason: '属实' })
  await did('elsewhere', 'plan', { task, until: '2026-03-31', plan: '分步办理' })
  await did('supervision-officer', 'return-reply', { task, reason: '不够具体' })
  await did('elsewhere', 'decline-task', { task, reason: '政策所限' })
  await did('supervision-officer', 'accept-reply', { task })
  await did('bureau-leader', 'change-importance', { importance: 'major', reason: '领导批示' })
  t.equal(await refused('supervision-officer', 'close', {}), 'circular-missing')
  await did('supervision-officer', 'issue-circular', { document: '督〔2026〕1号', text: '通报', criticised: [other] })
  await did('supervision-officer', 'report-summary', { leader, text: '已全部落实' })
  await did('supervision-officer', 'change-officer', { officer: leader })
  await did('bureau-leader', 'restrict-readers', { readers: [leader] })
  t.equal((await file()).status, 404, 'who is not on the list knows of nothing')
  await did('bureau-leader', 'close', { summary: '办结' })
  const shown = await service.call('bureau-leader', 'GET', url())
  t.match(shown.json, { status: 'closed', cards: [{ objection: { outcome: 'upheld' } }], circulars: 1, summaries: 1 })
})
