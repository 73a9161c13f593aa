/**
 * Checks that imports under src/ point one way: domain ← store ← trust, projections, ledger ← commands ← http, demo ← cli; the
 * root (composition, configuration) stands between commands and http.
 * The domain imports nothing but zod and itself.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { init, parse } from 'es-module-lexer'

/** What a layer may import of the others, besides itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  domain: [],
  store: ['domain'],
  trust: ['domain', 'store'],
  projections: ['domain', 'store', 'trust'],
  ledger: ['domain', 'store', 'trust'],
  commands: ['domain', 'store', 'trust', 'projections', 'ledger'],
  http: ['domain', 'store', 'trust', 'projections', 'ledger', 'commands', 'root'],
  demo: ['domain', 'store', 'trust', 'commands', 'root'],
  cli: ['domain', 'store', 'trust', 'projections', 'ledger', 'commands', 'http', 'demo', 'root'],
  root: ['domain', 'store', 'trust', 'projections', 'ledger', 'commands', 'http'],
}
/** Packages the domain may import. */
const domainPackages = new Set(['zod'])

await init
const src = resolve('src')
const problems: string[] = []
let imports = 0

for (const entry of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
  if (!entry.endsWith('.ts')) continue
  const file = join(src, entry)
  const layer = entry.includes('/') ? entry.slice(0, entry.indexOf('/')) : 'root'
  const may = allowed[layer]
  if (!may) {
    problems.push(`${entry}: no layer named ${layer}`)
    continue
  }
  // Type imports count too: a type is knowledge of the other side.
  for (const { specifier: name } of parse(readFileSync(file, 'utf8'))[0]) {
    if (name === undefined || name === null) continue
    imports++
    if (name.startsWith('.')) {
      const target = relative(src, resolve(dirname(file), name))
      const other = target.includes('/') ? target.slice(0, target.indexOf('/')) : 'root'
      if (other !== layer && !may.includes(other))
        problems.push(`${entry} imports ${target}: ${layer} may not import ${other}`)
    } else if (layer === 'domain' && !domainPackages.has(name)) {
      problems.push(`${entry} imports ${name}: the domain imports nothing but zod`)
    }
  }
}

for (const problem of problems) console.error(problem)
console.log(`${imports} imports checked, ${problems.length} against the direction`)
process.exit(problems.length > 0 || imports === 0 ? 1 : 0)
