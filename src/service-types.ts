/** What opening a data directory takes, and what everything above it gets. */
import type { Logger } from 'pino'
import type { Backend } from './backend.ts'
import type { BoardReading } from './commands/board.ts'
import type { Disk } from './commands/disk.ts'
import type { Category, CommandPorts, CommandResult, Execute } from './commands/execute.ts'
import type { Facts, FigureQuestion } from './commands/facts.ts'
import type { Finished } from './commands/finish.ts'
import type { limitsFrom } from './commands/limits.ts'
import type { NumberSeries } from './commands/numbers.ts'
import type { Oversight } from './commands/oversight.ts'
import type { Rating } from './commands/rating.ts'
import type { NumberReactor } from './commands/reactors.ts'
import type { Reading } from './commands/reading.ts'
import type { Repeats } from './commands/repeats.ts'
import type { SearchReading } from './commands/search.ts'
import type { Sweeper } from './commands/sweeper.ts'
import type { Principal } from './domain/access.ts'
import type { ReportFigures } from './domain/bulletin.ts'
import type { Directory } from './projections/directory.ts'
import type { RuleBook } from './projections/rulebook.ts'
import type { Projections } from './projections/runner.ts'
import type { Ready } from './readiness.ts'
import type { ClampedClock } from './store/clock.ts'
import type { AppendObservation } from './store/observed.ts'
import type { EventLog, EventStore } from './store/port.ts'
import type { Recorder } from './store/recorder.ts'
import type { EvidenceService } from './trust/evidence/evidence.ts'
import type { EvidenceStore, Vault } from './trust/ports.ts'

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
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<Finished>
  /** Waits until the read models hold what the position names; false after the time given. */
  readonly reached: (position: string, timeoutMs: number) => Promise<boolean>
  /** Makes a token for a person and records its hash; the text is shown once. */
  readonly newToken: (person: string) => { token: string; hash: string; text: string }
  readonly ready: () => Promise<Ready>
  /** Resolves once the read models have held all that there was when this node started; rejects where they never will. */
  readonly caughtUp: () => Promise<void>
  readonly close: () => Promise<void>
}
