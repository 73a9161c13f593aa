/** Registers as printable A4 pages: plain HTML, no script, every text escaped. */
import { printedTime } from '../commands/lists.ts'
import { type Register, registerFileColumns, registerRows } from '../commands/registers/index.ts'
import { registerTimes, registerWords } from '../domain/catalogue/registers.ts'
import { escapeHtml } from './page.ts'

const escaped = (text: unknown): string => escapeHtml(typeof text === 'number' ? text : String(text ?? ''))

const STYLE = `
@page { size: A4 landscape; margin: 12mm }
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 273mm; font: 10.5pt/1.5 "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", sans-serif; color: #000 }
h1 { margin: 0 0 2mm; font-size: 16pt; text-align: center }
.bounds, .summary, .readers { margin: 0 0 2mm }
.bounds span, .summary span { margin-right: 6mm }
table { width: 100%; border-collapse: collapse; table-layout: auto }
thead { display: table-header-group }
tr { break-inside: avoid }
th, td { border: 0.3mm solid #000; padding: 0.8mm 1.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee; print-color-adjust: exact }
td.number { text-align: right; white-space: nowrap }
td.time { min-width: 22mm }
.readers { margin-top: 4mm; display: flex; gap: 20mm }
@media screen { body { padding: 8mm } }`

/** The page of a register. */
export function registerPage(register: Register): string {
  const columns = registerFileColumns(register.register)
  const { from, until, asOf, effectiveAt, organisation, summary, readers } = register
  const facts = [
    ...(organisation ? [organisation.name] : []),
    from === until ? `${registerWords.onDay} ${until}` : `${registerWords.period} ${from ?? ''}—${until}`,
    `${registerWords.knownUpTo} ${asOf}`,
    `${registerWords.happenedUpTo} ${printedTime(effectiveAt)}`,
    register.rule,
  ]
  const spans = (texts: readonly string[]) => texts.map((text) => `<span>${escaped(text)}</span>`).join('')
  const times: readonly string[] = registerTimes[register.register]
  const cell = (name: string, value: unknown) =>
    typeof value === 'number'
      ? `<td class="number">${value}</td>`
      : `<td${times.includes(name) ? ' class="time"' : ''}>${escaped(value)}</td>`
  const lines = [...registerRows(register, printedTime)].map(
    (row) => `<tr>${columns.map(({ name }) => cell(name, row[name])).join('')}</tr>`,
  )
  const empty = `<tr><td colspan="${columns.length}">${escaped(registerWords.empty)}</td></tr>`
  return `<!doctype html>
<html lang="zh-CN">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(register.title)} ${escaped(until)}</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(register.title)}</h1>
<p class="bounds">${spans(facts)}</p>
<p class="summary">${spans([...summary.map(({ title, count }) => `${title} ${count}`), `${registerWords.total} ${register.total}`])}</p>
<table><thead><tr>${columns.map(({ header }) => `<th scope="col">${escaped(header)}</th>`).join('')}</tr></thead>
<tbody>${lines.join('\n') || empty}</tbody></table>
${readers ? `<div class="readers">${readers.map(({ title, reviewedAt }) => `<div>${escaped(title)} ${escaped(registerWords.readers)}：${escaped(reviewedAt === null ? registerWords.unread : printedTime(reviewedAt))}</div>`).join('')}</div>` : ''}
</body>
</html>
`
}
