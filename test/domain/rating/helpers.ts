/** Short ways to say facts and events in rating tests. */
import { createHash } from 'node:crypto'
import type { Recorded } from '../../../src/domain/event.ts'
import { FactBase } from '../../../src/domain/rating/fact-base.ts'
import { type Fact, type FactData, type FactKind, factOf, OfficeFacts } from '../../../src/domain/rating/facts.ts'
import { momentOf } from '../../../src/domain/rating/rate.ts'
import { rules } from '../../../src/domain/rating/rules/registry.ts'
import type { Adjustment } from '../../../src/domain/rating/rules/rule.ts'
import { boundMs } from '../../../src/domain/time.ts'

export const office = 'office-a'

type More = Parameters<typeof factOf>[4] & { id?: string; index?: number; office?: string }

let serial = 0
/** A fact of a kind at a time. */
export function fact<Kind extends FactKind>(kind: Kind, at: string, data: FactData[Kind], more: More = {}): Fact {
  const number = serial++
  const step = {
    id: more.id ?? `e${String(number).padStart(6, '0')}`,
    revision: number,
    index: more.index ?? number,
    type: kind,
    data,
    effectiveAt: at,
    recordedAt: '2030-01-01T00:00:00.000Z',
    actor: { operator: true as const },
    organisation: 'org',
    sealedBy: { event: '', path: [] },
  }
  return factOf(kind, step, more.office ?? office, data, more)
}

/** What a rule says about facts at a date: its adjustments. */
export function apply(name: string, parameters: unknown, facts: Fact[], at: string, max = 2000): Adjustment[] {
  const rule = rules.get(name)!
  const input = {
    facts: new OfficeFacts(office, [...facts]),
    at: momentOf(at),
    max,
    parameters: rule.parameters.parse(parameters) as never,
  }
  return rule.evaluate(input)
}

/** Hundredths a rule leaves of a full criterion. */
export function left(name: string, parameters: unknown, facts: Fact[], at: string, max = 2000): number {
  return apply(name, parameters, facts, at, max).reduce(
    (sum, line) => Math.min(max, Math.max(0, sum + line.points)),
    max,
  )
}

export const states = (lines: readonly { state: string }[]) => lines.map((line) => line.state)

/** A log under construction: events get ids, revisions and indexes as they come. */
export class Log {
  readonly events: Recorded[] = []
  readonly #revisions = new Map<string, number>()

  add(stream: string, type: string, at: string, data: unknown, more: Partial<Recorded> = {}): string {
    const revision = this.#revisions.get(stream) ?? 0
    this.#revisions.set(stream, revision + 1)
    const index = this.events.length
    // Ids depend on what happened, not on when it was recorded.
    const digest = createHash('sha256')
      .update(JSON.stringify([stream, type, at, data, revision]))
      .digest('hex')
    const id = more.id ?? digest.slice(0, 16)
    this.events.push({
      id,
      stream,
      revision,
      type,
      version: 1,
      recordedAt: new Date(boundMs('2026-06-30') + index * 1000).toISOString(),
      effectiveAt: at,
      organisation: 'org',
      actor: { operator: true },
      commandId: `c${index}`,
      requestMac: '',
      data,
      index,
      ...more,
    })
    return id
  }

  base(): FactBase {
    const base = new FactBase()
    for (const event of this.events) base.add(event)
    return base
  }
}
