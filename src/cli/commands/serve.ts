/** Running the service: `serve` on a data directory, `demo` on a generated county. */
import { setTimeout as sleep } from 'node:timers/promises'
import closeWithGrace from 'close-with-grace'
import type { Command } from 'commander'
import pino from 'pino'
import { redacted } from '../../config.ts'
import { createDemo, demoTokens, isUnfinishedDemo, triesOf } from '../../demo/index.ts'
import { DAY_MS, dateOfMs } from '../../domain/time.ts'
import { buildApp } from '../../http/app.ts'
import type { listenMetrics } from '../../http/metrics.ts'
import { problemOf } from '../../http/problem.ts'
import { createLogger } from '../../logging.ts'
import { openService, type Service } from '../../service.ts'
import { UnknownEvent } from '../../store/envelope.ts'
import { readInstallation } from '../../store/installation.ts'
import { type CommandContext, contextOf, type GlobalOptions, hasEvents } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'
import { pad } from '../output.ts'

/** How often missed deadlines are looked for; milliseconds. */
const SWEEP_EVERY_MS = 60_000
/** How often duties, plans and automatic supervision are looked at; milliseconds. */
const OVERSEE_EVERY_MS = 300_000

/** How long in-flight commands may take to finish after Ctrl-C; milliseconds. */
const GRACE_MS = 10_000
/** How long the first answer waits for numbers that a failure left; milliseconds. */
const NUMBERS_FIRST_MS = 150
/** Between two looks for cases whose number a failure left; milliseconds. */
const NUMBERS_EVERY_MS = 30_000

export function serveCommands(program: Command): void {
  program
    .command('serve')
    .description('在数据目录上运行服务')
    .option('--port <端口>', '监听端口；缺省 DUBAN_PORT，再缺省 8420')
    .option('--host <地址>', '监听地址；缺省 127.0.0.1')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { port?: string; host?: string }>()
      const context = contextOf(options)
      const { service, address } = await listen(context, options)
      context.output.note(`督办服务已启动：${address}（接口说明 ${address}/docs）`)
      const isEmpty = await service.backend.hasEvents().then(
        (has) => !has,
        () => false,
      )
      if (isEmpty) context.output.note('数据目录是空的：请先运行 duban init。')
    })

  program
    .command('demo')
    .description('生成演示县（首次）并运行服务')
    .option('--port <端口>', '监听端口')
    .option('--host <地址>', '监听地址')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { port?: string; host?: string }>()
      const context = contextOf({ ...options, data: options.data ?? process.env.DUBAN_DATA ?? './demo' })
      if (!hasEvents(context.config.data) || isUnfinishedDemo(context.config.data)) {
        const until = dateOfMs(Date.now() - DAY_MS)
        context.output.note(`正在生成演示数据（虚构，截至 ${until}）……`)
        await createDemo({
          directory: context.config.data,
          masterKeyFile: context.config.masterKeyFile,
          clusterUrl: context.config.clusterUrl,
          vaultUrl: context.config.vaultUrl,
          evidence: context.config.evidence,
          until,
          onProgress: (text) => context.output.note(text),
        })
      }
      // Tokens for everybody are printed below: never for a directory that holds real people.
      if (!readInstallation(context.config.data).demo) throw new Refused(problemOf('data-directory-not-demo'))
      const { service, address } = await listen(context, options)
      const tokens = await demoTokens(service)
      const lines = tokens.map(({ role, name, token }) => `  ${pad(role, 22)} ${pad(name, 10)} ${token}`)
      const tries = triesOf(service, address, tokens).flatMap(({ shows, lines }, place) => [
        `  ${place + 1}. ${shows}${lines.length > 0 ? '：' : '。'}`,
        ...lines.map((line) => `     ${line}`),
      ])
      process.stdout.write(
        [
          `督办演示已启动：${address}`,
          `接口说明：${address}/docs`,
          '',
          '令牌（每个角色一个）：',
          ...lines,
          '',
          '试一试：',
          ...tries,
          '',
        ].join('\n'),
      )
    })
}

/** Opens the directory, listens, and closes gracefully on Ctrl-C: what is in flight finishes, then the files close. */
async function listen(
  context: CommandContext,
  options: { port?: string; host?: string },
): Promise<{ service: Service; address: string }> {
  const { config } = context
  const port = portOf(options.port ?? String(config.port))
  const host = options.host ?? config.host
  const logger = createLogger(config.logLevel, pino.destination({ dest: 2, sync: false }))
  logger.info({ config: redacted({ ...config, host, port }) }, 'configuration')
  // Loaded where they are asked for only.
  const measuring = config.metrics && (await import('../../http/metrics.ts'))
  const metrics = measuring?.createMetrics()
  const service = await openService({
    directory: config.data,
    masterKeyFile: config.masterKeyFile,
    clusterUrl: config.clusterUrl,
    vaultUrl: config.vaultUrl,
    evidence: config.evidence,
    evidenceLimit: config.evidenceLimit,
    importLimit: config.importLimit,
    backups: config.backups,
    diskReserve: config.diskReserve,
    ...(metrics ? { onAppend: metrics.onAppend } : {}),
    logger,
  })
  metrics?.watch(service)
  await service.projections.catchUp().catch((error) => {
    // A newer program wrote something: what was read until then is served, and /readyz says so.
    if (!(error instanceof UnknownEvent)) throw error
  })
  service.board.start()
  service.search.start()
  const app = await buildApp({
    service,
    logger,
    listening: true,
    requestsPerMinute: config.requestsPerMinute,
    ...(metrics ? { onAnswer: metrics.onAnswer } : {}),
  })
  const numbers = () =>
    service.numberReactor.run().catch((error) => logger.warn({ err: String(error) }, 'numbers are left for later'))
  // A large log is looked through while others are served already.
  await Promise.race([numbers(), sleep(NUMBERS_FIRST_MS)])
  const again = setInterval(numbers, NUMBERS_EVERY_MS)
  // The board fills in the background; misses are looked for when it is there. A node that has only part of the calendars and
  // cases would find misses that are none.
  void service
    .caughtUp()
    .then(() => service.board.caughtUp())
    .then(() => {
      service.sweeper.start(SWEEP_EVERY_MS)
      service.oversight.start(OVERSEE_EVERY_MS)
    })
    .catch((error) => logger.error({ err: String(error) }, 'deadlines and duties are not looked at'))
  let metricsListener: Awaited<ReturnType<typeof listenMetrics>> | undefined
  const closing = closeWithGrace({ delay: GRACE_MS, logger: false }, async ({ err, signal }) => {
    if (err) logger.fatal({ err: err.name, stack: err.stack }, 'stopping after an error')
    else logger.info({ signal }, 'stopping')
    clearInterval(again)
    await metricsListener?.close()
    // Connections that somebody only listens on do not end by themselves.
    const listeners = setTimeout(() => app.server.closeAllConnections(), GRACE_MS / 2)
    await app.close()
    clearTimeout(listeners)
    await service.close()
    logger.flush()
  })
  try {
    if (measuring && metrics && config.metrics) metricsListener = await measuring.listenMetrics(metrics, config.metrics)
    return { service, address: await app.listen({ host, port }) }
  } catch (error) {
    closing.uninstall()
    clearInterval(again)
    await metricsListener?.close()
    await app.close()
    await service.close()
    const code = (error as { code?: string }).code
    if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL' && code !== 'ENOTFOUND') throw error
    throw new Refused(problemOf('address-unavailable', { parameters: { port, reason: code } }))
  }
}

/** A port as written on the command line. @throws Refused `wrong-usage` */
function portOf(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new Refused(
    problemOf('wrong-usage', { errors: [{ pointer: '--port', detail: '端口为 0 至 65535 的整数' }] }),
    exitCodes.usage,
  )
}
