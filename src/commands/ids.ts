/** Deterministic identifiers (architecture: "How one command flows"). */
import { v5 } from 'uuid'

/** Namespace for commands of actors without a person's id: reactors, the operator. */
const DUBAN = '6d0c3c8e-2f0b-5d3c-9a4e-6b1f0e7d2a58'

/** Command id of a keyed request: UUIDv5(person, JSON [method, path, key]). */
export const commandIdOf = (person: string, method: string, path: string, key: string): string =>
  v5(JSON.stringify([method, path, key]), person)

/** Command id of something that happens once per name: a reactor's or an import's command. */
export const commandIdFor = (...name: readonly string[]): string => v5(JSON.stringify(name), DUBAN)

/** Id of the stream a creating command opens, so that a retried creation finds its stream. */
export const streamIdOf = (commandId: string): string => v5('stream', commandId)

/** Event id: UUIDv5(command id, JSON [stream, requestMac, place in the append]). */
export const eventIdOf = (commandId: string, stream: string, requestMac: string, place: number): string =>
  v5(JSON.stringify([stream, requestMac, place]), commandId)

/** New subject and entity ids: UUIDv5(command id, field path). */
export const newIdOf = (commandId: string, path: string): string => v5(path, commandId)

/** Id of the organisation with a code: one code, one stream. */
export const organisationIdOf = (code: string): string => v5(JSON.stringify(['organisation', code]), DUBAN)

/** Stream of the runs of an organisation's ledger. */
export const ledgerStream = (organisation: string, source: string): string =>
  `ledger-${commandIdFor('ledger', organisation, source)}`

/** Source of the mapping examples/own-list.json: the list of complaints that this program exports. */
export const OWN_LIST = 'duban-complaints'
