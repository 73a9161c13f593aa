/** Blind index entries: one way of writing for each kind, so that the same person is found however it was typed. */
import type { KeyObject } from 'node:crypto'
import type { BlindEntry } from '../ports.ts'
import { hmac } from './crypto.ts'

/**
 * The one way of writing. Empty where nothing is left to find by: such an entry is neither kept nor looked for.
 * Full-width forms fold to half-width first (NFKC).
 */
export function normalise(entry: BlindEntry): string {
  const text = entry.value.normalize('NFKC')
  switch (entry.kind) {
    case 'phone': {
      const digits = text.replace(/\D/g, '')
      // Without + or 00, 86 is the country code only before a whole number: a local number may begin with 86 too.
      const foreign = /^\D*(\+|00)\D*86/.test(text)
      return foreign || /^86\d{10,12}$/.test(digits) ? digits.replace(/^(00)?86/, '') : digits
    }
    case 'identity-number':
      return text.replace(/[\s\p{Cf}-]/gu, '').toUpperCase()
    case 'name-office':
      return text.replace(/[\s\p{Cf}]/gu, '')
  }
}

/** HMAC-SHA-256 under the blind key of JSON [organisation, kind, normalised value]; nothing where nothing is left. */
export function blind(key: KeyObject, organisation: string, entry: BlindEntry): Uint8Array | undefined {
  const value = normalise(entry)
  return value === '' ? undefined : hmac(key, JSON.stringify([organisation, entry.kind, value]))
}
