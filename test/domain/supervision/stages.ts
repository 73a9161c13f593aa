/** Supervision items at the stages that tests start from. The step of revision n happens n hours after 2026-01-05 09:00. */
import type { Actor } from '../../../src/domain/event.ts'
import { supervisionDecider } from '../../../src/domain/supervision/index.ts'
import { given } from '../../support/scenario.ts'

export const limits = {
  'supervision.sign-for': '1wd',
  'supervision.reply': '5wd',
  'supervision.reply.extension': '10d',
  'supervision.circular': '5wd',
}

/** Somebody of a unit charged with a task. */
export const of = (unit: string, person = `${unit}-clerk`): Actor => ({
  person,
  role: 'grassroots-section',
  organisation: unit,
})

export const nothing = () => given(supervisionDecider)

export const opened = (more: object = {}) =>
  nothing().did('open', { source: 'instruction', matter: '落实整改', officer: 'officer', ...more }, { by: 'officer' })

/** Lead with unit-1, co-handling with unit-2. */
export const assigned = (more: object = {}, task: object = {}) =>
  opened(more).did(
    'assignTasks',
    {
      tasks: [
        { unit: 'unit-2', role: 'co-handling' },
        { unit: 'unit-1', role: 'lead', leader: 'leader-1', ...task },
      ],
    },
    { by: 'officer', limits },
  )

export const lead = 'id-1.tasks.1'
export const second = 'id-1.tasks.0'

export const signed = (more: object = {}, task: object = {}) =>
  assigned(more, task).did('sign', { task: lead, handler: 'handler-1' }, { by: of('unit-1') })

export const replied = (more: object = {}) =>
  signed(more).did(
    'reply',
    { task: lead, text: '已整改' },
    { by: of('unit-1'), limits: { 'supervision.review': '3wd' } },
  )

/** Both tasks answered and accepted. */
export const answered = (more: object = {}) =>
  replied(more)
    .did('acceptReply', { task: lead }, { by: 'officer' })
    .did('sign', { task: second }, { by: of('unit-2') })
    .did('declineTask', { task: second, reason: '政策所限' }, { by: of('unit-2') })
    .did('acceptReply', { task: second }, { by: 'officer', limits })

/** The clock of that id, however it ended. */
export const clockOf = (scenario: ReturnType<typeof opened>, id: string) =>
  scenario.state.clocks.find((each) => each.id === id)
