import t from 'tap'
import { isLimit } from '../../src/domain/calendar/limit.ts'
import { complaintClockKinds } from '../../src/domain/complaint/clocks.ts'
import { type DecideContext, decide, provisionalStep } from '../../src/domain/decider.ts'
import { fold } from '../../src/domain/history.ts'
import {
  defaultPolicy,
  fixedDue,
  isStricter,
  type LimitEntry,
  type LimitPolicy,
  type LimitPolicyPublished,
  lightsFor,
  limitFor,
  policyDecider,
  policyOf,
  policyVersionFor,
} from '../../src/domain/policy.ts'

const entry = (kind: string, limit: string, more: Partial<LimitEntry> = {}): LimitEntry => ({
  kind,
  limit,
  force: 'internal',
  citation: '本局规定',
  ...more,
})
const policy = (
  organisation: string,
  version: number,
  validFrom: string,
  entries: LimitEntry[],
  more: Partial<LimitPolicy> = {},
) => ({
  id: `limits-${organisation}@${version}`,
  organisation,
  version,
  validFrom,
  entries,
  legalBasis: '本局规定',
  ...more,
})
const chain = ['county', 'city', 'province']

t.test('without a policy of their own all have the limits of law and seeds', async (t) => {
  const limit = (kind: string, channel?: string, category?: string) =>
    limitFor([], chain, { kind, ...(channel ? { channel } : {}), ...(category ? { category } : {}) }, '2026-11-22')
  t.match(limit('complaint.acceptance'), { limit: '15d', citation: '信访工作条例 23', policy: 'limits@0' })
  t.match(limit('complaint.reply'), { limit: '60d', extension: '30d' })
  t.match(limit('complaint.reply.extension'), { limit: '30d', citation: '信访工作条例 34' })
  t.match(limit('penalty.hearing-announcement'), { limit: '-7wd' })
  t.match(limit('penalty.limitation'), { limit: '2y', roll: false })
  t.match(limit('penalty.limitation', undefined, 'life-health-finance'), { limit: '5y' })
  t.match(limit('consultation.phone-reply'), { limit: '3d', citation: 'S1-6.2' })
  t.match(limit('consultation.reply', 'letter'), { limit: '7wd' })
  t.equal(limit('consultation.reply'), undefined)
  t.match(limit('notice.rating'), { limit: '15d' })
  t.match(limit('notice.general'), { limit: '7d' })
  t.match(limit('duty.return-visits'), { every: '1mo' })
  t.match(limit('star.self-assessment'), { fixed: { month: 10, day: 21, before: true } })
  t.equal(limit('unheard-of'), undefined)
  t.equal(limit('complaint.acceptance.extension'), undefined)
  t.equal(policyVersionFor([], chain, '2026-11-22'), 'limits@0')
  t.same(lightsFor([], chain, '2026-11-22'), { yellowWorkdays: 3 })
})

t.test('the shipped entries are well-formed, and agree with what complaints start', async (t) => {
  const keys = defaultPolicy.entries.map((each) => [each.kind, each.channel, each.category].join('|'))
  t.equal(new Set(keys).size, keys.length)
  for (const each of defaultPolicy.entries)
    for (const limit of [each.limit, each.every, each.extension])
      if (limit !== undefined) t.ok(isLimit(limit), each.kind)
  for (const [kind, { limit }] of Object.entries(complaintClockKinds))
    t.equal(limitFor([], [], { kind }, '2026-11-22')?.limit, limit, kind)
})

t.test('the nearest organisation speaks first, then its superiors', async (t) => {
  const policies = [
    policy('city', 1, '2026-01-01', [entry('consultation.phone-reply', '2d'), entry('work-order.callback', '3d')]),
    policy('county', 1, '2026-01-01', [entry('consultation.phone-reply', '1d')]),
    policy('elsewhere', 1, '2026-01-01', [entry('work-order.callback', '9d')]),
  ]
  const limit = (kind: string) => limitFor(policies, chain, { kind }, '2026-11-22')
  t.match(limit('consultation.phone-reply'), { limit: '1d', policy: 'limits-county@1' })
  t.match(limit('work-order.callback'), { limit: '3d', policy: 'limits-city@1' })
  t.match(limit('notice.general'), { limit: '7d', policy: 'limits@0' })
  t.equal(policyVersionFor(policies, chain, '2026-11-22'), 'limits-county@1')
})

t.test('a version holds from its day to its last, the newest of those that are valid', async (t) => {
  const policies = [
    policy('county', 1, '2026-01-01', [entry('work-order.callback', '2d')]),
    policy('county', 2, '2026-06-01', [entry('work-order.callback', '3d')], { validUntil: '2026-06-30' }),
  ]
  const limit = (date: string) => limitFor(policies, chain, { kind: 'work-order.callback' }, date)?.limit
  t.same(['2025-12-31', '2026-01-01', '2026-05-31', '2026-06-01', '2026-06-30', '2026-07-01'].map(limit), [
    '1d',
    '2d',
    '2d',
    '3d',
    '3d',
    '2d',
  ])
})

t.test('channel and category: the more specific entry wins', async (t) => {
  const policies = [
    policy('county', 1, '2026-01-01', [
      entry('work-order.reply', '9wd'),
      entry('work-order.reply', '5wd', { channel: 'phone' }),
      entry('work-order.reply', '3wd', { category: 'help' }),
      entry('work-order.reply', '1wd', { category: 'help', channel: 'phone' }),
    ]),
  ]
  const limit = (channel?: string, category?: string) =>
    limitFor(
      policies,
      chain,
      { kind: 'work-order.reply', ...(channel ? { channel } : {}), ...(category ? { category } : {}) },
      '2026-02-01',
    )?.limit
  t.same(
    [limit(), limit('phone'), limit('letter'), limit('letter', 'help'), limit('phone', 'help')],
    ['9wd', '5wd', '9wd', '3wd', '1wd'],
  )
})

t.test('a category says more than a channel', async (t) => {
  const entries = [
    entry('work-order.reply', '5wd', { channel: 'phone' }),
    entry('work-order.reply', '3wd', { category: 'help' }),
  ]
  const asked = { kind: 'work-order.reply', channel: 'phone', category: 'help' }
  for (const order of [entries, [...entries].reverse()])
    t.equal(limitFor([policy('county', 1, '2026-01-01', order)], chain, asked, '2026-02-01')?.limit, '3wd')
})

t.test('a statutory period stays the limit, a stricter one of the bureau is its target (Q16)', async (t) => {
  const own = (limit: string, force: LimitEntry['force'] = 'internal') =>
    limitFor(
      [policy('county', 1, '2026-01-01', [entry('complaint.reply', limit, { force })])],
      chain,
      { kind: 'complaint.reply' },
      '2026-02-01',
    )
  t.match(own('30d'), { limit: '60d', policy: 'limits@0', target: { limit: '30d', policy: 'limits-county@1' } })
  t.notOk('target' in own('90d')!)
  t.match(own('45d', 'statutory'), { limit: '45d', policy: 'limits-county@1' }, 'the law changed')
})

t.test('limits of different units are compared by their rough length', async (t) => {
  t.ok(isStricter('10wd', '15d'))
  t.notOk(isStricter('11wd', '15d'))
  t.ok(isStricter('24h', '2d'))
  t.ok(isStricter('1mo', '31d'))
  t.ok(isStricter('-10wd', '-7wd'), 'announced earlier')
})

t.test('a day of the year, before or on it (Q3)', async (t) => {
  t.equal(fixedDue({ month: 10, day: 21, before: true }, 2026), '2026-10-20')
  t.equal(fixedDue({ month: 10, day: 21 }, 2026), '2026-10-21')
  t.equal(fixedDue({ month: 1, day: 1, before: true }, 2026), '2025-12-31')
})

const context: DecideContext = {
  now: '2026-11-22T02:00:00.000Z',
  effectiveAt: '2026-11-22T02:00:00.000Z',
  actor: { operator: true },
  organisation: 'county',
  newId: (path) => path,
  limit: () => undefined,
  policy: 'limits@0',
}
const body = (entries: unknown[], more: Record<string, unknown> = {}) => ({
  validFrom: '2027-01-01',
  entries,
  legalBasis: '本局规定',
  ...more,
})
const given = (...versions: LimitPolicyPublished[]) => ({
  when(asked: unknown) {
    const steps = versions.map((data, place) => provisionalStep({ type: 'LimitPolicyPublished', data }, context, place))
    const parsed = policyDecider.actions.publish!.body.parse(asked)
    return decide(policyDecider, 'publish', parsed, fold(policyDecider, steps), context)
  },
})
const refusedFor = (decision: ReturnType<typeof decide>) => (decision.ok ? 'accepted' : decision.refusal.code)
const first = { organisation: 'county', version: 1, ...body([]) } as LimitPolicyPublished

t.test('publishing makes the next version', async (t) => {
  const decision = given(first).when(body([entry('work-order.callback', '2d')]))
  t.match(decision, {
    ok: true,
    events: [{ type: 'LimitPolicyPublished', data: { organisation: 'county', version: 2 } }],
  })
  if (decision.ok) t.match(policyOf(decision.events[0]!.data), { id: 'limits-county@2', entries: [{ limit: '2d' }] })
  t.equal(refusedFor(given(first).when(body([], { validFrom: '2026-12-31' }))), 'policy-version-order')
  t.equal(refusedFor(given().when(body([], { validUntil: '2026-12-31' }))), 'policy-version-order')
})

t.test('entries that say nothing, two things, the same twice, or less than the law are refused', async (t) => {
  const when = (...entries: unknown[]) => refusedFor(given().when(body(entries)))
  const rule = { kind: 'x', force: 'internal', citation: '本局规定' }
  t.equal(when(rule), 'policy-entry-invalid')
  t.equal(when({ ...rule, limit: '1d', every: '1mo' }), 'policy-entry-invalid')
  t.equal(when({ ...rule, fixed: { month: 2, day: 30 } }), 'policy-entry-invalid')
  t.equal(when({ ...rule, fixed: { month: 2, day: 29 } }), 'accepted')
  t.equal(when({ ...rule, every: '-1mo' }), 'policy-entry-invalid')
  t.equal(when({ ...rule, limit: '1d', extension: '0d' }), 'policy-entry-invalid')
  t.equal(when(entry('x', '1d'), entry('x', '2d')), 'policy-entry-invalid')
  t.equal(when(entry('x', '1d'), entry('x', '2d', { channel: 'phone' })), 'accepted')
  t.equal(when(entry('complaint.reply', '61d')), 'policy-laxer-than-law')
  t.equal(when(entry('complaint.reply', '60d')), 'accepted')
  t.equal(when(entry('complaint.reply', '61d', { force: 'statutory' })), 'accepted')
  t.equal(when(entry('penalty.hearing-announcement', '-5wd')), 'policy-laxer-than-law')
  t.throws(() => when({ ...rule, limit: 'soon' }))
})
