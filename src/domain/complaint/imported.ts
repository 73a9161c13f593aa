/**
 * What an imported ledger says of a case. The row's own dates are the `effectiveAt` of these events; what happens after
 * the import is the live chain's.
 */
import { z } from 'zod'
import type { EventMap } from '../event.ts'
import { sealedText } from '../sealed.ts'
import { effectiveTime, identifier, limit, milestones, personSealed, reference, subjectId } from './fields.ts'

/** A cell of the ledger: plain only where the mapping says that it holds no personal data. */
export const importedField = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('plain'), value: z.string().max(8000) }),
  z.strictObject({
    kind: z.literal('sealed'),
    /** Whose key, where it is not the case's own. */
    subject: subjectId.optional(),
    value: sealedText('narrative', 20_000),
  }),
])
export const importedFields = z.record(z.string().min(1).max(100), importedField)

/** The ledger's own clock: a due time or a limit, and the milestones that start and stop it. */
export const importedClock = z.strictObject({
  dueAt: effectiveTime.optional(),
  limit: limit.optional(),
  starts: z.enum(milestones),
  stops: z.enum(milestones),
  /** IANA zone in which the ledger's times were read. */
  timeZone: z.string().max(60),
})

/** Keyed MAC of the vault over a key or a mapped row. */
const mac = z.string().min(1).max(100)

/** MACs of the texts that are sealed here, by slot (`field:<name>`, `person:<part>`, `office`): a later import compares with them. */
const macs = z.record(z.string().min(1).max(100), mac).optional()

export const importedEvents = {
  CaseImported: {
    version: 1,
    rule: 'S1-2.1',
    data: z.strictObject({
      subject: subjectId,
      /** Name of the ledger in the mapping. */
      source: reference,
      ledgerNumber: reference.optional(),
      key: mac,
      row: mac,
      /** `known`: `effectiveAt` is the receipt. `unknown`: it is the import's instant, and no clock starts. */
      received: z.enum(['known', 'unknown']),
      respondentOffice: identifier.optional(),
      clock: importedClock.optional(),
      fields: importedFields,
      person: personSealed.optional(),
      /** Names of the fields that may change from one import to the next. */
      latest: z.array(z.string()),
      macs,
      /** The ledger's own word for where the case stands. */
      status: z.string().max(200).optional(),
    }),
  },
  /** A date of the row besides the receipt, or the receipt where it came later than the row. */
  ImportedMilestone: { version: 1, rule: 'S1-2.1', data: z.strictObject({ milestone: z.enum(milestones) }) },
  /** Values that were empty before; with them a due time, a respondent or a person where the mapping has such columns. */
  ImportedFieldsAdded: {
    version: 1,
    rule: 'S1-2.1',
    data: z.strictObject({
      fields: importedFields,
      rowMac: mac,
      macs,
      dueAt: effectiveTime.optional(),
      respondentOffice: identifier.optional(),
      person: personSealed.optional(),
      status: z.string().max(200).optional(),
    }),
  },
  /** New values of fields mapped as `latest`. */
  ImportedFieldsChanged: {
    version: 1,
    rule: 'S1-2.1',
    data: z.strictObject({ fields: importedFields, rowMac: mac, macs, status: z.string().max(200).optional() }),
  },
} as const satisfies EventMap
