/** Composition: opens everything a data directory holds and ties it together. Only this file knows which store runs. */
import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { v4 } from 'uuid'
import { type Backend, openBackend, openChosenVault } from './backend.ts'
import { type BoardReading, createBoard } from './commands/board.ts'
import { createCategories } from './commands/categories.ts'
import { Disk, GuardedRecorder, guardedVault } from './commands/disk.ts'
import {
  type Category,
  type CommandPorts,
  type CommandResult,
  createExecute,
  type Execute,
} from './commands/execute.ts'
import { createFacts, type Facts, type FigureQuestion } from './commands/facts.ts'
import { figuresOf } from './commands/figures.ts'
import { limitsFrom } from './commands/limits.ts'
import { NumberSeries } from './commands/numbers.ts'
import { createOversight, type Oversight } from './commands/oversight.ts'
import { createRating, type Rating } from './commands/rating.ts'
import { NumberReactor } from './commands/reactors.ts'
import { createReading, type Reading } from './commands/reading.ts'
import { createRepeats, type Repeats } from './commands/repeats.ts'
import { refuseUnfinishedRestore } from './commands/restore.ts'
import { createSearch, type SearchReading } from './commands/search.ts'
import { createSweeper, type Sweeper } from './commands/sweeper.ts'
import type { Principal } from './domain/access.ts'
import type { ReportFigures } from './domain/bulletin.ts'
import { actionTitle } from './domain/catalogue/index.ts'
import { deciderOf } from './domain/categories.ts'
import { formatCaseNumber } from './domain/registry/numbers.ts'
import { formatToken, isTokenGood, parseToken } from './domain/registry/token.ts'
import { dateOfMs } from './domain/time.ts'
import { canonicalJson } from './http/body.ts'
import { categoryPaths } from './http/paths.ts'
import { Directory } from './projections/directory.ts'
import { projections as allProjections } from './projections/index.ts'
import { scopeFor } from './projections/queries/index.ts'
import { Models, RuleBook } from './projections/rulebook.ts'
import { Projections } from './projections/runner.ts'
import { ClampedClock } from './store/clock.ts'
import { decodeEnvelope } from './store/envelope.ts'
import { type AppendObservation, observedStore } from './store/observed.ts'
import type { EventLog, EventStore } from './store/port.ts'
import { Recorder } from './store/recorder.ts'
import { openEvidenceDirectory } from './trust/evidence/directory.ts'
import { EvidenceService } from './trust/evidence/evidence.ts'
import type { AccessLog, EvidenceStore, Vault } from './trust/ports.ts'

/** The operator at the terminal of a data directory. His id is fixed, so that his keyed commands are idempotent. */
export const OPERATOR: Principal = { person: '00000000-0000-4000-8000-000000000001', grants: [], operator: true }

/** Version of this program, as in package.json. */
export const VERSION = '0.1.0'

export interface ServiceOptions {
  readonly directory: string
  readonly masterKeyFile: string
  /** `esdb://…` or `esdb+discover://…`: the events live in a cluster, mirrored in the directory. */
  readonly clusterUrl?: string | undefined
  /** `postgres://…`: the vault that the nodes of a cluster share. */
  readonly vaultUrl?: string | undefined
  /** Directory of the evidence files, shared by the nodes of a cluster; default in the data directory. */
  readonly evidence?: string | undefined
  readonly evidenceLimit: number
  /** Largest ledger that is taken over HTTP, in bytes; default 200 MiB. */
  readonly importLimit?: number
  /** Where backups asked for over HTTP go; absent: they are refused. */
  readonly backups?: string
  /** Bytes that must stay free on the disk of the data; below it writes are refused. Default 0: never. */
  readonly diskReserve?: number
  /** Bytes free; default: asked of the file system. */
  readonly freeBytes?: () => number
  /** Told of every append. */
  readonly onAppend?: (seen: AppendObservation) => void
  readonly logger?: Logger
  /** Milliseconds since 1970; default the machine's clock. */
  readonly now?: () => number
  /** The clock that is compared with a cluster's, where `now` is an invented one. Milliseconds since 1970; default `now`. */
  readonly machineNow?: () => number
  /** Reads beside the process that owns the directory; every write is refused. */
  readonly beside?: boolean
  /** Serves this very process's terminal: requests without a token are the operator's. */
  readonly local?: boolean
}

export interface Ready {
  readonly ok: boolean
  readonly checks: readonly { readonly name: string; readonly ok: boolean; readonly detail: string }[]
}

export interface Service extends Execute {
  readonly version: string
  readonly local: boolean
  readonly operator: Principal
  /** Reads beside the process that owns the directory. */
  readonly beside: boolean
  readonly directory: string
  /** Where the evidence files are. */
  readonly evidenceDirectory: string
  /** Where backups asked for over HTTP go. */
  readonly backups: string | undefined
  readonly categories: Readonly<Record<string, Category>>
  readonly store: EventStore
  readonly log: EventLog
  /** The store as opened: embedded, or a cluster with this node's mirror. */
  readonly backend: Backend
  readonly recorder: Recorder
  readonly vault: Vault
  /** Sealed values that did not open although their key should have been there. */
  readonly vaultAlarms: () => number
  readonly disk: Disk
  readonly evidence: EvidenceStore
  readonly evidenceLimit: number
  readonly importLimit: number
  readonly evidenceService: EvidenceService
  readonly projections: Projections
  readonly people: Directory
  readonly book: RuleBook
  readonly numbers: NumberSeries
  /** Finishes numbers that a crash left. */
  readonly numberReactor: NumberReactor
  readonly clock: ClampedClock
  readonly limits: ReturnType<typeof limitsFrom>
  readonly reading: Reading
  readonly board: BoardReading
  /** Open supervision items about these cases that the person may see: case stream to item stream. */
  readonly itemsAbout: (streams: readonly string[], principal: Principal) => ReadonlyMap<string, string>
  readonly search: SearchReading
  readonly repeats: Repeats
  readonly rating: Rating
  /** Records missed deadlines; started with the service. */
  readonly sweeper: Sweeper
  /** Opens and meets recurring duties, plans return visits, opens supervision items where a practice says so; started with the service. */
  readonly oversight: Oversight
  readonly facts: Facts
  /** Counts a report's figures from the log. */
  readonly figuresOf: (question: FigureQuestion) => Promise<ReportFigures>
  readonly now: () => number
  /** Who holds the duties of an organisation now, with its division and superiors: what rights look at. */
  readonly holderOf: CommandPorts['holderOf']
  readonly authenticate: (token: string) => Principal | undefined
  /** Keyed MAC over a request: tells a retry from a reused key. */
  readonly requestMac: (method: string, url: string, body: unknown) => string
  readonly actionTitle: (category: string, action: string) => string
  /** After a command: its number, and rights that are in force before it answers. */
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<string | null>
  /** Waits until the read models hold what the position names; false after the time given. */
  readonly reached: (position: string, timeoutMs: number) => Promise<boolean>
  /** Makes a token for a person and records its hash; the text is shown once. */
  readonly newToken: (person: string) => { token: string; hash: string; text: string }
  readonly ready: () => Promise<Ready>
  /** Resolves once the read models have held all that there was when this node started; rejects where they never will. */
  readonly caughtUp: () => Promise<void>
  readonly close: () => Promise<void>
}

/** Categories whose events the directory holds: their commands answer when it knows. */
const REGISTRY = new Set(['organisation', 'office', 'worker', 'person', 'calendar', 'limits', 'scheme', 'cycle'])

/** How long a search waits for its index to hold what is recorded; milliseconds. */
const SEARCH_WAIT_MS = 5_000

/** How long a command waits for the directory to know of it before it answers; milliseconds. */
const DIRECTORY_WAIT_MS = 5_000

/**
 * Opens a data directory.
 * @throws StoreError, MasterKeyRefused
 */
export async function openService(options: ServiceOptions): Promise<Service> {
  const now = options.now ?? Date.now
  refuseUnfinishedRestore(options.directory)
  let grown = () => {}
  const backend = await openBackend({
    directory: options.directory,
    beside: options.beside === true,
    clusterUrl: options.clusterUrl,
    logger: options.logger,
    machineNow: options.machineNow ?? now,
    onGrown: () => grown(),
  })
  const { log } = backend
  const store = options.onAppend ? observedStore(backend.store, options.onAppend) : backend.store
  const disk = new Disk({
    directory: options.directory,
    reserve: options.diskReserve ?? 0,
    ...(options.freeBytes ? { freeBytes: options.freeBytes } : {}),
    onChange: ({ refusing, free, reserve }) =>
      options.logger?.warn(
        { free, reserve },
        refusing ? 'disk nearly full: writes are refused' : 'disk has room again',
      ),
  })
  try {
    const keys = await openChosenVault({
      directory: options.directory,
      masterKeyFile: options.masterKeyFile,
      vaultUrl: options.vaultUrl,
      hasEvents: () => backend.hasEvents(),
      beside: options.beside === true,
      now,
      onTamper: (alarm) => options.logger?.error({ alarm }, 'sealed content does not open'),
    })
    const vault = guardedVault(keys, () => disk.refuse())
    const evidenceDirectory = options.evidence ?? join(options.directory, 'evidence')
    const evidence = await openEvidenceDirectory(evidenceDirectory)
    const clock = new ClampedClock(now, backend.lastRecordedMs())
    const recorder = new Recorder(store, backend.guard(clock))
    const guardedRecorder = new GuardedRecorder(store, backend.guard(clock), () => disk.refuse())
    const people = new Directory()
    const book = new RuleBook()
    const path = join(options.directory, 'readmodels.db')
    const projections = Projections.open({
      path,
      log,
      deciders: deciderOf,
      projections: allProjections,
      beside: options.beside === true,
      directory: new Models(people, book),
      newDirectory: () => new Models(new Directory(), new RuleBook()),
      onHalt: (halt) => options.logger?.fatal({ halt }, 'read models stopped: a newer program wrote this'),
      onError: (error) => options.logger?.error({ err: String(error) }, 'read models cannot be written'),
    })
    const rating = createRating({ log, people, book, now, file: backend.eventsFile })
    const categories = createCategories(people, vault, { log, book, rating }, () => facts)
    const limits = limitsFrom(book, people)
    const holderOf = (organisation: string) => {
      const holder = people.current(organisation) ?? people.organisation(organisation)
      const id = holder?.id ?? organisation
      return { organisation: id, division: holder?.division ?? '', above: people.above(id) }
    }
    // While the clock stands behind the last record, commands happen at that record's time, as they will be stamped.
    const commandNow = () => now() + clock.state.behindMs
    const commands = createExecute({ store, recorder, vault, now: commandNow, ...limits, holderOf }, categories)
    const numbers = new NumberSeries(store, recorder)
    const numberText = (organisation: string, kind: string, year: number, number: number) =>
      formatCaseNumber({ abbreviation: people.organisation(organisation)?.abbreviation ?? '', year, kind, number })
    const accessLog: AccessLog = {
      opened: (entry) => options.logger?.debug({ read: entry }, 'sealed fields opened'),
    }
    const search = createSearch({
      path: join(options.directory, 'search.db'),
      beside: options.beside === true,
      log,
      vault,
      people,
      categories,
      holderOf,
      numberText,
      accessLog,
      // At the terminal a single question waits for the whole index.
      ...(options.local ? {} : { patience: SEARCH_WAIT_MS }),
      onError: (error) => options.logger?.error({ err: String(error) }, 'the search index cannot be written'),
    })
    const reading = createReading({
      log,
      vault,
      models: projections.models,
      people,
      book,
      categories,
      holderOf,
      nextActions: commands.nextActions,
      numberText,
      accessLog,
      search,
      now,
    })
    const repeats = createRepeats({ vault, people, holderOf, search, numberOf: reading.numberOf, now })

    const facts = createFacts({
      log,
      people,
      book,
      vault,
      queries: () => reading.queries,
      figuresOf: (question) => service.figuresOf(question),
    })
    const itemsAbout: Service['itemsAbout'] = (streams, principal) =>
      reading.queries.supervisionsAbout(streams, scopeFor(principal, 'supervision', people))
    const board = createBoard({
      path: options.beside ? ':memory:' : join(options.directory, 'board.db'),
      nextActions: commands.nextActions,
      itemsAbout,
      hrefOf: (category, id) =>
        `/api/v1/${categoryPaths.find((each) => each.category === category)?.path}/${encodeURIComponent(id)}`,
      log,
      people,
      book,
      holderOf,
      now,
      onError: (error) => options.logger?.error({ err: String(error) }, 'the board cannot be written'),
    })

    const execute: Execute['execute'] = async (request) => {
      // Before anything is sealed or appended; what was begun is finished out of the reserve.
      disk.refuse()
      const result = await commands.execute(request)
      if (result.ok && !result.repeated && !request.dryRun) {
        projections.wake()
        board.wake()
        search.wake()
      }
      return result
    }
    const sweeper = createSweeper({
      overdue: board.overdue,
      rules: board.rules,
      categories,
      execute,
      now,
      onError: (error) => options.logger?.warn({ err: String(error) }, 'missed deadlines are left for later'),
    })
    const finish: Service['finish'] = async (category, result) => {
      if (REGISTRY.has(category) && result.index !== undefined)
        await projections.waitFor(result.index + 1, DIRECTORY_WAIT_MS)
      const kind = categories[category]!.numbered
      if (kind === undefined) return null
      const known = numbers.known(result.stream)
      if (known) return numberText(known.organisation, kind, known.year, known.sequence)
      const opening = decodeEnvelope((await store.readStream(result.stream, { limit: 1 })).events[0]!.bytes)
      if (opening.type === 'CaseImported') return reading.numberOf(result.stream) ?? null
      // Also after later steps: a number that a crash left is finished by whoever comes next.
      const got = await numbers.allocate(result.stream, opening.organisation, kind, opening.recordedAt)
      projections.wake()
      return numberText(got.organisation, kind, got.year, got.sequence)
    }
    const oversight = createOversight({
      log,
      people,
      book,
      facts,
      overdue: board.overdue,
      rules: board.rules,
      execute,
      finish,
      now,
      onError: (error) => options.logger?.warn({ err: String(error) }, 'duties and plans are left for later'),
    })
    let whole = false
    const caughtUp = backend.caughtUp().then(() => projections.catchUp())
    caughtUp.then(
      () => {
        whole = true
      },
      () => {},
    )
    const service: Service = {
      ...commands,
      execute,
      version: VERSION,
      local: options.local === true,
      operator: OPERATOR,
      beside: options.beside === true,
      directory: options.directory,
      evidenceDirectory,
      backups: options.backups,
      categories,
      store,
      log,
      backend,
      recorder: guardedRecorder,
      vault,
      vaultAlarms: () => keys.alarms,
      disk,
      evidence,
      evidenceLimit: options.evidenceLimit,
      importLimit: options.importLimit ?? 200 * 1024 * 1024,
      evidenceService: new EvidenceService(vault, evidence, options.evidenceLimit || undefined),
      projections,
      people,
      book,
      numbers,
      numberReactor: new NumberReactor({ log, categories, numbers }),
      clock,
      limits,
      reading,
      board,
      itemsAbout,
      search,
      repeats,
      rating,
      sweeper,
      oversight,
      facts,
      figuresOf: (question) => figuresOf({ log, people, rules: board.rulesAt }, question),
      now,
      holderOf,
      actionTitle,
      authenticate(text) {
        const parts = parseToken(text)
        const kept = parts && people.findToken(parts.person, parts.token)
        if (!kept || kept.hash !== sha256(parts.secret) || !isTokenGood(kept, dateOfMs(now()))) return undefined
        return people.principal(parts.person)
      },
      requestMac: (method, url, body) => vault.mac('request', canonicalJson([method, url.split('?')[0], body ?? null])),
      finish,
      async reached(position, timeoutMs) {
        const until = performance.now() + timeoutMs
        const size = await backend.reached(position, timeoutMs)
        return size !== undefined && projections.waitFor(size, Math.max(0, until - performance.now()))
      },
      newToken(person) {
        const token = v4()
        const secret = randomBytes(32).toString('base64url')
        return { token, hash: sha256(secret), text: formatToken({ person, token, secret }) }
      },
      async ready() {
        const sealing = await vault.ready()
        const status = projections.status()
        const halted = status.find((each) => each.halted)
        const lag = Math.max(0, ...status.map((each) => each.lag))
        const refusal = options.beside ? 'reads beside the process that owns the directory' : backend.refusal()?.code
        const unwritable = refusal ?? disk.writable()
        const free = disk.free()
        const parked = status.reduce((sum, each) => sum + each.parked.length, 0)
        const checks = [
          { name: 'store', ok: unwritable === undefined, detail: unwritable ?? `${log.size()} events` },
          { name: 'log', ...backend.state() },
          {
            name: 'disk',
            ok: disk.hasRoom,
            detail: disk.hasRoom ? 'ok' : `${free} bytes free, ${disk.reserve} are kept in reserve`,
          },
          { name: 'vault', ...sealing },
          {
            name: 'clock',
            ok: !clock.state.refusing,
            detail: clock.state.refusing ? `stepped back ${clock.state.behindMs} ms: confirm it` : 'ok',
          },
          {
            name: 'read models',
            // A node that begins has to hold everything once; from then on it may lag a little.
            ok: halted === undefined && whole && lag < 10_000,
            detail: halted?.halted
              ? halted.halted.reason
              : `${whole ? '' : 'being built, '}lag ${lag}, ${parked} parked`,
          },
        ]
        return { ok: checks.every((check) => check.ok), checks }
      },
      caughtUp: () => caughtUp,
      async close() {
        await oversight.stop()
        await sweeper.stop()
        await search.close()
        await board.close()
        await projections.close()
        await backend.close()
        await vault.close()
      },
    }
    // A mirror grows by what other nodes write: everything that follows the log wakes with it.
    grown = () => {
      projections.wake()
      board.wake()
      search.wake()
    }
    return service
  } catch (error) {
    await backend.close()
    throw error
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
