/** What the terminal prints: one JSON document, or tables for people; progress and messages on standard error. */
import Table from 'cli-table3'
import stringWidth from 'string-width'
import type { Problem } from '../http/problem.ts'

export { printedTime as shownTime } from '../commands/lists.ts'

export interface Output {
  /** The result: as JSON where asked, else by the given function. */
  result(value: unknown, forPeople: () => string): void
  problem(problem: Problem): void
  /** A line of progress or explanation, on standard error. */
  note(text: string): void
  readonly json: boolean
}

export function createOutput(json: boolean): Output {
  return {
    json,
    result(value, forPeople) {
      process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${forPeople()}\n`)
    },
    problem(problem) {
      if (json) process.stdout.write(`${JSON.stringify(problem)}\n`)
      const fields = problem.errors?.map((error) => `\n  ${error.pointer} ${error.detail}`).join('') ?? ''
      const more = Object.entries(problem.parameters ?? {}).map(([name, value]) => `\n  ${name}: ${value}`)
      const rule = problem.rule ? `（依据：${problem.rule}）` : ''
      process.stderr.write(`${problem.title}${rule}。${problem.detail} [${problem.code}]${fields}${more.join('')}\n`)
    },
    note(text) {
      process.stderr.write(`${text}\n`)
    },
  }
}

/** A table whose columns line up with Chinese text. */
export function table(
  head: readonly string[],
  rows: readonly (readonly (string | number | null | undefined)[])[],
): string {
  const view = new Table({ head: [...head], style: { head: [], border: [] } })
  for (const row of rows) view.push(row.map((cell) => (cell === null || cell === undefined ? '' : String(cell))))
  return view.toString()
}

/** Pads by what a terminal shows, not by characters. */
export const pad = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - stringWidth(text)))
