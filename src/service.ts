/** Composition: opens everything a data directory holds and ties it together. Only this file knows which store runs. */
import { join } from 'node:path'
import { openBackend, openChosenVault } from './backend.ts'
import { createBoard } from './commands/board.ts'
import { createCategories } from './commands/categories.ts'
import { Disk, GuardedRecorder, guardedVault } from './commands/disk.ts'
import { createExecute, type Execute } from './commands/execute.ts'
import { createFacts } from './commands/facts.ts'
import { figuresOf } from './commands/figures.ts'
import { createFinish } from './commands/finish.ts'
import { limitsFrom } from './commands/limits.ts'
import { NumberSeries } from './commands/numbers.ts'
import { createOversight } from './commands/oversight.ts'
import { createRating } from './commands/rating.ts'
import { NumberReactor } from './commands/reactors.ts'
import { createReading } from './commands/reading.ts'
import { createRepeats } from './commands/repeats.ts'
import { refuseUnfinishedRestore } from './commands/restore.ts'
import { createSearch } from './commands/search.ts'
import { createSweeper } from './commands/sweeper.ts'
import { tokensOf } from './commands/tokens.ts'
import type { Principal } from './domain/access.ts'
import { actionTitle } from './domain/catalogue/index.ts'
import { deciderOf } from './domain/categories.ts'
import { formatCaseNumber } from './domain/registry/numbers.ts'
import { canonicalJson } from './http/body.ts'
import { categoryPaths } from './http/paths.ts'
import { Directory } from './projections/directory.ts'
import { projections as allProjections } from './projections/index.ts'
import { scopeFor } from './projections/queries/index.ts'
import { Models, RuleBook } from './projections/rulebook.ts'
import { Projections } from './projections/runner.ts'
import { readinessOf } from './readiness.ts'
import type { Service, ServiceOptions } from './service-types.ts'
import { ClampedClock } from './store/clock.ts'
import { refusalOf } from './store/installation.ts'
import { observedStore } from './store/observed.ts'
import { Recorder } from './store/recorder.ts'
import { openEvidenceDirectory } from './trust/evidence/directory.ts'
import { EvidenceService } from './trust/evidence/evidence.ts'
import type { AccessLog } from './trust/ports.ts'

export type { Ready } from './readiness.ts'
export type { Service, ServiceOptions } from './service-types.ts'

/** The operator at the terminal of a data directory. His id is fixed, so that his keyed commands are idempotent. */
export const OPERATOR: Principal = { person: '00000000-0000-4000-8000-000000000001', grants: [], operator: true }

/** Version of this program, as in package.json. */
export const VERSION = '0.1.0'

/** How long a search waits for its index to hold what is recorded; milliseconds. */
const SEARCH_WAIT_MS = 5_000

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
  const moved = backend.installation()?.moved
  if (moved) options.logger?.warn({ moved }, 'this installation has moved: writes are refused')
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
      arriving: backend.installation()?.arriving !== undefined,
      beside: options.beside === true,
      now,
      onTamper: (alarm) => options.logger?.error({ alarm }, 'sealed content does not open'),
    })
    /** Before anything is sealed or appended. */
    const refuse = () => {
      disk.refuse()
      const refusal = refusalOf(backend.installation() ?? {})
      if (refusal) throw refusal
    }
    const vault = guardedVault(keys, refuse)
    const evidenceDirectory = options.evidence ?? join(options.directory, 'evidence')
    const evidence = await openEvidenceDirectory(evidenceDirectory)
    const clock = new ClampedClock(now, backend.lastRecordedMs())
    const recorder = new Recorder(store, backend.guard(clock))
    const guardedRecorder = new GuardedRecorder(store, backend.guard(clock), refuse)
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
      numbersOf: (streams, asOf) => reading.queries.numbersOf(streams, asOf),
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
      // What was begun is finished out of the reserve.
      refuse()
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
    const finish = createFinish({ store, projections, categories, numbers, numberText, numberOf: reading.numberOf })
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
      ...tokensOf({ people, now }),
      requestMac: (method, url, body) => vault.mac('request', canonicalJson([method, url.split('?')[0], body ?? null])),
      finish,
      async reached(position, timeoutMs) {
        const until = performance.now() + timeoutMs
        const size = await backend.reached(position, timeoutMs)
        return size !== undefined && projections.waitFor(size, Math.max(0, until - performance.now()))
      },
      ready: readinessOf({
        ...{ log, backend, vault, disk, clock, projections },
        beside: options.beside === true,
        isWhole: () => whole,
      }),
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
