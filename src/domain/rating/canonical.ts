/**
 * Canonical JSON (RFC 8785 as far as our values go): keys sorted by UTF-16 code units, no white space, numbers as ECMAScript prints
 * them. The bytes a run's digest is computed over, the same on every machine and in every time zone.
 */
import type { Run } from './rate.ts'

/** @throws TypeError for what JSON cannot say exactly: NaN, infinities, functions, undefined in a list */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('not a finite number')
    return JSON.stringify(value)
  }
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    const fields: string[] = []
    const object = value as Record<string, unknown>
    for (const key of Object.keys(object).sort())
      if (object[key] !== undefined) fields.push(`${JSON.stringify(key)}:${canonicalJson(object[key])}`)
    return `{${fields.join(',')}}`
  }
  throw new TypeError(`no canonical form of ${typeof value}`)
}

const encoder = new TextEncoder()

/** UTF-8 bytes of the canonical form. */
export const canonicalBytes = (value: unknown): Uint8Array => encoder.encode(canonicalJson(value))

/** What a run's digest covers: its parameters and every office's ledger, offices by id. */
export function canonicalRun(run: Run): Uint8Array {
  const { asOf, effectiveAt, scheme } = run
  const offices = [...run.offices].sort((a, b) => (a.office < b.office ? -1 : a.office > b.office ? 1 : 0))
  return canonicalBytes({ asOf, effectiveAt, offices, scheme })
}
