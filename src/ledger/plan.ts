/** What a row of a ledger means for its case: new, repeated, more than before, or refused. Pure but for the keyed MAC it is given. */
import { createHash } from 'node:crypto'
import type { Milestone } from '../domain/complaint/fields.ts'
import type { NewEvent } from '../domain/event.ts'
import { type SealCategory, ToSeal } from '../domain/sealed.ts'
import { type EffectiveTime, sortKey } from '../domain/time.ts'
import { type Mapping, stopsBy } from './mapping.ts'
import { problem, type RowProblem } from './problem.ts'
import { type MappedRow, type MappedText, rowText } from './row.ts'

/** What makes ids and MACs; both deterministic, the MAC under a key of the vault. */
export interface Identities {
  /** Keyed MAC, base64url. */
  mac(purpose: 'stream' | 'row' | 'field', text: string): string
  /** UUIDv5 of a name. */
  id(...name: readonly string[]): string
}

/** One of a case's events as stored, corrections aside. */
export interface ImportedEvent {
  readonly type: string
  readonly effectiveAt: EffectiveTime
  readonly data: unknown
}

/** What was imported for a case so far: each value by its slot, as text that compares but does not tell. */
export interface Imported {
  /** How many events brought it. */
  readonly events: number
  readonly values: Readonly<Record<string, string>>
}

/** What to do with a row. */
export type RowPlan =
  | { readonly kind: 'repeated' }
  | { readonly kind: 'refused'; readonly problems: readonly RowProblem[] }
  | {
      readonly kind: 'new' | 'more'
      readonly events: readonly NewEvent[]
      readonly commandId: string
      readonly requestMac: string
      /** The case's own subject. */
      readonly subject: string
      /** Plain values of the person, for the blind index; never stored as they are. */
      readonly person?: {
        readonly subject: string
        readonly phone?: string
        readonly identityNumber?: string
        readonly name?: string
      }
      /** The office's id, where the directory knows it. */
      readonly office?: string
      /** What will have been imported afterwards. */
      readonly imported: Imported
    }

/** Where a row belongs. */
export interface RowPlace {
  readonly organisation: string
  readonly stream: string
  /** MAC of the key, as the event holds it. */
  readonly keyMac: string
}

/** The stream of a key: a UUID (version 8) made of a MAC of organisation, source and key, so that it tells nothing of the key. */
export function placeOf(ids: Identities, organisation: string, source: string, key: readonly string[]): RowPlace {
  const text = JSON.stringify([organisation, source, ...key])
  const keyMac = ids.mac('stream', text)
  const bytes = Buffer.from(keyMac, 'base64url').subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x80
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
  return { organisation, stream: `complaint-${uuid}`, keyMac }
}

/** MACs in events are cut to 132 bits. */
const MAC_LENGTH = 22

/** A sealed text's MAC is bound to its case and slot: the same text elsewhere has another one. */
const textMac = (ids: Identities, stream: string, text: MappedText): string =>
  ids.mac('field', JSON.stringify([stream, text.slot, text.text])).slice(0, MAC_LENGTH)

const isPlain = (text: MappedText): boolean =>
  (text.read === 'plain' || text.read === 'number') && text.slot !== 'office'

/** A plain value in the form it is compared in: a long one as a digest, which never leaves this process. */
const plainForm = (text: string): string =>
  text.length <= 64 ? `=${text}` : `~${createHash('sha256').update(text).digest('base64')}`

/** A row's values by slot, in the form they are compared in; empty ones are left out. */
export function comparable(ids: Identities, stream: string, mapped: MappedRow): Record<string, string> {
  const values: Record<string, string> = {}
  for (const text of mapped.texts)
    if (text.text !== '') values[text.slot] = isPlain(text) ? plainForm(text.text) : `#${textMac(ids, stream, text)}`
  for (const [milestone, time] of Object.entries(mapped.times)) values[`milestone:${milestone}`] = `=${time}`
  if (mapped.due !== undefined) values.due = `=${mapped.due}`
  if (mapped.number !== undefined) values.number = `=${mapped.number}`
  return values
}

interface StoredData {
  readonly fields?: Readonly<Record<string, { kind: string; value: unknown }>>
  readonly macs?: Readonly<Record<string, string>>
  readonly received?: string
  readonly ledgerNumber?: string
  readonly status?: string
  readonly dueAt?: string
  readonly clock?: { readonly dueAt?: string }
  readonly milestone?: string
}

/** What a case's stored events say was imported; undefined where it was not imported at all. Corrections are no such events. */
export function importedOf(events: readonly ImportedEvent[]): Imported | undefined {
  if (!events.some(({ type }) => type === 'CaseImported')) return undefined
  const values: Record<string, string> = {}
  const put = (slot: string, text: string | undefined) => {
    if (text === '' || text === '=') delete values[slot]
    else if (text !== undefined) values[slot] = text
  }
  const plain = (slot: string, text: string | undefined) => put(slot, text === undefined ? undefined : plainForm(text))
  for (const { type, effectiveAt, data } of events) {
    const stored = data as StoredData
    if (type === 'ImportedMilestone') plain(`milestone:${stored.milestone}`, effectiveAt)
    if (type !== 'CaseImported' && type !== 'ImportedFieldsAdded' && type !== 'ImportedFieldsChanged') continue
    for (const [name, { kind, value }] of Object.entries(stored.fields ?? {}))
      if (kind === 'plain' && !(name === OFFICE && stored.macs?.office)) plain(`field:${name}`, String(value))
    for (const [slot, mac] of Object.entries(stored.macs ?? {})) put(slot, `#${mac}`)
    plain('status', stored.status)
    plain('due', stored.dueAt ?? stored.clock?.dueAt)
    if (type !== 'CaseImported') continue
    plain('number', stored.ledgerNumber)
    if (stored.received === 'known') plain('milestone:received', effectiveAt)
  }
  return { events: events.length, values }
}

/** Field that keeps an office the directory does not know. */
export const OFFICE = 'office'

/** What a plan needs besides the row. */
export interface PlanContext {
  readonly ids: Identities
  readonly mapping: Mapping
  readonly place: RowPlace
  /** The office of the row in the directory. */
  readonly office?: string | undefined
  /** Whether the case stood in a row of this file before: then a row that differs is refused, whatever it brings. */
  readonly again?: boolean
}

/** Room for data in an event of 60 KiB; the rest is the envelope's. */
const ROOM = 56 * 1024
/** Bytes a ciphertext takes besides its text. */
const SEAL_BYTES = 420

type Fields = Record<string, { kind: 'plain'; value: string } | { kind: 'sealed'; subject?: string; value: ToSeal }>

interface Piece {
  fields: Fields
  macs: Record<string, string>
  person: Record<string, ToSeal>
  office: boolean
  status?: string
  bytes: number
}

const emptyPiece = (): Piece => ({ fields: {}, macs: {}, person: {}, office: false, bytes: 0 })

const bytesOf = (text: MappedText): number => {
  const bytes = Buffer.byteLength(text.text)
  const sealed = !isPlain(text) && text.slot !== 'office'
  return 2 * text.slot.length + (sealed ? Math.ceil(bytes / 3) * 4 + SEAL_BYTES : 2 * bytes + 80)
}

/** Spreads texts over as many events as they need; nothing where one text alone is larger than an event. */
function pieces(context: PlanContext, texts: readonly MappedText[]): Piece[] | undefined {
  const { ids, place } = context
  const made = [emptyPiece()]
  for (const text of texts) {
    const bytes = bytesOf(text)
    if (bytes > ROOM) return undefined
    let piece = made.at(-1)!
    if (piece.bytes + bytes > ROOM) {
      piece = emptyPiece()
      made.push(piece)
    }
    piece.bytes += bytes
    putText(piece, text, context)
    if (!isPlain(text) && text.text !== '') piece.macs[text.slot] = textMac(ids, place.stream, text)
  }
  return made
}

function putText(piece: Piece, text: MappedText, { ids, place, office }: PlanContext): void {
  const { slot, name, read } = text
  if (slot === 'status') piece.status = text.text
  else if (slot === 'office') {
    if (office === undefined) piece.fields[OFFICE] = { kind: 'plain', value: text.text }
    else piece.office = true
  } else if (slot.startsWith('person:')) piece.person[name] = new ToSeal(read as SealCategory, text.text)
  else if (isPlain(text) || text.text === '') piece.fields[name] = { kind: 'plain', value: text.text }
  else if (read === 'narrative') piece.fields[name] = { kind: 'sealed', value: new ToSeal('narrative', text.text) }
  else
    piece.fields[name] = {
      kind: 'sealed',
      subject: personSubject(ids, place),
      value: new ToSeal(read as SealCategory, text.text),
    }
}

const personSubject = (ids: Identities, place: RowPlace): string => ids.id('imported-person', place.stream)
const caseSubject = (ids: Identities, place: RowPlace): string => ids.id('imported-case', place.stream)

const personOf = (piece: Piece, context: PlanContext) =>
  Object.keys(piece.person).length === 0
    ? {}
    : { person: { subject: personSubject(context.ids, context.place), ...piece.person } }

const macsOf = (piece: Piece) => (Object.keys(piece.macs).length === 0 ? {} : { macs: piece.macs })
const statusOf = (piece: Piece) => (piece.status === undefined ? {} : { status: piece.status })
const officeOf = (piece: Piece, context: PlanContext) =>
  piece.office && context.office !== undefined ? { respondentOffice: context.office } : {}

const added = (piece: Piece, context: PlanContext, rowMac: string, more: { dueAt?: EffectiveTime } = {}) => ({
  fields: piece.fields,
  rowMac,
  ...macsOf(piece),
  ...more,
  ...officeOf(piece, context),
  ...personOf(piece, context),
  ...statusOf(piece),
})

const milestoneEvents = (times: readonly (readonly [string, EffectiveTime])[]): NewEvent[] =>
  times
    .toSorted(([, a], [, b]) => sortKey(a) - sortKey(b))
    .map(([milestone, effectiveAt]) => ({ type: 'ImportedMilestone', data: { milestone }, effectiveAt }))

const tooLarge = (mapped: MappedRow, texts: readonly MappedText[]): RowPlan => {
  const found = texts.reduce((sum, text) => sum + bytesOf(text), 0)
  return { kind: 'refused', problems: [problem(mapped.row, null, 'row-too-large', { found, expected: ROOM })] }
}

/** The blind index's values: of the person parts written now. */
function personValues(texts: readonly MappedText[], context: PlanContext) {
  const values = Object.fromEntries(
    texts.filter(({ slot }) => slot.startsWith('person:')).map(({ name, text }) => [name, text]),
  )
  const { phone, identityNumber, name } = values
  if (phone === undefined && identityNumber === undefined && name === undefined) return {}
  const parts = {
    ...(phone ? { phone } : {}),
    ...(identityNumber ? { identityNumber } : {}),
    ...(name ? { name } : {}),
  }
  return { person: { subject: personSubject(context.ids, context.place), ...parts } }
}

function clockOf(mapping: Mapping, mapped: MappedRow) {
  const { clock, milestones } = mapping
  // Without a column for what starts it, no clock starts.
  if (!clock || !milestones[clock.starts] || !milestones.received) return {}
  const { due } = mapped
  const limit = due === undefined && clock.limit !== undefined ? { limit: clock.limit } : {}
  const dueAt = due === undefined ? {} : { dueAt: due }
  return { clock: { ...dueAt, ...limit, starts: clock.starts, stops: stopsBy(mapping), timeZone: mapping.timeZone } }
}

function planNew(context: PlanContext, mapped: MappedRow, rowMac: string): RowPlan {
  const { ids, mapping, place } = context
  const texts = mapped.texts.filter(({ text }) => text !== '')
  const [first, ...rest] = pieces(context, texts) ?? []
  if (!first) return tooLarge(mapped, texts)
  const { received, ...times } = mapped.times
  const at = received === undefined ? {} : { effectiveAt: received }
  const made = write(context, rowMac, [], texts)
  const data = {
    subject: made.subject,
    source: mapping.source,
    ...(mapped.number === undefined ? {} : { ledgerNumber: mapped.number }),
    key: place.keyMac,
    row: rowMac,
    received: received === undefined ? 'unknown' : 'known',
    ...officeOf(first, context),
    ...clockOf(mapping, mapped),
    fields: first.fields,
    ...personOf(first, context),
    latest: mapped.texts.filter(({ latest, slot }) => latest && slot !== 'status').map(({ name }) => name),
    ...macsOf(first),
    ...statusOf(first),
  }
  const events: NewEvent[] = [
    { type: 'CaseImported', data, ...at },
    ...rest.map((piece) => ({ type: 'ImportedFieldsAdded', data: added(piece, context, rowMac), ...at })),
    ...milestoneEvents(Object.entries(times)),
  ]
  return {
    kind: 'new',
    events,
    ...made,
    imported: { events: events.length, values: comparable(ids, place.stream, mapped) },
  }
}

/** `after`: what was imported before, so that a `latest` value that comes back is a command of its own. */
function write(context: PlanContext, rowMac: string, after: readonly string[], texts: readonly MappedText[]) {
  const { ids, place, office } = context
  return {
    commandId: ids.id('import', place.stream, rowMac, ...after),
    requestMac: rowMac,
    subject: caseSubject(ids, place),
    ...personValues(texts, context),
    ...(office === undefined ? {} : { office }),
  }
}

/** The column a person sees for a slot. */
function columnOf(mapping: Mapping, mapped: MappedRow, slot: string): string | null {
  if (slot.startsWith('milestone:'))
    return mapping.milestones[slot.slice('milestone:'.length) as Milestone]?.column ?? null
  if (slot === 'due') return mapping.clock?.due?.column ?? null
  if (slot === 'number') return typeof mapping.number === 'string' ? mapping.number : (mapping.key?.[0] ?? null)
  return mapped.texts.find((text) => text.slot === slot)?.column ?? null
}

/** Slots the mapping reads: what it does not read is not compared. */
const slotsOf = (mapping: Mapping, mapped: MappedRow): string[] => [
  ...mapped.texts.map(({ slot }) => slot),
  ...Object.keys(mapping.milestones).map((milestone) => `milestone:${milestone}`),
  ...(mapping.clock?.due ? ['due'] : []),
  'number',
]

function planMore(context: PlanContext, mapped: MappedRow, rowMac: string, before: Imported): RowPlan {
  const { ids, mapping, place } = context
  const now = comparable(ids, place.stream, mapped)
  const latest = new Set(mapped.texts.filter((text) => text.latest).map(({ slot }) => slot))
  const addedSlots = new Set<string>()
  const changedSlots = new Set<string>()
  const problems: RowProblem[] = []
  for (const slot of slotsOf(mapping, mapped)) {
    const [old, fresh] = [before.values[slot], now[slot]]
    if (old === fresh || (slot === 'number' && (old === undefined || fresh === undefined))) continue
    if (context.again) problems.push(problem(mapped.row, columnOf(mapping, mapped, slot), 'row-changed'))
    else if (old === undefined) addedSlots.add(slot)
    else if (latest.has(slot)) changedSlots.add(slot)
    else problems.push(problem(mapped.row, columnOf(mapping, mapped, slot), 'row-changed'))
  }
  if (problems.length > 0) return { kind: 'refused', problems }
  if (addedSlots.size + changedSlots.size === 0) return { kind: 'repeated' }
  const texts = mapped.texts.filter(({ slot }) => addedSlots.has(slot) || changedSlots.has(slot))
  const add = pieces(
    context,
    texts.filter(({ slot }) => addedSlots.has(slot)),
  )
  const change = pieces(
    context,
    texts.filter(({ slot }) => changedSlots.has(slot)),
  )
  if (!add || !change) return tooLarge(mapped, texts)
  const dueAt = addedSlots.has('due') && mapped.due !== undefined ? { dueAt: mapped.due } : {}
  const addsTexts = texts.some(({ slot }) => addedSlots.has(slot))
  const times = Object.entries(mapped.times).filter(([milestone]) => addedSlots.has(`milestone:${milestone}`))
  const events: NewEvent[] = [
    ...(addsTexts || addedSlots.has('due')
      ? add.map((piece, i) => ({
          type: 'ImportedFieldsAdded',
          data: added(piece, context, rowMac, i === 0 ? dueAt : {}),
        }))
      : []),
    ...(changedSlots.size > 0
      ? change.map((piece) => ({
          type: 'ImportedFieldsChanged',
          data: { fields: piece.fields, rowMac, ...macsOf(piece), ...statusOf(piece) },
        }))
      : []),
    ...milestoneEvents(times),
  ]
  const values = { ...before.values }
  for (const slot of [...addedSlots, ...changedSlots]) {
    if (now[slot] === undefined) delete values[slot]
    else values[slot] = now[slot]
  }
  const after = String(before.events)
  return {
    kind: 'more',
    events,
    ...write(context, rowMac, [after], texts),
    imported: { events: before.events + events.length, values },
  }
}

/**
 * Decides a row against what was imported for its key: nothing before is new; equal is repeated; values that were empty are added
 * and `latest` ones may change; anything else is refused, each column named.
 */
export function planRow(context: PlanContext, mapped: MappedRow, before: Imported | undefined): RowPlan {
  const rowMac = context.ids.mac('row', JSON.stringify([context.place.stream, rowText(mapped)]))
  return before ? planMore(context, mapped, rowMac, before) : planNew(context, mapped, rowMac)
}
