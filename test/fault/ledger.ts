/** A ledger for the tests of imports that break: each row is one append of several events, with sealed texts. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROWS = 30

export const mapping = {
  organisation: { code: 'fault-ledger', name: '测试台账' },
  source: 'fault-ledger',
  key: ['编号'],
  milestones: { received: { column: '收到' }, closed: { column: '办结' } },
  fields: { 内容: { column: '内容', read: 'narrative' }, 类别: { column: '类别', read: 'plain' } },
  person: { name: { column: '姓名' }, phone: { column: '电话' } },
}

/** Writes the ledger. @returns its path */
export function writeLedger(directory: string): string {
  const path = join(directory, 'ledger.csv')
  const rows = Array.from(
    { length: ROWS },
    (_, row) =>
      `F-${row},2025-01-0${(row % 9) + 1} 09:00,2025-02-0${(row % 9) + 1} 17:00,第${row}件之内容,收费,某人${row},1390000${1000 + row}`,
  )
  writeFileSync(path, `编号,收到,办结,内容,类别,姓名,电话\n${rows.join('\n')}\n`)
  return path
}
