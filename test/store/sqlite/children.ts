/** Starts child.ts and reads its answers. */
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(new URL('./child.ts', import.meta.url))

export interface Child {
  /** Answers one by one; ends with the process. A line that a kill cut off is none. */
  readonly answers: AsyncIterator<unknown>
  /** Kills it with SIGKILL and waits until it is gone. */
  kill(): Promise<void>
}

/** Starts a child. @param limit largest file it may write, in blocks of 512 bytes */
export function startChild(what: string, directory: string, limit?: number): Child {
  const node = [process.execPath, '--disable-warning=ExperimentalWarning', script, what, directory]
  const stdio: ['ignore', 'pipe', 'inherit'] = ['ignore', 'pipe', 'inherit']
  const process_: ChildProcessByStdio<null, Readable, null> =
    limit === undefined
      ? spawn(node[0]!, node.slice(1), { stdio })
      : spawn('sh', ['-c', `ulimit -f ${limit} && exec "$@"`, 'sh', ...node], { stdio })
  const gone = once(process_, 'exit')
  async function* read(): AsyncGenerator<unknown> {
    for await (const line of createInterface({ input: process_.stdout })) {
      let answer: unknown
      try {
        answer = JSON.parse(line)
      } catch {
        return
      }
      yield answer
    }
  }
  return {
    answers: read(),
    kill: async () => {
      process_.kill('SIGKILL')
      await gone
    },
  }
}

/** The one answer of a child that then ends. */
export async function answerOf(what: string, directory: string, limit?: number): Promise<unknown> {
  const child = startChild(what, directory, limit)
  const { value } = await child.answers.next()
  await child.kill()
  return value
}
