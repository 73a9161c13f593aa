/**
 * Logs for who runs the service: what happened, never what somebody wrote. Fields are an allow-list; whatever else is handed
 * to the logger by mistake is dropped, and only its name is kept, so that the mistake shows.
 */
import pino, { type DestinationStream, type Logger, type LoggerOptions } from 'pino'

/** Longest text kept of a message that came from below (SQLite, the system); characters. */
const LONGEST = 300

const text = (value: unknown): string => String(value).slice(0, LONGEST)
const same = (value: unknown): unknown => value
const pick =
  (...names: readonly string[]) =>
  (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return undefined
    return Object.fromEntries(Object.entries(value).filter(([name]) => names.includes(name)))
  }

/** An error without its message, which may quote what a person wrote; in a stack only the lines that name code. */
function plainError(value: unknown): unknown {
  if (!(value instanceof Error)) return text(value)
  const { code } = value as { code?: unknown }
  return { name: value.name, ...(typeof code === 'string' ? { code } : {}), stack: plainStack(value.stack) }
}
function plainStack(value: unknown): readonly string[] {
  const lines = Array.isArray(value) ? value.map(String) : String(value ?? '').split('\n')
  return lines.map((line) => line.trim()).filter((line) => /^at /.test(line))
}

/** Every field a log line may have, and what of it is kept. */
const fields: Readonly<Record<string, (value: unknown) => unknown>> = {
  // Requests: the route's pattern, never the address that was asked for.
  req: (value) => pick('method')(value),
  res: (value) => pick('statusCode')(value),
  route: same,
  method: same,
  status: same,
  ms: same,
  reqId: same,
  code: same,
  // Failures.
  err: plainError,
  error: text,
  stack: plainStack,
  cause: text,
  signal: same,
  // The service's own state: ids, counts, times.
  config: same,
  halt: pick('index', 'type', 'version', 'reason'),
  alarm: (value) => {
    const { place, ...rest } = (value ?? {}) as Record<string, unknown>
    const kept = pick('event', 'stream', 'path', 'belongsTo')(place)
    return { ...(pick('reason', 'subject', 'kid')(rest) as object), place: kept }
  },
  read: pick('person', 'stream', 'subjects'),
  person: same,
  before: pick('behindMs', 'refusing'),
  behindMs: same,
  events: same,
  files: same,
  bytes: same,
  numbers: same,
  missed: same,
  free: same,
  reserve: same,
  address: same,
  moved: pick('to', 'at'),
}

/** Keeps what the list names. */
export function keptFields(given: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  const dropped: string[] = []
  for (const [name, value] of Object.entries(given)) {
    const keep = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (keep) kept[name] = keep(value)
    else dropped.push(name)
  }
  return dropped.length === 0 ? kept : { ...kept, dropped }
}

/** A logger that writes JSON lines. The fields above are all it can be made to say. */
export function createLogger(level: string, destination: DestinationStream): Logger {
  const options: LoggerOptions = {
    level,
    // Serializers would run before the list and, for pino's own, keep an error's message.
    serializers: { err: same, req: same, res: same },
    formatters: {
      log: keptFields,
      bindings: ({ pid, reqId }) => ({ ...(pid ? { pid } : {}), ...(reqId ? { reqId } : {}) }),
    },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return pino(options, destination)
}
