/** What must hold of both places of a move, whenever it was broken off and when it is over. */

import type { Service } from '../../src/service.ts'
import { type Installation, refusalOf } from '../../src/store/installation.ts'
import { openEmbeddedReader } from '../../src/store/sqlite/index.ts'
import { filesIn, type House, linesOf, namesIn } from '../commands/migrate/support.ts'
import { demand } from './harness.ts'

const names = [
  '投诉人甲乙丙0',
  { erased: true, at: '2026-03-03T01:00:00.000Z', basis: '个人信息保护法 47' },
  { withheld: true },
]

/** What must hold of both marks whenever a move was broken off. */
export function checkMarks(from: Installation, to: Installation, events: number): string {
  demand(refusalOf(from) !== undefined || refusalOf(to) !== undefined || events === 0, 'both places take writes')
  demand(events === 0 || to.arriving !== undefined || to.arrived !== undefined, 'a half-filled place has no mark')
  demand(
    to.arrived === undefined || to.arriving !== undefined || from.moved !== undefined,
    'the target was released first',
  )
  return from.moved ? (to.arriving ? 'marked, not released' : 'over') : to.arriving ? 'begun' : 'not begun'
}

/** Every event of a directory. */
export const linesIn = async (directory: string): Promise<string[]> => {
  const reader = openEmbeddedReader(directory)
  try {
    return linesOf(reader.log)
  } finally {
    await reader.close()
  }
}

/** What was moved is what there was. */
export async function checkMoved(service: Service, house: House, lines: readonly string[]): Promise<void> {
  demand(JSON.stringify(linesOf(service.log)) === JSON.stringify(lines), 'events differ')
  demand(JSON.stringify(await namesIn(service, house)) === JSON.stringify(names), 'sealed fields read otherwise')
  demand((await filesIn(service)).join() === house.file, 'files differ')
}
