/** What every terminal command works with: where the data is, who asks, how to print. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pino from 'pino'
import { type Config, readConfig } from '../config.ts'
import { buildApp } from '../http/app.ts'
import { problemOf } from '../http/problem.ts'
import { createLogger } from '../logging.ts'
import { openService, type Service } from '../service.ts'
import { StoreError } from '../store/port.ts'
import { type Client, localClient, remoteClient } from './client.ts'
import { Refused } from './exit.ts'
import { createOutput, type Output } from './output.ts'

/** Options every command takes. */
export interface GlobalOptions {
  readonly data?: string
  readonly url?: string
  readonly json?: boolean
}

export interface CommandContext {
  readonly options: GlobalOptions
  readonly config: Config
  readonly output: Output
  readonly token: string | undefined
}

export function contextOf(options: GlobalOptions): CommandContext {
  return {
    options,
    config: readConfig(process.env, options.data),
    output: createOutput(options.json === true),
    token: process.env.DUBAN_TOKEN || undefined,
  }
}

/** Opens the data directory for this command; `read` runs beside an owner. */
export async function openLocal(context: CommandContext, intent: 'read' | 'write'): Promise<Service> {
  const { config } = context
  // Warnings and worse, to standard error: standard output belongs to the result.
  const logger = createLogger(process.env.DUBAN_LOG_LEVEL ?? 'warn', pino.destination({ dest: 2, sync: true }))
  const open = (beside: boolean) =>
    openService({
      directory: config.data,
      masterKeyFile: config.masterKeyFile,
      clusterUrl: config.clusterUrl,
      vaultUrl: config.vaultUrl,
      evidence: config.evidence,
      evidenceLimit: config.evidenceLimit,
      importLimit: config.importLimit,
      backups: config.backups,
      diskReserve: config.diskReserve,
      logger,
      local: true,
      beside,
    })
  try {
    const service = await open(false)
    const moved = service.backend.installation()?.moved
    if (moved) context.output.note(`这里的数据已于 ${moved.at} 迁往 ${moved.to}，不再接受写入`)
    await settled(service)
    await service.projections.catchUp()
    return service
  } catch (error) {
    if (intent === 'read' && error instanceof StoreError && error.code === 'store-owned-elsewhere') return open(true)
    throw error
  }
}

/** Waits until a node's mirror holds what the cluster has; a cluster that does not answer is not waited for. */
async function settled({ backend }: Service): Promise<void> {
  while (!backend.state().ok && !backend.refusal()) await sleep(20)
}

/** A client for this command: of the service at `--url`, else of an app on the data directory. */
export async function openClient(context: CommandContext, intent: 'read' | 'write'): Promise<Client> {
  if (context.options.url) return remoteClient(context.options.url, context.token)
  const service = await openLocal(context, intent)
  let tenth = 0
  service.rating.watch((done, size) => {
    const now = Math.floor((10 * done) / size)
    if (now === tenth) return
    tenth = now
    context.output.note(`测算 ${now * 10}%（${done} / ${size} 条记录）`)
  })
  const app = await buildApp({ service, listening: false })
  return localClient(app, context.token, async () => {
    await app.close()
    await service.close()
  })
}

/** Runs with a client and closes it whatever happens. */
export async function withClient<Result>(
  context: CommandContext,
  intent: 'read' | 'write',
  run: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await openClient(context, intent)
  try {
    return await run(client)
  } finally {
    await client.close()
  }
}

/** Runs on the data directory itself: for what only its owner does. */
export async function withService<Result>(
  context: CommandContext,
  intent: 'read' | 'write',
  run: (service: Service) => Promise<Result>,
): Promise<Result> {
  if (context.options.url)
    throw new Refused(problemOf('wrong-usage', { parameters: { reason: '此命令只能在数据目录上运行' } }))
  const service = await openLocal(context, intent)
  try {
    return await run(service)
  } finally {
    await service.close()
  }
}

/** Whether the directory holds events already. */
export const hasEvents = (directory: string): boolean => existsSync(join(directory, 'events.db'))
