/**
 * Personal data in the domain. A schema marks a field with {@link sealedText}; parsing a command turns the text into
 * a {@link ToSeal}, which the domain can hold and pass on but not read, print or compare. `execute` replaces it
 * by a {@link Ciphertext} before anything is stored; stored events only ever hold ciphertext.
 */
import { z } from 'zod'

/** Which key of a subject protects a field (trust: one key per subject and category). */
export type SealCategory = 'identity' | 'contact' | 'narrative' | 'attachment'

/** A field as stored: AES-256-GCM with key commitment; `sub` is the subject, `kid` the key. Binary parts are base64. */
export interface Ciphertext {
  readonly enc: 'v1'
  readonly alg: 'A256GCM'
  readonly sub: string
  readonly kid: string
  readonly iv: string
  readonly ct: string
  readonly tag: string
  readonly kc: string
}

/** Text on its way into the vault. It never prints itself: neither JSON nor the console show it. */
export class ToSeal {
  readonly category: SealCategory
  readonly #text: string
  constructor(category: SealCategory, text: string) {
    this.category = category
    this.#text = text
  }
  /** Only the sealer in `trust` calls this. */
  static reveal(value: ToSeal): string {
    return value.#text
  }
  toJSON(): never {
    throw new TypeError('an unsealed value must not be serialised')
  }
  toString(): string {
    return '[sealed]'
  }
  get [Symbol.toStringTag](): string {
    return 'ToSeal'
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return '[sealed]'
  }
}

/** A personal field as the domain sees it: opaque, before or after sealing. */
export type Sealed = ToSeal | Ciphertext

/** Whether a value found in event data is a stored sealed field. */
export function isCiphertext(value: unknown): value is Ciphertext {
  return typeof value === 'object' && value !== null && (value as { enc?: unknown }).enc === 'v1' && 'ct' in value
}

/**
 * A text field that is sealed. `identity` and `contact` fields belong to the subject named by the property
 * `subject` of the object they stand in; `narrative` and `attachment` to the `subject` at the top of the event's data, which is the
 * case's own (an object nearer to the field may name another).
 * @param max longest text in characters; longer text becomes evidence
 */
export function sealedText(category: SealCategory, max = 8000) {
  return z
    .union([z.string(), z.instanceof(ToSeal)])
    .transform((value, context): Sealed => {
      if (value instanceof ToSeal) return value
      const text = value.trim()
      if (text === '') context.addIssue({ code: 'too_small', minimum: 1, inclusive: true, origin: 'string' })
      if (text.length > max) context.addIssue({ code: 'too_big', maximum: max, inclusive: true, origin: 'string' })
      return new ToSeal(category, text)
    })
    .meta({ sealed: category, type: 'string', minLength: 1, maxLength: max })
}
