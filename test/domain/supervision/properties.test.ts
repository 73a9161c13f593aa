import t from 'tap'
import type { SupervisionState } from '../../../src/domain/supervision/index.ts'
import { supervisionDecider, supervisionEvents } from '../../../src/domain/supervision/index.ts'
import { checkHistories, type Pick } from '../../support/random-history.ts'
import { sampleFile } from '../../support/sample-file.ts'
import { of } from './stages.ts'

const units = ['unit-1', 'unit-2', 'unit-3']
const people = ['officer', 'leader', 'head']

function body(action: string, state: SupervisionState, pick: Pick): object | undefined {
  const ids = state.tasks.map(({ id }) => id)
  const task = pick([...ids, ...ids, ...ids, 'unheard-of'])
  const cards = state.cards.map(({ id }) => id)
  const card = pick([...cards, ...cards, ...cards, 'unheard-of'])
  const clock = pick([...state.clocks, undefined])
  const text = '经过'
  const reason = '理由'
  const some: Record<string, () => object | undefined> = {
    open: () => ({
      source: 'other',
      matter: text,
      importance: pick(['normal', 'important', 'major']),
      officer: 'officer',
    }),
    changeImportance: () => ({ importance: pick(['normal', 'important', 'major']), reason }),
    assignTasks: () => ({
      tasks: [
        { unit: pick(units), role: pick(['lead', 'co-handling']), leader: pick([undefined, 'head']) },
        ...pick([[], [{ unit: pick(units), role: 'co-handling' }]]),
      ],
    }),
    sign: () => ({ task }),
    transfer: () => ({ task, unit: pick(units), reason, limit: pick([undefined, '2wd']) }),
    cancelTask: () => ({ task, reason }),
    chase: () => ({
      task,
      method: pick(['phone', 'fax']),
      whom: 'p',
      result: text,
      next: pick([undefined, '2026-01-08']),
    }),
    reportProgress: () => ({ task, text }),
    requestCoordination: () => ({ task, difficulty: text, leader: pick([undefined, 'head']) }),
    recordCoordination: () => ({ task, result: text }),
    plan: () => ({ task, plan: text, until: pick(['2026-01-04', '2026-01-20']) }),
    declineTask: () => ({ task, reason }),
    reportDelay: () => ({ task, reason }),
    requestExtension: () => ({ task, by: pick(['3d', '5d', '40d']), reason }),
    decideExtension: () => ({ task, granted: pick([true, false]), reason }),
    addEvidence: () => ({ ...sampleFile, task: pick([task, undefined]) }),
    reply: () => ({ task, text }),
    acceptReply: () => ({ task }),
    returnReply: () => ({ task, reason }),
    issueCard: () => ({
      task,
      level: pick(['notice', 'notice', 'yellow-card', 'red-card']),
      responsible: 'head',
      reason,
    }),
    objectToCard: () => ({ card, reason }),
    decideObjection: () => ({ card, upheld: pick([true, false]), reason }),
    issueCircular: () => ({ document: '督1', text, reason: pick([undefined, reason]) }),
    reportSummary: () => ({ leader: 'leader', text }),
    changeOfficer: () => ({ officer: pick(people) }),
    restrictReaders: () => ({ readers: pick([[], ['officer']]) }),
    recordMiss: () =>
      clock && {
        ...{ clock: clock.id, kind: clock.kind, due: pick(['2026-01-05T10:00:00+08:00', '2026-01-05']) },
        ...{ organisation: clock.organisation, calendarBound: '2026-01-06', calendars: [] },
      },
    close: () => ({}),
    withdraw: () => pick([...Array.from({ length: 15 }, () => undefined), { reason }]),
  }
  return some[action]?.()
}

t.test(
  'property: whatever is done and corrected, no item is left in an order that could not be; folding never throws',
  async (t) => {
    const limits = { 'supervision.sign-for': '1wd', 'supervision.reply': '5wd', 'supervision.review': '3wd' }
    const seen = checkHistories(
      supervisionDecider,
      { body, actors: [...people, of('unit-1'), of('unit-2')], limits },
      400,
    )
    for (const type of Object.keys(supervisionEvents)) t.ok((seen.get(type) ?? 0) > 0, `${type} was among them`)
  },
)
