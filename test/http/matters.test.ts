/** Supervision, return visits, quality cards and duties over HTTP: acts, lists, files, histories, and who may see what. */
import t from 'tap'
import { runChain } from '../support/chain.ts'
import { startService } from '../support/service.ts'

t.test(
  'an item is opened on a complaint, answered by its unit, reviewed and closed; lists and files follow',
  async (t) => {
    const service = await startService(t)
    const { id: complaint } = await runChain(service, 'register')
    const { bureau, other } = service.county
    const opened = await service.call('supervision-officer', 'POST', '/api/v1/supervisions', {
      body: {
        source: 'complaint',
        about: { category: 'complaint', case: complaint },
        importance: 'important',
        matter: '督办事由',
      },
    })
    t.equal(opened.status, 201, opened.text)
    t.match(opened.json.number, /督字第00001号$/)
    const id = opened.json.case
    const url = `/api/v1/supervisions/${id}`
    let revision = opened.json.revision
    const act = async (who: Parameters<typeof service.call>[0], action: string, body: object) => {
      const answer = await service.call(who, 'POST', `${url}/${action}`, { body, ifMatch: revision })
      t.equal(answer.status, 200, `${action}: ${answer.text}`)
      revision = answer.json.revision
      return answer.json
    }
    await act('supervision-officer', 'assign-tasks', {
      tasks: [
        { unit: bureau, role: 'lead' },
        { unit: other, role: 'co-handling' },
      ],
    })
    const file = await service.call('elsewhere', 'GET', url)
    t.equal(file.status, 200, 'a unit that is charged reads the item')
    const tasks = file.json.tasks as { id: string; unit: string }[]
    const task = tasks.find(({ unit }) => unit === other)!.id
    await act('elsewhere', 'sign', { task })
    await act('elsewhere', 'reply', { task, text: '已经办妥' })
    await act('supervision-officer', 'accept-reply', { task })
    const lead = tasks.find(({ unit }) => unit === bureau)!.id
    await act('centre-director', 'sign', { task: lead })
    await act('centre-director', 'reply', { task: lead, text: '已经办妥' })
    await act('supervision-officer', 'accept-reply', { task: lead })
    const closed = await act('supervision-officer', 'close', {})
    t.ok(Array.isArray(closed.next))
    const list = await service.call('supervision-officer', 'GET', `/api/v1/supervisions?atLeast=${closed.index}`)
    t.match(list.json, {
      total: 1,
      items: [{ case: id, status: 'closed', number: /督字/, about: { case: complaint } }],
    })
    t.equal((await service.call('elsewhere', 'GET', '/api/v1/supervisions')).json.total, 1, 'the charged unit lists it')
    const past = await service.call('supervision-officer', 'GET', `/api/v1/supervisions?asOf=${opened.json.index}`)
    t.match(past.json, { total: 1, items: [{ status: 'opened' }] })
    t.equal((await service.call('supervision-officer', 'GET', `${url}/history`)).json.events.length, revision + 1)
    t.equal((await service.call('nobody', 'GET', url)).status, 404)
    const unknown = await service.call('supervision-officer', 'POST', '/api/v1/supervisions', {
      body: { source: 'complaint', about: { category: 'complaint', case: 'nowhere' }, matter: '督办事由' },
    })
    t.match(unknown.json, { status: 422, code: 'case-unknown' })
  },
)

t.test('a return visit goes to somebody who never handled the case', async (t) => {
  const service = await startService(t)
  const { id } = await runChain(service, 'close')
  const assign = (visitor: string) =>
    service.call('supervision-officer', 'POST', '/api/v1/return-visits', {
      body: { case: id, ground: 'requested', visitor },
    })
  t.match((await assign(service.people.investigator.id)).json, { code: 'visitor-handled-the-case' })
  const assigned = await assign(service.people['supervision-officer'].id)
  t.equal(assigned.status, 201, assigned.text)
  t.match(assigned.json.number, /回字第00001号$/)
  const month = '2026-03'
  service.clock.ms += 40 * 86_400_000
  const planned = await service.call('supervision-officer', 'POST', '/api/v1/return-plans', { body: { month } })
  t.equal(planned.status, 201, planned.text)
  const plan = await service.call('supervision-officer', 'GET', `/api/v1/return-plans/${planned.json.case}`)
  t.match(plan.json, { population: 1, chosen: [{ case: id }] })
  const again = await service.call('supervision-officer', 'POST', '/api/v1/return-plans', { body: { month } })
  t.match(again.json, { code: 'visits-already-planned' })
})
