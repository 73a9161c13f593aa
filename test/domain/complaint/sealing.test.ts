import t from 'tap'
import { z } from 'zod'
import { complaintDecider } from '../../../src/domain/complaint/index.ts'
import type { EventMap } from '../../../src/domain/event.ts'
import { ToSeal } from '../../../src/domain/sealed.ts'
import { visitDecider } from '../../../src/domain/visit.ts'

/** Plain text that may stand in an event: numbers of files and meetings, names of organisations, ids, times, MACs. */
const plain = new Set([
  ...[
    'document',
    'fileNumber',
    'meetingNumber',
    'externalNumber',
    'ledgerNumber',
    'organ',
    'toName',
    'transferredFrom',
  ],
  ...[
    'source',
    'key',
    'row',
    'rowMac',
    'macs',
    'timeZone',
    'latest',
    'status',
    'mediaType',
    'sha256',
    'dueAt',
    'clock',
  ],
])

type Node = Record<string, unknown> & { properties?: Record<string, Node> }

/** Names of the text fields of a schema that are neither sealed nor closed lists, ids, dates or limits. */
function openText(node: Node, name: string): string[] {
  if (node.sealed !== undefined || plain.has(name)) return []
  const nested = [node.items, node.additionalProperties, ...[node.anyOf, node.oneOf, node.allOf].flat()].filter(
    (child): child is Node => typeof child === 'object' && child !== null,
  )
  const found = [
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]) => openText(child, key)),
    ...nested.flatMap((child) => openText(child, name)),
  ]
  const free = node.type === 'string' && node.enum === undefined && node.const === undefined
  return free && node.pattern === undefined && node.format === undefined ? [...found, name] : found
}

const schemaOf = (schema: z.ZodType): Node => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Node

t.test('every free text and every detail of a natural person is sealed', async (t) => {
  for (const events of [complaintDecider.events, visitDecider.events] as EventMap[])
    for (const [type, { data }] of Object.entries(events)) {
      const open = openText(schemaOf(data), type)
      // A plain cell of a ledger is what the mapping declares free of personal data.
      t.same(
        open.filter((name) => !(type.includes('Import') && name === 'value')),
        [],
        type,
      )
    }
})

t.test('a text that is to be sealed shows itself nowhere', async (t) => {
  const { body } = complaintDecider.actions.register!
  const parsed = body.parse({
    channel: 'letter',
    matter: '秘密',
    complainant: { name: '甲', phone: '13000000000' },
  }) as {
    matter: unknown
    complainant: { name: unknown }
  }
  t.ok(parsed.matter instanceof ToSeal)
  t.match(parsed.complainant.name, { category: 'identity' })
  t.throws(() => JSON.stringify(parsed), TypeError)
  t.notMatch(String(parsed.matter), '秘密')
})

t.test('unknown fields, wrong types, empty texts, doubled persons and impossible dates are refused', async (t) => {
  const refuses = (action: string, body: object) =>
    t.notOk(complaintDecider.actions[action]!.body.safeParse(body).success, `${action} ${JSON.stringify(body)}`)
  refuses('accept', { extra: 1 })
  refuses('register', { channel: 'pigeon', matter: '事项' })
  refuses('register', { channel: 'letter', matter: '   ' })
  refuses('register', { channel: 'letter', matter: 7 })
  refuses('requestSupplement', { items: [] })
  refuses('assignInvestigators', { investigators: ['a', 'a'] })
  refuses('reportDelay', { clock: 'complaint.reply', reason: '理由', expectedBy: '2026-02-30' })
  refuses('requestExtension', { clock: 'complaint.reply', reason: '理由', by: '0d' })
  refuses('addNote', { text: '长'.repeat(8001) })
})

t.test('every action and every event names its rule', async (t) => {
  for (const { actions, events } of [complaintDecider, visitDecider] as { actions: object; events: EventMap }[]) {
    for (const [name, { rule }] of Object.entries(actions) as [string, { rule: string }][]) t.ok(rule, name)
    for (const [type, { rule, version }] of Object.entries(events)) t.ok(rule && version === 1, type)
  }
})
