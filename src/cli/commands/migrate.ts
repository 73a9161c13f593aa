/** Moving a whole installation on the terminal. */
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { MigrationRefused, type MigrationReport, type MigrationStep, migrate } from '../../commands/migrate/index.ts'
import type { PlaceAddress } from '../../commands/migrate/places.ts'
import { problemOf } from '../../http/problem.ts'
import { type CommandContext, contextOf, type GlobalOptions } from '../context.ts'
import { exitCodes, Refused } from '../exit.ts'

/** Stands for the cluster of EVENTSTORE_URL, so that its password need not be typed. */
const CLUSTER = 'cluster'

interface Options extends GlobalOptions {
  readonly from: string
  readonly to: string
  readonly fromEvidence?: string
  readonly toEvidence?: string
  readonly withoutMissingEvidence?: boolean
}

const keyTexts: Readonly<Record<MigrationReport['masterKey'], string>> = {
  'in place': '主密钥已在目标所需的位置（集群的每个节点都要有同一个文件）。',
  missing: '目标还没有主密钥：请将来源的主密钥文件放到目标的每个节点，权限 0600；否则加密内容暂不可读。',
  another: '目标所指的主密钥文件不能用于这套数据：请换成来源的主密钥文件；否则加密内容暂不可读。',
}

const wrong = (pointer: string, detail: string): Refused =>
  new Refused(problemOf('wrong-usage', { errors: [{ pointer, detail }] }))

/** A place as it was written: `cluster`, the address of one, or else a directory. @throws Refused */
function placeOf(context: CommandContext, side: '--from' | '--to', text: string, evidence?: string): PlaceAddress {
  const { config } = context
  if (text !== CLUSTER && !/^esdb(\+discover)?:\/\//.test(text)) {
    const masterKeyFile = process.env.DUBAN_MASTER_KEY_FILE || join(text, 'master.key')
    return { directory: text, evidence: evidence ?? join(text, 'evidence'), masterKeyFile }
  }
  const clusterUrl = text === CLUSTER ? config.clusterUrl : text
  if (clusterUrl === undefined) throw wrong(side, '没有设置 EVENTSTORE_URL')
  if (config.vaultUrl === undefined) throw wrong(side, '集群一侧须设置 VAULT_URL：各节点共用的密钥库')
  const shared = evidence ?? config.evidence
  if (shared === undefined) throw wrong(side, '集群一侧须设置 DUBAN_EVIDENCE：各节点共用的证据材料目录')
  return { clusterUrl, vaultUrl: config.vaultUrl, evidence: shared, masterKeyFile: config.masterKeyFile }
}

/** Says each stage once, and long ones by every tenth of the way or every so many. */
function teller(note: (text: string) => void): (step: MigrationStep) => void {
  let told = ''
  const once = (key: string, text: string) => {
    if (key === told) return
    told = key
    note(text)
  }
  return ({ name, done = 0, total = 0 }) => {
    if (name === 'compared') once(name, `来源有记录 ${total} 条，目标已有其中 ${done} 条，开始搬迁`)
    else if (name === 'vault') once(`${name}${Math.floor(done / 10_000)}`, `密钥库 ${done} 行`)
    else if (name === 'evidence') once(`${name}${Math.floor(done / 100)}`, `证据材料 ${done} 份`)
    else if (name === 'events')
      once(`${name}${Math.floor((10 * done) / Math.max(1, total))}`, `记录 ${done} / ${total} 条`)
    else if (name === 'verified') once(name, `核对 ${done} / ${total} 条`)
    else if (name === 'source-marked') once(name, '来源已标记为迁出，不再接受写入')
    else if (name === 'target-released') once(name, '目标可以启用')
  }
}

const textOf = (report: MigrationReport): string =>
  report.equal
    ? [
        `已从 ${report.from} 搬到 ${report.to}：记录 ${report.events} 条，密钥库 ${report.moved.vaultRows} 行，证据材料 ${report.moved.evidence} 份`,
        `两边摘要一致：${report.digestTo}`,
        keyTexts[report.masterKey],
        ...(report.moved.damagedEvidence.length === 0
          ? []
          : [
              `注意：${report.moved.damagedEvidence.length} 份证据材料与其校验值不符，已照原样搬迁；请运行 duban verify`,
            ]),
      ].join('\n')
    : `两边不一致，从序号 ${report.differsAt ?? report.events} 起：来源没有标记，目标没有启用。请查明是谁写入了目标，另备空的目标。`

export function migrateCommands(program: Command): void {
  program
    .command('migrate')
    .description('把整套数据（密钥库、证据材料、记录）搬到另一处：数据目录与集群之间，或目录之间；可中断后重做')
    .requiredOption('--from <来源>', `数据目录，或集群（esdb://…；写 ${CLUSTER} 即 EVENTSTORE_URL 所指的集群）`)
    .requiredOption('--to <目标>', '同上；须是空的，或所存记录与来源从头起逐字相同')
    .option('--from-evidence <目录>', '来源的证据材料；缺省：目录下的 evidence，集群为 DUBAN_EVIDENCE')
    .option('--to-evidence <目录>', '目标的证据材料；缺省同上')
    .option('--without-missing-evidence', '记录所指的证据材料已经丢失时，仍然搬迁')
    .addHelpText(
      'after',
      `
集群一侧的密钥库取自 VAULT_URL，证据材料取自 DUBAN_EVIDENCE，主密钥取自 DUBAN_MASTER_KEY_FILE。
搬迁前请停止两边的全部服务。主密钥从不搬动：目标的每个节点须放置来源的主密钥文件。
步骤见 docs/operations.md 的 “Moving between a directory and a cluster”。`,
    )
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<Options>()
      const context = contextOf(options)
      const { output } = context
      if (options.url) throw wrong('--url', '搬迁只能在停止服务之后进行')
      const from = placeOf(context, '--from', options.from, options.fromEvidence)
      const to = placeOf(context, '--to', options.to, options.toEvidence)
      if ('directory' in from && 'directory' in to && resolve(from.directory) === resolve(to.directory))
        throw wrong('--to', '来源与目标是同一个目录')
      const report = await migrate({
        from,
        to,
        withoutMissingEvidence: options.withoutMissingEvidence === true,
        now: Date.now,
        onStep: teller((text) => output.note(text)),
      }).catch((error: unknown) => {
        if (error instanceof MigrationRefused)
          throw new Refused(problemOf(error.code, { parameters: error.parameters }))
        // What a code alone does not say: which host, which file.
        output.note((error as Error).message)
        throw error
      })
      output.result(report, () => textOf(report))
      if (!report.equal) process.exitCode = exitCodes.refused
      else if (output.json && report.masterKey !== 'in place') output.note(keyTexts[report.masterKey])
    })
}
