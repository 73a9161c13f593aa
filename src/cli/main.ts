/** The terminal: `duban <command>`. Names, options, JSON and exit codes are fixed; scripts and outside checks rely on them. */
import { Command, CommanderError } from 'commander'
import stringWidth from 'string-width'
import { ConfigInvalid } from '../config.ts'
import { problemOfLedger } from '../http/ledger-problem.ts'
import { isErrorCode, type Problem, problemOf } from '../http/problem.ts'
import { LedgerError } from '../ledger/problem.ts'
import { backupCommands } from './commands/backup.ts'
import { boardCommands } from './commands/board.ts'
import { bundleCommands } from './commands/bundle.ts'
import { caseCommands } from './commands/cases.ts'
import { deadlineCommands } from './commands/deadlines.ts'
import { directoryCommands } from './commands/directory.ts'
import { evidenceCommands } from './commands/evidence.ts'
import { importCommands } from './commands/import.ts'
import { listCommands } from './commands/lists.ts'
import { maintenanceCommands } from './commands/maintenance.ts'
import { migrateCommands } from './commands/migrate.ts'
import { ratingCommands } from './commands/rating.ts'
import { replayCommands } from './commands/replay.ts'
import { searchCommands } from './commands/search.ts'
import { serveCommands } from './commands/serve.ts'
import { exitCodes, Refused } from './exit.ts'
import { createOutput } from './output.ts'

export function createProgram(): Command {
  const program = new Command('duban')
    .description('督办：投诉办理、督办期限、回访、处罚与星级评定')
    .option('--data <目录>', '数据目录；缺省 DUBAN_DATA，再缺省 ./data')
    .option('--url <地址>', '正在运行的服务')
    .option('--json', '标准输出只打印一个 JSON 文档')
    .configureHelp({ displayWidth: (text) => stringWidth(text), showGlobalOptions: true })
    .showHelpAfterError()
    .exitOverride()
  serveCommands(program)
  directoryCommands(program)
  caseCommands(program)
  evidenceCommands(program)
  boardCommands(program)
  searchCommands(program)
  deadlineCommands(program)
  importCommands(program)
  listCommands(program)
  ratingCommands(program)
  bundleCommands(program)
  replayCommands(program)
  maintenanceCommands(program)
  backupCommands(program)
  migrateCommands(program)
  for (const command of program.commands) inherit(command)
  return program
}

/** Global options may stand after the command's name too, as people write them. */
function inherit(command: Command): void {
  command.exitOverride()
  const own = new Set(command.options.map((option) => option.long))
  if (!own.has('--data')) command.option('--data <目录>', '数据目录')
  if (!own.has('--url')) command.option('--url <地址>', '正在运行的服务')
  if (!own.has('--json')) command.option('--json', '只打印 JSON')
  for (const child of command.commands) inherit(child)
}

/** What any failure is, as a problem and an exit code. */
export function problemOfError(error: unknown): { problem: Problem; exitCode: number } {
  if (error instanceof Refused) return { problem: error.problem, exitCode: error.exitCode }
  if (error instanceof CommanderError)
    return { problem: problemOf('wrong-usage'), exitCode: error.exitCode === 0 ? exitCodes.done : exitCodes.usage }
  if (error instanceof ConfigInvalid)
    return { problem: problemOf('wrong-usage', { errors: error.variables }), exitCode: exitCodes.usage }
  // A file or mapping that cannot be read; one that only changed meanwhile is refused.
  if (error instanceof LedgerError)
    return {
      problem: problemOfLedger(error),
      exitCode: error.code === 'ledger-changed' ? exitCodes.refused : exitCodes.usage,
    }
  const code = (error as { code?: unknown }).code
  if (isErrorCode(code) && code !== 'internal')
    return { problem: problemOf(code), exitCode: code === 'wrong-usage' ? exitCodes.usage : exitCodes.refused }
  return { problem: problemOf('internal'), exitCode: exitCodes.unexpected }
}

/** Runs one command line and sets the exit code. */
export async function main(args: readonly string[]): Promise<void> {
  const output = createOutput(args.includes('--json'))
  try {
    await createProgram().parseAsync([...args], { from: 'user' })
  } catch (error) {
    const { problem, exitCode } = problemOfError(error)
    process.exitCode = exitCode
    if (exitCode === exitCodes.done) return
    // Commander has already said on standard error what was wrong with the words.
    if (!(error instanceof CommanderError) || output.json) output.problem(problem)
    if (exitCode === exitCodes.unexpected) output.note((error as Error).stack ?? String(error))
  }
}
