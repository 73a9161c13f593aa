/** Generates docs/errors.md from the one error table; with `--check` (the default in CI) refuses a page that differs. */
import { readFileSync, writeFileSync } from 'node:fs'
import { errors } from '../src/domain/catalogue/errors.ts'

const page = `# Errors

Generated from \`src/domain/catalogue\` by \`npm run check:docs -- --write\`. Over HTTP each is an \`application/problem+json\` document whose \`type\`
(\`/errors/<code>\`) resolves to this text; on the terminal the same document is printed and the exit code is 1, or 2 for wrong usage.

| code | status | 标题 | 怎么办 |
|---|---|---|---|
${Object.entries(errors)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([code, row]) => `| \`${code}\` | ${row.status} | ${row.title} | ${row.help} |`)
  .join('\n')}
`
const path = 'docs/errors.md'
if (process.argv.includes('--write')) {
  writeFileSync(path, page)
  console.log(`${path}: ${Object.keys(errors).length} codes written`)
} else {
  let stored = ''
  try {
    stored = readFileSync(path, 'utf8')
  } catch {}
  if (stored !== page) {
    console.error(`${path} differs from the code: npm run check:docs -- --write`)
    process.exit(1)
  }
  console.log(`${path}: ${Object.keys(errors).length} codes as in the code`)
}
