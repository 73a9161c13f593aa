/** Imports a ledger into the store: the import's port over directory, vault and recorder, and the record of each run. */
import { createHash } from 'node:crypto'
import { v4 } from 'uuid'
import { decideAccess, type Principal } from '../domain/access.ts'
import type { ErrorCode } from '../domain/catalogue/errors.ts'
import { provisionalStep } from '../domain/decider.ts'
import type { Actor, Recorded } from '../domain/event.ts'
import { correctedSteps, fold, isCorrection } from '../domain/history.ts'
import { canonicalJson } from '../domain/rating/canonical.ts'
import { instantOfMs } from '../domain/time.ts'
import { type ImportProgress, type ImportReport, importLedger } from '../ledger/import.ts'
import { type Mapping, openOptions, placeColumns } from '../ledger/mapping.ts'
import { openLedger } from '../ledger/open.ts'
import type { ImportedEvent } from '../ledger/plan.ts'
import { LedgerError } from '../ledger/problem.ts'
import type { ImportTarget, OrganisationSpec, RowWrite, RowWritten } from '../ledger/target.ts'
import type { Directory } from '../projections/directory.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventStore } from '../store/port.ts'
import type { Recorder } from '../store/recorder.ts'
import type { BlindEntry, Vault } from '../trust/ports.ts'
import { sealEvents } from '../trust/sealing.ts'
import type { Category, CommandPorts, CommandRequest, CommandResult } from './execute.ts'
import { commandIdFor, eventIdOf, newIdOf, OWN_LIST, organisationIdOf } from './ids.ts'

export interface ImportPorts {
  readonly store: EventStore
  readonly recorder: Recorder
  readonly vault: Vault
  readonly people: Directory
  readonly categories: Readonly<Record<string, Category>>
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<unknown>
  readonly operator: Principal
  readonly holderOf: CommandPorts['holderOf']
  readonly now: () => number
  /** Tells the read models that there is something new. */
  readonly wake: () => void
}

export interface ImportRequest {
  /** Path of the file. */
  readonly file: string
  readonly mapping: Mapping
  readonly dryRun: boolean
  readonly strict: boolean
  readonly expectedSha256?: string
  readonly onProgress?: (progress: ImportProgress) => void
  /** Called once the file and its columns are judged and nothing was found wrong with the file as a whole. */
  readonly onOpened?: () => void
  readonly signal?: AbortSignal
  /** Who imports; default: the operator at the terminal. */
  readonly principal?: Principal
}

/** The import as a whole is refused for who asks or where it belongs; `code` of docs/errors.md. */
export class ImportRefused extends Error {
  readonly code: ErrorCode
  constructor(code: ErrorCode) {
    super(code)
    this.name = 'ImportRefused'
    this.code = code
  }
}

const IMPORTED = new Set(['CaseImported', 'ImportedMilestone', 'ImportedFieldsAdded', 'ImportedFieldsChanged'])

/** Rows between two calls of the read models. */
const WAKE_EVERY = 500

/**
 * Who imports for an organisation, as its events name him.
 * @throws ImportRefused where he may not, or where only the operator could found the organisation on the way
 */
function importerOf(ports: ImportPorts, principal: Principal, code: string): Actor {
  const known = ports.people.organisationByCode(code)
  if (principal.operator) return { operator: true }
  if (!known) throw new ImportRefused('organisation-unknown')
  const access = decideAccess(principal, { permission: 'import.run', resource: ports.holderOf(known.id) })
  if (!access.allow || !access.grant) throw new ImportRefused('forbidden')
  return { person: principal.person, role: access.grant.role, organisation: access.grant.organisation }
}

/** What a run has written so far. */
interface Written {
  organisation?: string
  rows: number
  events: number
}

function createTarget(ports: ImportPorts, principal: Principal, written: Written): ImportTarget {
  const { store, recorder, vault, people } = ports
  const { decider } = ports.categories.complaint!
  const offices = new Map<string, string | undefined>()
  let actor: Actor = { operator: true }

  return {
    now: ports.now,
    mac: (purpose, text) => vault.mac(`import-${purpose}`, text),
    id: (...name) => commandIdFor('import', ...name),

    async organisation(spec: OrganisationSpec, write: boolean) {
      actor = importerOf(ports, principal, spec.code)
      const known = people.organisationByCode(spec.code)
      if (known) {
        written.organisation = known.id
        return { id: known.id, events: 0 }
      }
      const { code, name, kind, division } = spec
      const result = write
        ? await ports.execute({
            category: 'organisation',
            action: 'register',
            body: { code, name, kind, division },
            commandId: commandIdFor('import', 'organisation', code),
            requestMac: '',
            principal,
          })
        : undefined
      if (result && !result.ok) throw Object.assign(new Error(result.refusal.code), { code: result.refusal.code })
      if (result?.ok) {
        await ports.finish('organisation', result)
        written.organisation = result.organisation
        return { id: result.organisation, events: 1 }
      }
      return { id: organisationIdOf(code), events: 1 }
    },

    async office(_organisation: string, text: string) {
      if (!offices.has(text)) {
        const found = people.offices().find((office) => office.name === text || office.licence === text)
        offices.set(text, found?.id)
      }
      return offices.get(text)
    },

    async isOwn(source: string, key: readonly string[]) {
      if (source !== OWN_LIST || key.length !== 1 || !/^[0-9a-f-]{36}$/.test(key[0]!)) return false
      return (await store.readStream(`complaint-${key[0]}`)).exists
    },

    async load(stream: string) {
      const slice = await store.readStream(stream)
      if (!slice.exists) return undefined
      const events = decodeStream(slice.events, decider.events)
      return {
        revision: slice.lastRevision,
        events: events.filter((event) => IMPORTED.has(event.type) && !isCorrection(event)) as ImportedEvent[],
      }
    },

    async append(write: RowWrite): Promise<RowWritten> {
      const now = instantOfMs(ports.now())
      const before: Recorded[] =
        write.expected === 'no_stream'
          ? []
          : decodeStream((await store.readStream(write.stream)).events, decider.events)
      let state = fold(decider, correctedSteps(before))
      for (const [place, event] of write.events.entries()) {
        const step = provisionalStep(
          event,
          {
            now,
            effectiveAt: event.effectiveAt ?? now,
            actor,
            organisation: write.organisation,
            newId: (path) => newIdOf(write.commandId, path),
            limit: () => undefined,
            policy: '',
          },
          place,
        )
        const refusal = decider.guard(state, step)
        if (refusal) return { ok: false, reason: 'refused', code: refusal.code }
        state = decider.evolve(state, step)
      }
      const entries = blindEntries(write)
      if (write.person && entries.length > 0) await vault.remember(write.organisation, write.person.subject, entries)
      const ids = write.events.map((_, place) => eventIdOf(write.commandId, write.stream, write.requestMac, place))
      const sealed = await sealEvents(vault, write.stream, write.events, ids, write.subject)
      const { result } = await recorder.record(
        write.stream,
        write.expected,
        sealed.map((event, place) => ({
          id: ids[place]!,
          type: event.type,
          version: decider.events[event.type]!.version,
          data: event.data,
          ...(event.effectiveAt === undefined ? {} : { effectiveAt: event.effectiveAt }),
          ...(event.basis ? { basis: event.basis } : {}),
        })),
        {
          organisation: write.organisation,
          actor,
          commandId: write.commandId,
          requestMac: write.requestMac,
        },
      )
      if (!result.ok) return { ok: false, reason: 'conflict' }
      written.events += write.events.length
      if (++written.rows % WAKE_EVERY === 0) ports.wake()
      return { ok: true }
    },
  }
}

/** What repeats of the same person are found by. */
function blindEntries({ person, office }: RowWrite): BlindEntry[] {
  if (!person) return []
  const entries: BlindEntry[] = []
  if (person.phone) entries.push({ kind: 'phone', value: person.phone })
  if (person.identityNumber) entries.push({ kind: 'identity-number', value: person.identityNumber })
  if (person.name && office) entries.push({ kind: 'name-office', value: `${person.name} ${office}` })
  return entries
}

/** SHA-256 of a mapping with its defaults, whatever the order of its keys. */
export const mappingDigest = (mapping: Mapping): string =>
  createHash('sha256').update(canonicalJson(mapping)).digest('hex')

/** The counts of a run, as the audit trail keeps them. */
type RunCounts = Pick<ImportReport, 'rows' | 'imported' | 'repeated' | 'refused' | 'events'> & { complete: boolean }

async function keepRun(
  ports: ImportPorts,
  request: ImportRequest,
  organisation: string,
  sha256: string,
  counts: RunCounts,
) {
  const { mapping } = request
  const fileMac = ports.vault.mac('ledger-file', sha256)
  const data = { source: mapping.source, mapping: mappingDigest(mapping), fileMac, ...counts }
  const result = await ports.execute({
    category: 'ledger',
    action: 'recordImport',
    organisation,
    body: data,
    commandId: v4(),
    requestMac: '',
    principal: request.principal ?? ports.operator,
  })
  if (!result.ok) throw new ImportRefused(result.refusal.code)
}

/**
 * Imports a file, or tells what that would do. A run that brought something is recorded with who ran it and its counts, also one
 * that was stopped; one that brought nothing new leaves no trace.
 * @throws LedgerError for the file or mapping as a whole, ImportRefused, StoreError, VaultUnavailable
 */
export async function runImport(ports: ImportPorts, request: ImportRequest): Promise<ImportReport> {
  const { mapping, dryRun, expectedSha256 } = request
  const written: Written = { rows: 0, events: 0 }
  let progress: ImportProgress | undefined
  importerOf(ports, request.principal ?? ports.operator, mapping.organisation.code)
  const ledger = await openLedger(request.file, openOptions(mapping))
  try {
    if (expectedSha256 !== undefined && expectedSha256 !== ledger.sha256)
      throw new LedgerError('ledger-changed', 'the file is not the one that was checked')
    placeColumns(mapping, ledger)
    request.onOpened?.()
    const report = await importLedger({
      ledger,
      mapping,
      target: createTarget(ports, request.principal ?? ports.operator, written),
      dryRun,
      strict: request.strict,
      expectedSha256,
      onProgress: (now) => {
        progress = now
        request.onProgress?.(now)
      },
      signal: request.signal,
    })
    if (report.written && written.organisation !== undefined) {
      const { rows, imported, repeated, refused } = report
      const counts = { rows, imported, repeated, refused, events: written.events, complete: true }
      await keepRun(ports, request, written.organisation, ledger.sha256, counts)
    }
    return report
  } catch (error) {
    if (written.rows > 0 && written.organisation !== undefined && progress) {
      const { repeated, refused } = progress
      const imported = written.rows
      const rows = Math.max(progress.rows, imported + repeated + refused)
      const counts = { rows, imported, repeated, refused, events: written.events, complete: false }
      // Why the run ended is what its caller must hear; that it cannot be recorded either usually has the same cause.
      await keepRun(ports, request, written.organisation, ledger.sha256, counts).catch(() => {})
    }
    throw error
  } finally {
    await ledger.close()
    ports.wake()
  }
}
