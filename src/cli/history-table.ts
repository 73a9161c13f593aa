/** The history of a stream as people read it: who recorded what when, when it happened, what it says and what it changed. */
import { actorTerms } from '../domain/catalogue/lists.ts'
import { roleTerms } from '../domain/catalogue/registry.ts'
import { term } from '../domain/catalogue/terms.ts'
import type { Actor } from '../domain/event.ts'
import { shownTime, table } from './output.ts'

export interface HistoryEvent {
  readonly index: number | null
  readonly recordedAt: string
  readonly effectiveAt: string
  readonly title: string
  readonly rule: string
  readonly actor: Actor
  readonly late: boolean
  readonly data: unknown
  readonly changes: readonly { readonly path: string; readonly from?: unknown; readonly to?: unknown }[]
}

/** Characters of one line, lines of data, and changes of one event, that a table has room for; the JSON has everything. */
const WIDTH = 60
const LINES = 4
const CHANGES = 3

const UUID = /([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const cut = (text: string): string => {
  const short = text.replace(UUID, '$1…')
  return short.length > WIDTH ? `${short.slice(0, WIDTH - 1)}…` : short
}

/** A value of a state or of data in a table; what the reader may not see says so. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null) return '—'
  if (typeof value !== 'object') return String(value)
  if ('withheld' in value) return '〔不可查阅〕'
  if ('erased' in value) return '〔已删除〕'
  if ('unavailable' in value) return '〔暂不可读〕'
  return JSON.stringify(value)
}

/** What an event says, field after field, in lines that fit. */
export function contentText(data: unknown): string {
  if (typeof data !== 'object' || data === null) return ''
  const lines: string[] = []
  for (const [name, value] of Object.entries(data)) {
    const field = cut(`${name} ${valueText(value)}`)
    const last = lines.at(-1)
    if (last !== undefined && last.length + field.length < WIDTH) lines[lines.length - 1] = `${last}，${field}`
    else lines.push(field)
  }
  return (lines.length > LINES ? [...lines.slice(0, LINES - 1), '……（全部见 --json）'] : lines).join('\n')
}

function actorText(actor: Actor, people: ReadonlyMap<string, string>): string {
  if ('reactor' in actor) return `${term(actorTerms, 'reactor')}：${actor.reactor}`
  if (!('person' in actor)) return term(actorTerms, 'operator')
  const name = people.get(actor.person)
  return name === undefined ? term(roleTerms, actor.role) : `${term(roleTerms, actor.role)} ${name}`
}

/** What an event says, and below it the first of what it changed. */
function saysAndChanges({ data, changes }: HistoryEvent): string {
  const lines = [contentText(data)]
  for (const { path, from, to } of changes.slice(0, CHANGES))
    lines.push(cut(`· ${path}：${from === undefined ? '' : `${valueText(from)} → `}${valueText(to)}`))
  if (changes.length > CHANGES) lines.push(`· 等 ${changes.length} 处变化（全部见 --json）`)
  return lines.filter((line) => line !== '').join('\n')
}

/** @param people names by id, as far as the reader may see them */
export const historyTable = (events: readonly HistoryEvent[], people: ReadonlyMap<string, string>): string =>
  table(
    ['序号', '记录时间', '发生时间', '事项', '记录人', '内容与变化', '依据'],
    events.map((event) => [
      event.index,
      shownTime(event.recordedAt),
      `${shownTime(event.effectiveAt)}${event.late ? '\n补录' : ''}`,
      event.title,
      actorText(event.actor, people),
      saysAndChanges(event),
      event.rule,
    ]),
  )
