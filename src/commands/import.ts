/** Imports a ledger into the store: the import's port over directory, vault and recorder. */
import type { Principal } from '../domain/access.ts'
import { provisionalStep } from '../domain/decider.ts'
import type { Recorded } from '../domain/event.ts'
import { correctedSteps, fold, isCorrection } from '../domain/history.ts'
import { instantOfMs } from '../domain/time.ts'
import { type ImportProgress, type ImportReport, importLedger } from '../ledger/import.ts'
import { type Mapping, openOptions } from '../ledger/mapping.ts'
import { openLedger } from '../ledger/open.ts'
import type { ImportedEvent } from '../ledger/plan.ts'
import type { ImportTarget, OrganisationSpec, RowWrite, RowWritten } from '../ledger/target.ts'
import type { Directory } from '../projections/directory.ts'
import { decodeStream } from '../store/envelope.ts'
import type { EventStore } from '../store/port.ts'
import type { Recorder } from '../store/recorder.ts'
import type { BlindEntry, Vault } from '../trust/ports.ts'
import { sealEvents } from '../trust/sealing.ts'
import type { Category, CommandRequest, CommandResult } from './execute.ts'
import { commandIdFor, eventIdOf, newIdOf, organisationIdOf } from './ids.ts'

export interface ImportPorts {
  readonly store: EventStore
  readonly recorder: Recorder
  readonly vault: Vault
  readonly people: Directory
  readonly categories: Readonly<Record<string, Category>>
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<unknown>
  readonly operator: Principal
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
  readonly signal?: AbortSignal
}

const IMPORTED = new Set(['CaseImported', 'ImportedMilestone', 'ImportedFieldsAdded', 'ImportedFieldsChanged'])

/** Rows between two calls of the read models. */
const WAKE_EVERY = 500

function createTarget(ports: ImportPorts): ImportTarget {
  const { store, recorder, vault, people } = ports
  const { decider } = ports.categories.complaint!
  const offices = new Map<string, string | undefined>()
  let written = 0

  return {
    now: ports.now,
    mac: (purpose, text) => vault.mac(`import-${purpose}`, text),
    id: (...name) => commandIdFor('import', ...name),

    async organisation(spec: OrganisationSpec, write: boolean) {
      const known = people.organisationByCode(spec.code)
      if (known) return { id: known.id, events: 0 }
      const { code, name, kind, division } = spec
      const result = write
        ? await ports.execute({
            category: 'organisation',
            action: 'register',
            body: { code, name, kind, division },
            commandId: commandIdFor('import', 'organisation', code),
            requestMac: '',
            principal: ports.operator,
          })
        : undefined
      if (result && !result.ok) throw Object.assign(new Error(result.refusal.code), { code: result.refusal.code })
      if (result?.ok) {
        await ports.finish('organisation', result)
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
        write.expected === 'no_stream' ? [] : decodeStream((await store.readStream(write.stream)).events, decider.events)
      let state = fold(decider, correctedSteps(before))
      for (const [place, event] of write.events.entries()) {
        const step = provisionalStep(
          event,
          {
            now,
            effectiveAt: event.effectiveAt ?? now,
            actor: { operator: true },
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
          actor: { operator: true },
          commandId: write.commandId,
          requestMac: write.requestMac,
        },
      )
      if (!result.ok) return { ok: false, reason: 'conflict' }
      if (++written % WAKE_EVERY === 0) ports.wake()
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

/**
 * Imports a file, or tells what that would do.
 * @throws LedgerError for the file or mapping as a whole, StoreError, VaultUnavailable
 */
export async function runImport(ports: ImportPorts, request: ImportRequest): Promise<ImportReport> {
  const ledger = await openLedger(request.file, openOptions(request.mapping))
  try {
    return await importLedger({
      ledger,
      mapping: request.mapping,
      target: createTarget(ports),
      dryRun: request.dryRun,
      strict: request.strict,
      expectedSha256: request.expectedSha256,
      ...(request.onProgress ? { onProgress: request.onProgress } : {}),
      signal: request.signal,
    })
  } finally {
    await ledger.close()
    ports.wake()
  }
}
