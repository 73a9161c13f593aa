/** The load generator as the benchmark holds it. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Load, LoadFigures } from './load-child.ts'

export interface LoadGenerator {
  run(load: Load): Promise<LoadFigures>
  close(): Promise<void>
}

export function loadGenerator(): LoadGenerator {
  const path = fileURLToPath(new URL('./load-child.ts', import.meta.url))
  const child = spawn(process.execPath, [path], { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async run(load) {
      child.stdin.write(`${JSON.stringify(load)}\n`)
      const { value, done } = await lines.next()
      if (done) throw new Error('the load generator ended')
      return JSON.parse(value) as LoadFigures
    },
    async close() {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'exit')
    },
  }
}
