/**
 * A load of its own process: so many callers over kept connections, each sending its next request when the last is answered. Waits for one
 * line of JSON a round on standard input and answers it with one on standard output.
 */
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'

/** One round: a request to each address in turn; without a body a GET, else a POST. */
export interface Load {
  readonly url: string
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly callers: number
  readonly status: number
}

export interface LoadFigures {
  readonly ms: number
  /** Milliseconds of each request. */
  readonly latencies: readonly number[]
}

/** How long a caller who was told 503 waits before he asks again, as people's programs do; milliseconds. */
const BUSY_MS = 200

function ask(agent: Agent, load: Load, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const { body } = load
    const headers = {
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
      ...load.headers,
    }
    const method = body === undefined ? 'GET' : 'POST'
    const sent = request(load.url + path, { method, agent, headers }, (response) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (text: string) => {
        said += text
      })
      response.on('end', () => {
        if (response.statusCode === load.status) resolve()
        else if (response.statusCode === 503) setTimeout(() => ask(agent, load, path).then(resolve, reject), BUSY_MS)
        else reject(new Error(`${path}: ${response.statusCode} ${said.slice(0, 500)}`))
      })
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

async function run(load: Load): Promise<LoadFigures> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.callers })
  const latencies: number[] = []
  let next = 0
  const from = performance.now()
  await Promise.all(
    Array.from({ length: load.callers }, async () => {
      for (let place = next++; place < load.paths.length; place = next++) {
        const before = performance.now()
        await ask(agent, load, load.paths[place]!)
        latencies.push(performance.now() - before)
      }
    }),
  )
  const ms = performance.now() - from
  agent.destroy()
  return { ms, latencies }
}

for await (const line of createInterface({ input: process.stdin }))
  process.stdout.write(`${JSON.stringify(await run(JSON.parse(line) as Load))}\n`)
