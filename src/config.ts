/** Configuration by environment: parsed once, printed redacted. The table in docs/operations.md names every variable. */
import { join } from 'node:path'
import { z } from 'zod'

const port = z.coerce.number().int().min(0).max(65535)

/** Every variable that is read. */
export const configSchema = z.object({
  DUBAN_DATA: z.string().min(1).default('./data'),
  EVENTSTORE_URL: z.string().min(1).optional(),
  VAULT_URL: z.string().min(1).optional(),
  DUBAN_EVIDENCE: z.string().min(1).optional(),
  DUBAN_HOST: z.string().min(1).default('127.0.0.1'),
  DUBAN_PORT: port.default(8420),
  DUBAN_MASTER_KEY_FILE: z.string().min(1).optional(),
  DUBAN_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  DUBAN_EVIDENCE_LIMIT_MB: z.coerce.number().positive().max(2048).default(50),
  DUBAN_BACKUPS: z.string().min(1).optional(),
  DUBAN_METRICS_PORT: port.optional(),
  DUBAN_METRICS_HOST: z.string().min(1).default('127.0.0.1'),
  DUBAN_DISK_RESERVE_MB: z.coerce.number().nonnegative().max(1_048_576).default(200),
  DUBAN_IMPORT_LIMIT_MB: z.coerce.number().positive().max(1024).default(200),
  DUBAN_REQUESTS_PER_MINUTE: z.coerce.number().int().positive().default(1200),
})

export interface Config {
  /** Data directory. */
  readonly data: string
  /** Address of an EventStoreDB cluster; without it the embedded store runs. Holds credentials: never printed. */
  readonly clusterUrl: string | undefined
  /** Address of the vault's database that nodes share. Holds credentials: never printed. */
  readonly vaultUrl: string | undefined
  /** Directory of the evidence files; default in the data directory. */
  readonly evidence: string | undefined
  readonly host: string
  readonly port: number
  /** File of the vault's master key, mode 0600; default: `master.key` in the data directory. */
  readonly masterKeyFile: string
  readonly logLevel: string
  /** Largest evidence file in bytes. */
  readonly evidenceLimit: number
  /** Largest ledger that is taken over HTTP, in bytes. */
  readonly importLimit: number
  readonly requestsPerMinute: number
  /** Where backups asked for over HTTP go; without it they are refused. */
  readonly backups: string | undefined
  /** Where Prometheus metrics are listened for; off without a port. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined
  /** Bytes that must stay free on the disk of the data: below it writes are refused. */
  readonly diskReserve: number
}

/** Configuration that cannot be used: names the variables, never their values. */
export class ConfigInvalid extends Error {
  readonly code = 'wrong-usage' as const
  readonly variables: readonly { readonly pointer: string; readonly detail: string }[]
  constructor(variables: ConfigInvalid['variables']) {
    super(variables.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; '))
    this.variables = variables
  }
}

/** Reads the environment. `data` from the command line goes before `DUBAN_DATA`. @throws ConfigInvalid */
export function readConfig(environment: NodeJS.ProcessEnv, data?: string): Config {
  const parsed = configSchema.safeParse(environment)
  if (!parsed.success)
    throw new ConfigInvalid(
      parsed.error.issues.map((issue) => ({ pointer: issue.path.join('.'), detail: issue.message })),
    )
  const directory = data ?? parsed.data.DUBAN_DATA
  return {
    data: directory,
    clusterUrl: parsed.data.EVENTSTORE_URL,
    vaultUrl: parsed.data.VAULT_URL,
    evidence: parsed.data.DUBAN_EVIDENCE,
    host: parsed.data.DUBAN_HOST,
    port: parsed.data.DUBAN_PORT,
    masterKeyFile: parsed.data.DUBAN_MASTER_KEY_FILE ?? join(directory, 'master.key'),
    logLevel: parsed.data.DUBAN_LOG_LEVEL,
    evidenceLimit: parsed.data.DUBAN_EVIDENCE_LIMIT_MB * 1024 * 1024,
    importLimit: parsed.data.DUBAN_IMPORT_LIMIT_MB * 1024 * 1024,
    requestsPerMinute: parsed.data.DUBAN_REQUESTS_PER_MINUTE,
    backups: parsed.data.DUBAN_BACKUPS,
    metrics:
      parsed.data.DUBAN_METRICS_PORT === undefined
        ? undefined
        : { host: parsed.data.DUBAN_METRICS_HOST, port: parsed.data.DUBAN_METRICS_PORT },
    diskReserve: parsed.data.DUBAN_DISK_RESERVE_MB * 1024 * 1024,
  }
}

/** The configuration as it may be printed: nothing in it is secret, paths of keys are shortened to their name. */
export function redacted(config: Config): Record<string, unknown> {
  const present = (value: string | undefined) => (value === undefined ? undefined : '[set]')
  return {
    ...config,
    masterKeyFile: '[file]',
    clusterUrl: present(config.clusterUrl),
    vaultUrl: present(config.vaultUrl),
  }
}
