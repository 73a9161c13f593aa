/** Files between the terminal and the service: lists and registers into files, ledgers out of them. */
import { createWriteStream, openAsBlob, rmSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { buildApp } from '../http/app.ts'
import { type Problem, problemOf } from '../http/problem.ts'
import type { ClientRequest } from './client.ts'
import { type CommandContext, openLocal } from './context.ts'
import { exitCodes, Refused } from './exit.ts'

/** How long an answer to an upload may take: the file as a whole is judged before it comes; milliseconds. */
const UPLOAD_MS = 30 * 60 * 1000

function withQuery(path: string, query: ClientRequest['query']): string {
  const parameters = new URLSearchParams()
  for (const [key, value] of Object.entries(query ?? {})) if (value !== undefined) parameters.set(key, String(value))
  return `${path}?${parameters}`
}

const bearer = (token: string | undefined): Record<string, string> =>
  token ? { authorization: `Bearer ${token}` } : {}

/** The refusal in an answer that is none of what was asked for. */
function refusalIn(text: string): Refused {
  try {
    const problem = JSON.parse(text) as Problem
    if (typeof problem.code === 'string') return new Refused(problem)
  } catch {
    // Something else answers at that address.
  }
  return new Refused(problemOf('service-unreachable'))
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Writes what arrives; half a file is none. @throws Refused `input-unreadable` where the file cannot be written */
async function writeTo(file: string, content: Readable): Promise<{ file: string; bytes: number }> {
  try {
    await pipeline(content, createWriteStream(file))
    return { file, bytes: statSync(file).size }
  } catch (error) {
    rmSync(file, { force: true })
    if ((error as { syscall?: unknown }).syscall === 'open')
      throw new Refused(problemOf('input-unreadable'), exitCodes.usage)
    throw error
  }
}

/** Puts the answer of a route into a file. @throws Refused */
export async function download(
  context: CommandContext,
  path: string,
  query: ClientRequest['query'],
  file: string,
): Promise<{ file: string; bytes: number }> {
  const url = withQuery(path, query)
  if (context.options.url) {
    const response = await fetch(new URL(url, context.options.url), { headers: bearer(context.token) }).catch(() => {
      throw new Refused(problemOf('service-unreachable'))
    })
    if (!response.ok || !response.body) throw refusalIn(await response.text())
    return writeTo(file, Readable.fromWeb(response.body as never))
  }
  const service = await openLocal(context, 'read')
  const app = await buildApp({ service, listening: false })
  try {
    const response = await app.inject({ method: 'GET', url, headers: bearer(context.token), payloadAsStream: true })
    if (response.statusCode >= 400) throw refusalIn(await textOf(response.stream()))
    return await writeTo(file, response.stream())
  } finally {
    await app.close()
    await service.close()
  }
}

export interface Upload {
  readonly path: string
  readonly file: string
  readonly fields: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
  /** What to say where there is no such file. */
  readonly missing: 'ledger-missing' | 'input-unreadable'
}

/** Sends a file with fields: to a running service, else into an app on the data directory. @throws Refused `missing`, and what is refused there */
export async function upload(context: CommandContext, request: Upload): Promise<unknown> {
  const form = new FormData()
  for (const [name, value] of Object.entries(request.fields)) form.set(name, value)
  try {
    form.set('file', await openAsBlob(request.file), basename(request.file))
  } catch {
    throw new Refused(problemOf(request.missing))
  }
  const headers = { ...bearer(context.token), ...request.headers }
  const { ok, text } = context.options.url
    ? await send(new URL(request.path, context.options.url), form, headers)
    : await hand(context, request.path, form, headers)
  if (!ok) throw refusalIn(text)
  return JSON.parse(text)
}

type Sent = { readonly ok: boolean; readonly text: string }

async function send(url: URL, body: FormData, headers: Record<string, string>): Promise<Sent> {
  try {
    const response = await fetch(url, { method: 'POST', headers, body, signal: AbortSignal.timeout(UPLOAD_MS) })
    return { ok: response.ok, text: await response.text() }
  } catch {
    throw new Refused(problemOf('service-unreachable'))
  }
}

async function hand(context: CommandContext, url: string, form: FormData, more: Record<string, string>): Promise<Sent> {
  const service = await openLocal(context, 'write')
  const app = await buildApp({ service, listening: false })
  try {
    // Encodes the form as it would go over the wire.
    const encoded = new Response(form)
    const headers = { ...more, 'content-type': encoded.headers.get('content-type')! }
    const payload = Buffer.from(await encoded.arrayBuffer())
    const { statusCode, body } = await app.inject({ method: 'POST', url, headers, payload })
    return { ok: statusCode < 400, text: body }
  } finally {
    await app.close()
    await service.close()
  }
}

/** Where a list or register goes as a file. */
export interface FileOptions {
  readonly csv?: string | undefined
  readonly xlsx?: string | undefined
  readonly html?: string | undefined
}

/** Writes the answer of a route as the file asked for; false where none was. @throws Refused */
export async function toFile(
  context: CommandContext,
  path: string,
  query: ClientRequest['query'],
  { csv, xlsx, html }: FileOptions,
): Promise<boolean> {
  const wanted = Object.entries({ csv, xlsx, html }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  )
  if (wanted.length > 1) throw new Refused(problemOf('wrong-usage'), exitCodes.usage)
  const [one] = wanted
  if (!one) return false
  const [format, file] = one
  const written = await download(context, path, { ...query, format }, file)
  context.output.result(written, () => `${written.file}：${written.bytes} 字节`)
  return true
}
