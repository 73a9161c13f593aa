/** Evidence as a case keeps it: an event about an encrypted file, the same in every category that takes files. */
import { z } from 'zod'
import { parties } from './complaint/fields.ts'
import { sealedText } from './sealed.ts'

/** What is told of the file itself, never by a person: the upload finds it out. */
const file = {
  /** Lower-case hex SHA-256 of the ciphertext at rest: its address. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Bytes of the plaintext. */
  size: z.int().min(0),
  mediaType: z.string().regex(/^[a-z0-9.+-]+\/[a-z0-9.+-]+(; charset=[a-z0-9-]+)?$/),
  name: sealedText('attachment', 255),
  /** SHA-256 of the plaintext, hex. */
  plaintextSha256: sealedText('attachment', 64),
}
export type EvidenceFile = z.input<z.ZodObject<typeof file>>

/** Type of the event and name of the action, by which an upload finds the categories that take files. */
export const EVIDENCE_ADDED = 'EvidenceAdded'
export const ADD_EVIDENCE = 'addEvidence'

/**
 * The event that adds a file to a case.
 * @param rule why the case keeps it
 * @param more what else the category says of it
 */
export const evidenceAdded = <More extends z.ZodRawShape>(rule: string, more: More) =>
  ({
    version: 1,
    rule,
    data: z.strictObject({ ...file, submittedBy: z.enum(parties).default('bureau'), ...more }),
  }) as const

/** The fields that stand beside the file when it is handed in: what the action takes, without what the upload finds out. */
export function fieldsBesideFile(body: z.ZodType): z.ZodObject {
  if (!(body instanceof z.ZodObject)) throw new TypeError('evidence is taken by an object')
  const shape = Object.entries(body.shape).filter(([name]) => !Object.hasOwn(file, name))
  return z.strictObject(Object.fromEntries(shape) as z.ZodRawShape)
}
