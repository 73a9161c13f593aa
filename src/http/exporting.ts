/** Lists as files: CSV and XLSX, streamed. */
import type { FastifyReply } from 'fastify'
import { z } from 'zod'
import type { Table } from '../commands/lists.ts'
import type { Answer } from '../commands/reading.ts'
import { writeCsv, writeXlsx } from '../ledger/export.ts'
import { problemOfRefusal, sendProblem } from './problem.ts'

export const formatQuery = z.strictObject({
  format: z.enum(['json', 'csv', 'xlsx']).default('json').describe('csv、xlsx：整个清单的文件，不分页'),
})
export type FileFormat = 'csv' | 'xlsx'

const TYPES = {
  csv: 'text/csv; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
} as const satisfies Readonly<Record<FileFormat, string>>

/** The files that a list's route answers besides JSON, for the description of the interface. */
export const listFiles = { types: Object.values(TYPES), orJson: true } as const

/**
 * Sends a table as a file.
 * @param name Chinese name of the file, without its ending
 * @param now milliseconds since 1970
 */
export function sendTable(
  reply: FastifyReply,
  format: FileFormat,
  name: string,
  now: number,
  found: Answer<Table>,
): FastifyReply {
  if (!found.ok) return sendProblem(reply, problemOfRefusal(found.refusal))
  const { columns, rows } = found.value
  const file =
    format === 'csv' ? writeCsv(rows, columns) : writeXlsx(rows, columns, { sheet: name, created: new Date(now) })
  return reply
    .type(TYPES[format])
    .header(
      'content-disposition',
      `attachment; filename="list.${format}"; filename*=UTF-8''${encodeURIComponent(`${name}.${format}`)}`,
    )
    .send(file)
}
