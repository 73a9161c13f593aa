/**
 * The test command: all of `test/**`, or the files named. Builds tap's own runner first (its plugin set is chosen in
 * .taprc), then runs, then prints one plain line with the real figures.
 */
import { spawn, spawnSync } from 'node:child_process'

const tap = 'node_modules/.bin/tap'
const built = spawnSync(tap, ['build'], { stdio: ['ignore', 'ignore', 'inherit'] })
if (built.status !== 0) process.exit(built.status ?? 1)

const child = spawn(tap, ['run', '--reporter=tap', ...process.argv.slice(2)], { stdio: ['ignore', 'pipe', 'inherit'] })
let rest = ''
let passed = 0
let failed = 0
let skipped = 0
let current: string[] = []

/** Counts every leaf assertion of the TAP stream, prints file lines as they end and the whole block of a failing file. */
function line(text: string): void {
  const point = /^(\s*)(not )?ok\b(.*)$/.exec(text)
  if (!point) {
    current.push(text)
    return
  }
  const [, indent, bad, tail] = point
  if (indent === '') {
    const name = tail!.replace(/^ \d+ - /, '').replace(/ \{$/, '')
    console.log(`${bad ? 'FAILED' : 'ok    '} ${name}`)
    if (bad) console.log(current.join('\n'))
    current = []
    if (bad) failed++
    return
  }
  current.push(text)
  if (/# (SKIP|TODO)/i.test(tail!)) {
    skipped++
    console.log(`SKIPPED ${tail!.trim()}`)
  } else if (!bad && !/ \{$/.test(text)) passed++
}

child.stdout.setEncoding('utf8')
child.stdout.on('data', (chunk: string) => {
  const lines = (rest + chunk).split('\n')
  rest = lines.pop()!
  for (const each of lines) line(each)
})
child.on('close', (code) => {
  if (rest) line(rest)
  if (code !== 0 && failed === 0) failed = 1
  if (passed === 0) failed++
  console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
  process.exit(failed > 0 ? 1 : 0)
})
