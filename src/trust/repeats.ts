/** Blind index entries of persons as commands bring them: besides sealing, the one place where their texts are looked at. */
import type { NewEvent } from '../domain/event.ts'
import { type Sealed, ToSeal } from '../domain/sealed.ts'
import type { BlindEntry, Vault } from './ports.ts'

interface PersonData {
  readonly subject: string
  readonly name?: Sealed
  readonly identityNumber?: Sealed
  readonly phone?: Sealed
}

const textOf = (value: Sealed | undefined): string | undefined =>
  value instanceof ToSeal ? ToSeal.reveal(value) : undefined

/** What repeats of the same person are found by; a field that is sealed already was remembered when it came in. */
function entriesOf(person: PersonData, office: string | undefined): BlindEntry[] {
  const [name, identityNumber, phone] = [person.name, person.identityNumber, person.phone].map(textOf)
  return [
    ...(phone ? [{ kind: 'phone', value: phone } as const] : []),
    ...(identityNumber ? [{ kind: 'identity-number', value: identityNumber } as const] : []),
    ...(name && office ? [{ kind: 'name-office', value: `${name} ${office}` } as const] : []),
  ]
}

/**
 * Remembers the person that an event names in a field (`complainant`, `visitor`), also one that a correction puts in place.
 * @throws VaultUnavailable, SubjectClosed
 */
export async function rememberPersons(
  vault: Pick<Vault, 'remember'>,
  organisation: string,
  events: readonly NewEvent[],
  field: string,
): Promise<void> {
  for (const event of events) {
    const outer = event.data as Record<string, unknown>
    const data = event.corrects?.mode === 'replace' ? (outer.data as Record<string, unknown>) : outer
    const person = data[field] as PersonData | undefined
    if (person === undefined) continue
    const entries = entriesOf(person, data.respondentOffice as string | undefined)
    if (entries.length > 0) await vault.remember(organisation, person.subject, entries)
  }
}
