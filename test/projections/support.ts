/** Small stand-ins for tests of read models. */
import type { NumberText } from '../../src/projections/queries/conditions.ts'
import type { OrganisationTree } from '../../src/projections/queries/scope.ts'
import type { EventLog } from '../../src/store/port.ts'

const divisions: Readonly<Record<string, string>> = { 'org-a': '511702', 'org-b': '511703', 'org-c': '511902' }
const entry = (id: string) => {
  const division = divisions[id]
  return division === undefined ? undefined : { id, division, abbreviation: id }
}

/** Three counties: a and b in one city, c in another. */
export const flatDirectory: OrganisationTree = {
  organisations: () => Object.keys(divisions).map((id) => ({ id })),
  current: entry,
  organisation: entry,
  above: () => [],
}

export const numberText: NumberText = (organisation, kind, year, sequence) =>
  `${organisation}〔${year}〕${kind}字第${String(sequence).padStart(5, '0')}号`

/** A log that shows only its first events, as many as `limit` says. */
export function limitedLog(log: EventLog): EventLog & { limit: number } {
  return {
    limit: log.size(),
    size() {
      return Math.min(this.limit, log.size())
    },
    read(from: number, limit: number, to?: number) {
      return log.read(from, limit, Math.min(to ?? this.limit, this.limit))
    },
    envelopes(from: number, limit: number, to?: number) {
      return log.envelopes(from, limit, Math.min(to ?? this.limit, this.limit))
    },
    envelopesOf(types: readonly string[], from: number, to: number) {
      return log.envelopesOf(types, from, Math.min(to, this.limit))
    },
    stream(name: string, to?: number) {
      return log.stream(name, Math.min(to ?? this.limit, this.limit))
    },
    sizeAt(recordedMs: number) {
      return Math.min(this.limit, log.sizeAt(recordedMs))
    },
  }
}
