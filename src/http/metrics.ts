/**
 * Prometheus metrics on a listener of their own, off unless a port is configured. Labels are names of routes, read models and
 * outcomes: never a person, a case or anything somebody wrote.
 */
import { createServer, type Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Service } from '../service.ts'
import type { AppendObservation } from '../store/observed.ts'
import type { AnswerObservation } from './app.ts'

export interface Metrics {
  readonly registry: Registry
  /** For `openService`. */
  readonly onAppend: (seen: AppendObservation) => void
  /** For `buildApp`. */
  readonly onAnswer: (seen: AnswerObservation) => void
  /** From now on the gauges are read from this service. */
  readonly watch: (service: Service) => void
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])
/** Seconds; from a cached read to a slow export. */
const ANSWER_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60]
/** Seconds; an fsync takes 0.1 ms on a good disk and 100 ms on a bad one. */
const APPEND_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5]

/** A registry of its own: several services in one process (tests) do not meet. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const registers = [registry]
  // Memory, processor, open files, garbage collection, and the delay of the event loop.
  collectDefaultMetrics({ register: registry })

  const answers = new Histogram({
    name: 'duban_http_request_duration_seconds',
    help: 'Time to answer, by route, method and status',
    labelNames: ['route', 'method', 'status'] as const,
    buckets: ANSWER_BUCKETS,
    registers,
  })
  const appended = new Counter({
    name: 'duban_events_appended_total',
    help: 'Events appended by this process',
    registers,
  })
  const appends = new Histogram({
    name: 'duban_append_duration_seconds',
    help: 'From asking for an append to its durable answer, by outcome',
    labelNames: ['outcome'] as const,
    buckets: APPEND_BUCKETS,
    registers,
  })

  let service: Service | undefined
  const gauge = (name: string, help: string, read: (service: Service) => number | boolean | undefined) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        const value = service && read(service)
        if (value !== undefined) this.set(Number(value))
      },
    })
  const byModel = (
    name: string,
    help: string,
    read: (status: ReturnType<Service['projections']['status']>[number]) => number,
  ) =>
    new Gauge({
      name,
      help,
      labelNames: ['model'] as const,
      registers,
      collect() {
        for (const status of service?.projections.status() ?? []) this.set({ model: status.name }, read(status))
      },
    })

  gauge('duban_events', 'Events in the log', ({ log }) => log.size())
  gauge('duban_append_queue_length', 'Appends that wait for their turn', ({ backend }) => backend.queued())
  gauge(
    'duban_store_refusing',
    'Whether appends are refused (1) or taken (0)',
    ({ backend }) => backend.refusal() !== undefined,
  )
  byModel('duban_projection_lag_events', 'Events a read model is behind the log', ({ lag }) => lag)
  byModel('duban_projection_parked_streams', 'Streams a read model could not go on with', ({ parked }) => parked.length)
  byModel('duban_projection_halted', 'Whether an unknown event stopped the read model', ({ halted }) =>
    Number(halted !== undefined),
  )
  gauge('duban_board_pending_rows', 'Rows of the board that wait to be derived again', ({ board }) => board.pending())
  gauge(
    'duban_vault_alarms',
    'Sealed values that did not open although their key should be there, since start',
    (each) => each.vaultAlarms(),
  )
  gauge('duban_disk_free_bytes', 'Bytes free on the disk of the data', ({ disk }) =>
    Number.isFinite(disk.free()) ? disk.free() : undefined,
  )
  gauge('duban_disk_reserve_bytes', 'Below so many free bytes writes are refused', ({ disk }) => disk.reserve)
  gauge(
    'duban_clock_behind_seconds',
    'How far the clock stands behind the last record',
    ({ clock }) => clock.state.behindMs / 1000,
  )
  gauge(
    'duban_clock_refusing',
    'Whether writes are refused until the clock is confirmed',
    ({ clock }) => clock.state.refusing,
  )

  return {
    registry,
    onAppend({ seconds, events, outcome }) {
      appends.observe({ outcome }, seconds)
      if (outcome === 'appended') appended.inc(events)
    },
    onAnswer({ route, method, status, seconds }) {
      // A method is text from outside: what is none of ours must not make a series each.
      answers.observe({ route, method: METHODS.has(method) ? method : 'other', status: String(status) }, seconds)
    },
    watch(opened) {
      service = opened
    },
  }
}

/** Listens for Prometheus at `/metrics`, and answers nothing else. */
export async function listenMetrics(
  metrics: Metrics,
  where: { readonly host: string; readonly port: number },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server: Server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(where.port, where.host, resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : where.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
