/** docs/contract.md and the suite say the same. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { logCases, storeCases } from './suite.ts'

t.test('every numbered sentence of docs/contract.md is a test of that name, in the same order', async (t) => {
  const page = readFileSync(new URL('../../docs/contract.md', import.meta.url), 'utf8')
  const numbered = page.split('\n').flatMap((line) => /^(\d+)\. (.+)$/.exec(line)?.slice(1, 3) ?? [])
  const sentences = numbered.filter((_, place) => place % 2 === 1)
  t.same(
    sentences,
    [...storeCases, ...logCases].map(({ sentence }) => sentence),
  )
  t.same(
    numbered.filter((_, place) => place % 2 === 0),
    sentences.map((_, place) => String(place + 1)),
  )
})
