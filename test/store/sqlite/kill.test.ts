import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { openEmbeddedStore } from '../../../src/store/sqlite/index.ts'
import { startChild } from './children.ts'

interface Acknowledged {
  readonly stream: string
  readonly ids: readonly string[]
  readonly revision: number
  readonly index: number
}

const ROUNDS = 22

t.test(`after kill -9 under load every acknowledged event is there, once (${ROUNDS} rounds)`, async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-kill-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const acknowledged: Acknowledged[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const child = startChild('load', directory)
    // From the first acknowledgement on to long after the first checkpoint.
    const enough = acknowledged.length + 1 + ((round * 83) % 450)
    let killed: Promise<void> | undefined
    for (let next = await child.answers.next(); !next.done; next = await child.answers.next()) {
      acknowledged.push(next.value as Acknowledged)
      if (acknowledged.length >= enough) killed ??= child.kill()
    }
    await killed
    if (!killed) t.fail('the child ended by itself')

    const { log, store, close } = openEmbeddedStore(directory)
    const all = log.read(0, Number.MAX_SAFE_INTEGER)
    t.same(
      all.map(({ index }) => index),
      Array.from({ length: log.size() }, (_, index) => index),
      'indexes without gaps',
    )
    t.equal(new Set(all.map(({ id }) => id)).size, all.length, 'every event once')
    const places = new Map(all.map((event) => [event.id, event]))
    let lost = 0
    for (const { stream, ids, revision, index } of acknowledged) {
      for (const [place, id] of ids.entries()) {
        const event = places.get(id)
        const before = ids.length - 1 - place
        if (event?.stream !== stream || event.revision !== revision - before || event.index !== index - before) lost++
        else if (JSON.parse(Buffer.from(event.bytes).toString()).id !== id) lost++
      }
    }
    t.equal(lost, 0, `acknowledged events of ${acknowledged.length} appends that are not as told, round ${round}`)
    for (let writer = 0; writer < 16; writer++) {
      const slice = await store.readStream(`load-${writer}`)
      t.same(
        slice.events.map(({ revision }) => revision),
        Array.from(slice.events, (_, revision) => revision),
      )
    }
    await close()
  }
})
