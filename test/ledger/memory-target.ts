/** An import target in memory: MACs by HMAC under a fixed key, streams as arrays, sealed texts kept aside for the tests to look at. */
import { createHmac } from 'node:crypto'
import { v5 } from 'uuid'
import { complaintEvents } from '../../src/domain/complaint/events.ts'
import type { NewEvent } from '../../src/domain/event.ts'
import { ToSeal } from '../../src/domain/sealed.ts'
import { instantOfMs } from '../../src/domain/time.ts'
import type { ImportTarget, OrganisationSpec, RowWrite, RowWritten, StoredCase } from '../../src/ledger/target.ts'

const NAMESPACE = '00000000-0000-5000-8000-000000000000'

export interface StoredWrite extends RowWrite {
  readonly effectiveAts: readonly string[]
}

export class MemoryTarget implements ImportTarget {
  readonly streams = new Map<string, { type: string; effectiveAt: string; data: unknown }[]>()
  readonly organisations = new Map<string, OrganisationSpec>()
  readonly writes: StoredWrite[] = []
  readonly offices = new Map<string, string>()
  nowMs = Date.parse('2026-11-20T04:00:00Z')
  /** Called before an append takes hold; may throw or answer in its place. */
  beforeAppend: ((write: RowWrite) => RowWritten | undefined | Promise<RowWritten | undefined>) | undefined
  underWay = 0
  mostUnderWay = 0
  readonly validate: boolean

  constructor(validate = true) {
    this.validate = validate
  }

  mac(purpose: string, text: string): string {
    return createHmac('sha256', 'test key').update(`${purpose}\n${text}`).digest('base64url')
  }
  id(...name: readonly string[]): string {
    return v5(JSON.stringify(name), NAMESPACE)
  }
  now(): number {
    return this.nowMs
  }
  async organisation(spec: OrganisationSpec, write: boolean): Promise<{ id: string; events: number }> {
    const events = this.organisations.has(spec.code) ? 0 : 1
    if (write) this.organisations.set(spec.code, spec)
    return { id: this.id('organisation', spec.code), events }
  }
  async office(_organisation: string, text: string): Promise<string | undefined> {
    return this.offices.get(text)
  }
  async load(stream: string): Promise<StoredCase | undefined> {
    const events = this.streams.get(stream)
    return events && { revision: events.length - 1, events }
  }
  async append(write: RowWrite): Promise<RowWritten> {
    this.underWay++
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay)
    try {
      await Promise.resolve()
      const instead = await this.beforeAppend?.(write)
      if (instead) return instead
      const before = this.streams.get(write.stream) ?? []
      const expected = before.length === 0 ? 'no_stream' : before.length - 1
      if (expected !== write.expected) return { ok: false, reason: 'conflict' }
      if (this.validate) for (const event of write.events) checkEvent(event)
      const stamped = write.events.map((event) => ({
        ...event,
        effectiveAt: event.effectiveAt ?? instantOfMs(this.nowMs),
      }))
      this.streams.set(write.stream, [...before, ...stamped])
      this.writes.push({ ...write, effectiveAts: stamped.map(({ effectiveAt }) => effectiveAt) })
      return { ok: true }
    } finally {
      this.underWay--
    }
  }
  get events(): number {
    return [...this.streams.values()].reduce((sum, events) => sum + events.length, 0)
  }
}

/** Every event is one that the complaint's schemas accept. */
function checkEvent(event: NewEvent): void {
  const definition = complaintEvents[event.type as keyof typeof complaintEvents]
  definition.data.parse(event.data)
}

/** The text of a sealed field. */
export const revealed = (value: unknown): string => ToSeal.reveal(value as ToSeal)
