/** From the start of the process to the first 200 of `/readyz`, with a log of a million events and read models that hold it. */
import { copyFileSync, existsSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { EVENTS_FILE } from '../../src/store/sqlite/index.ts'
import { type Bench, type BenchContext, interleaved, measure, most, ratioOf } from './support/harness.ts'
import { demoLog, emptyDirectory, fillModels } from './support/log.ts'
import { processorMs, serve } from './support/process.ts'

/** A data directory with a log of so many events, read models and board at its head. */
async function fullDirectory(context: BenchContext, events: number): Promise<string> {
  const directory = join(context.shared, `directory-${events}`)
  if (existsSync(directory)) return directory
  const fresh = `${directory}.new`
  await emptyDirectory(fresh)
  copyFileSync(await demoLog(context, events, true), join(fresh, EVENTS_FILE))
  context.note('builds the read models')
  await fillModels(fresh)
  renameSync(fresh, directory)
  return directory
}

export const bench: Bench = {
  name: 'start',
  what: `\`duban serve\` as a process of its own, from its start until \`/readyz\` answers 200, on a data directory with a million events in the
demo's mix whose read models are current; in turn with an empty data directory, which shows what loading the program costs. The files are
in the page cache.`,
  target: 'start with 1 M events and current read models ≤ 1 s to ready',
  async *run(context) {
    const full = await fullDirectory(context, context.pick(1_000_000, 20_000))
    const empty = join(context.directory, 'empty')
    await emptyDirectory(empty)
    const start = async (directory: string) => {
      const running = await serve(directory)
      const cpuMs = processorMs(running.pid)
      await running.stop()
      return { ms: running.readyMs, cpuMs }
    }
    await start(full)
    const found = await interleaved(context.pick(9, 3), { empty: () => start(empty), full: () => start(full) })
    const seconds = (figures: readonly { ms: number }[]) => figures.map(({ ms }) => ms / 1_000)
    const bare = { label: 'an empty directory', rounds: seconds(found.empty) }
    yield measure(bare.label, 's', bare.rounds)
    yield measure('a million events', 's', seconds(found.full), {
      limit: most(1),
      ratio: ratioOf({ label: 'full', rounds: seconds(found.full) }, bare),
    })
    yield measure(
      'processor time, a million events',
      's',
      found.full.map(({ cpuMs }) => cpuMs / 1_000),
    )
  },
}
