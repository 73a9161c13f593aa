import t from 'tap'
import { clocks } from '../../../src/domain/complaint/clocks.ts'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import { given } from '../../support/scenario.ts'
import * as stage from './stages.ts'

const at = '2022-01-03T09:00:00-05:00'
const imported = (more: object = {}, effectiveAt = at) => ({
  type: 'CaseImported',
  effectiveAt,
  data: {
    ...{ subject: 'subject-1', source: 'ledger', key: 'key-mac', row: 'row-mac', received: 'known', latest: ['状态'] },
    fields: { 类型: { kind: 'plain', value: '咨询' }, 内容: { kind: 'sealed', value: 'ciphertext' } },
    clock: { dueAt: '2022-01-10T09:00:00-05:00', starts: 'received', stops: 'closed', timeZone: 'America/New_York' },
    status: '办理中',
    ...more,
  },
})
const milestone = (name: string, effectiveAt: string) => ({
  type: 'ImportedMilestone',
  effectiveAt,
  data: { milestone: name },
})

t.test('a row with its receipt is a received case with its own clock', async (t) => {
  const { state } = given(complaintDecider, imported())
  t.match(state, { status: 'received', receivedAt: at, subject: 'subject-1', organisation: 'bureau', anonymous: false })
  t.match(state.imported, {
    source: 'ledger',
    row: 'row-mac',
    plain: { 类型: '咨询' },
    sealed: ['内容'],
    status: '办理中',
  })
  t.match(clocks(state), [{ kind: 'complaint.imported', startedAt: at, dueAt: '2022-01-10T09:00:00-05:00' }])
})

t.test('without a receipt no clock starts', async (t) => {
  const { state } = given(complaintDecider, imported({ received: 'unknown' }))
  t.equal(state.receivedAt, undefined)
  t.same(clocks(state), [])
  const later = given(complaintDecider, imported({ received: 'unknown' }), milestone('received', '2022-01-02'))
  t.match(later.state, { receivedAt: '2022-01-02', imported: { received: 'known' } })
  t.equal(clocks(later.state)[0]?.startedAt, '2022-01-02')
})

t.test('a clock without due time or limit has no deadline, and one by limit has that', async (t) => {
  const clock = { starts: 'received', stops: 'replied', timeZone: 'Asia/Shanghai' }
  const open = clocks(given(complaintDecider, imported({ clock })).state)[0]!
  t.equal(open.dueAt, undefined)
  t.equal(open.limit, undefined)
  t.equal(clocks(given(complaintDecider, imported({ clock: { ...clock, limit: '15wd' } })).state)[0]?.limit, '15wd')
  t.same(clocks(given(complaintDecider, imported({ clock: undefined })).state), [], 'a ledger without clock')
})

t.test('milestones say where the case stands, in whatever order they come', async (t) => {
  const closedFirst = given(
    complaintDecider,
    imported(),
    milestone('closed', '2022-01-09'),
    milestone('accepted', '2022-01-04'),
  )
  t.match(closedFirst.state, { status: 'closed', closedAt: '2022-01-09', acceptedAt: '2022-01-04' })
  t.equal(clocks(closedFirst.state)[0]?.stoppedAt, '2022-01-09')
  const replied = given(complaintDecider, imported(), milestone('replied', '2022-01-05'))
  t.equal(replied.state.status, 'replied')
  t.equal(clocks(replied.state)[0]?.stoppedAt, undefined, 'this clock waits for the closing')
})

t.test('a clock that waited for a reply ends with the case', async (t) => {
  const clock = { dueAt: '2022-01-10', starts: 'received', stops: 'replied', timeZone: 'Asia/Shanghai' }
  const [ended] = clocks(given(complaintDecider, imported({ clock }), milestone('closed', '2022-01-09')).state)
  t.equal(ended?.stoppedAt, undefined)
  t.equal(ended?.cancelledAt, '2022-01-09')
})

t.test('a value that was empty is added; one mapped as latest changes', async (t) => {
  const added = given(
    complaintDecider,
    imported({ clock: { starts: 'received', stops: 'closed', timeZone: 'UTC' } }),
  ).and({
    type: 'ImportedFieldsAdded',
    data: {
      ...{ rowMac: 'row-2', dueAt: '2022-02-01', respondentOffice: 'office-9', person: { subject: 'person-1' } },
      fields: { 备注: { kind: 'plain', value: '新' } },
    },
  })
  t.match(added.state, { respondentOffice: 'office-9', complainant: 'person-1', imported: { row: 'row-2' } })
  t.same(added.state.imported?.plain, { 类型: '咨询', 备注: '新' })
  t.equal(clocks(added.state)[0]?.dueAt, '2022-02-01')
  const changed = added.and({
    type: 'ImportedFieldsChanged',
    data: { rowMac: 'row-3', fields: { 类型: { kind: 'plain', value: '投诉' } }, status: '已结' },
  })
  t.match(changed.state.imported, { row: 'row-3', plain: { 类型: '投诉' }, status: '已结' })
})

t.test('the guards of the live chain judge what happens after the import', async (t) => {
  const open = given(complaintDecider, imported())
  open.when('close').then({ code: 'close-without-reply', rule: 'S1-5.2a' })
  const accepted = open
    .when('accept', {}, { by: 'director', limits: stage.limits })
    .then([{ type: 'ComplaintAccepted' }])
  const investigating = accepted.did('assignInvestigators', { investigators: stage.people.investigators })
  investigating.when('conclude', stage.conclusion, { by: 'investigator-1' }).then('handler-report-missing')
  const worked = investigating
    .did('fileHandlerReport', { report: '过程' })
    .did('conclude', stage.conclusion, { by: 'investigator-1' })
    .did('giveOpinion', { opinion: '属实', proposed: 'substantiated' })
    .did('reportToLeader', { leader: 'leader' })
    .did('decideAtMeeting', stage.meeting)
    .did('reply', { method: 'letter', text: '答复' })
    .did('close')
  t.equal(clocks(worked.state).find(({ kind }) => kind === 'complaint.imported')?.stoppedAt, worked.state.closedAt)
  const closed = given(complaintDecider, imported(), milestone('closed', '2022-01-09'))
  closed.when('accept').then('case-closed')
  t.equal(closed.did('archive', { retention: '10y' }).state.status, 'archived')
  t.equal(closed.did('reopen', { ground: 'new-facts', reason: '新证据' }).state.status, 'received')
  open.when('accept', {}, { at: '2021-12-31' }).then('step-before-its-predecessor')
})

t.test('ledger steps stand on imported cases only, and a date once known is corrected, not told again', async (t) => {
  const { guard } = complaintDecider
  const judge = (scenario: { state: never } | ReturnType<typeof given>, event: object) => {
    const step = given(complaintDecider, event as never).events[0]!
    return guard(scenario.state as never, { ...step, sealedBy: { event: '', path: [] } } as never)
  }
  const open = given(complaintDecider, imported())
  t.match(judge(stage.received() as never, milestone('closed', '2026-02-01')), { code: 'case-not-imported' })
  t.match(judge(open as never, milestone('received', '2022-01-01')), { code: 'milestone-known' })
  t.equal(judge(open as never, milestone('closed', '2022-01-09')), undefined)
  t.match(judge(open as never, imported()), { code: 'case-already-opened' })
  const worked = open.did('accept').did('assignInvestigators', { investigators: stage.people.investigators })
  t.match(judge(worked as never, milestone('closed', '2026-02-01')), { code: 'complaint-step-out-of-order' })
})
