/** A process of its own for the tests that need one: `child.ts <what> <directory>`; one JSON line on stdout per answer. */
import { writeSync } from 'node:fs'
import { setTimeout as after } from 'node:timers/promises'
import { StoreError } from '../../../src/store/port.ts'
import { type Embedded, openEmbeddedReader, openEmbeddedStore } from '../../../src/store/sqlite/index.ts'

const [what, directory] = process.argv.slice(2) as [string, string]
/** Written at once and whole, so that a kill cannot take an answer back. */
const say = (answer: unknown): void => {
  writeSync(1, `${JSON.stringify(answer)}\n`)
}
const codeOf = (error: unknown): string => (error instanceof StoreError ? error.code : String(error))

/** Content of a few KiB, so that automatic checkpoints fall into the run. */
const bytesOf = (id: string): Uint8Array => Buffer.from(JSON.stringify({ id, filler: '督'.repeat(900) }))

/** The ids follow from the place, as a retried command's do. */
const idAt = (stream: string, revision: number): string => `${stream}@${revision}`

/**
 * Appends to its stream for ever, from one event before the end: that one is repeated, as after a lost answer. Each
 * acknowledged append holds one to three events, all of which it tells.
 */
async function write({ store }: Embedded, stream: string): Promise<void> {
  let { lastRevision: last } = await store.readStream(stream)
  if (last >= 0) last--
  for (let size = 1; ; size = (size % 3) + 1) {
    const ids = Array.from({ length: size }, (_, place) => idAt(stream, last + 1 + place))
    const events = ids.map((id) => ({ id, type: 'Loaded', bytes: bytesOf(id) }))
    const result = await store.append(stream, events, last < 0 ? 'no_stream' : last)
    if (result.ok) {
      say({ stream, ids, revision: result.revision, index: result.index })
      last = result.revision
    } else last = (result.actual as number) - 1
  }
}

switch (what) {
  // Owns the directory until it is killed.
  case 'own':
    try {
      openEmbeddedStore(directory)
      say('owned')
      await after(600_000)
    } catch (error) {
      say(codeOf(error))
    }
    break
  case 'read': {
    const { log, close } = openEmbeddedReader(directory)
    say(log.size())
    await close()
    break
  }
  case 'load': {
    const embedded = openEmbeddedStore(directory)
    await Promise.all(Array.from({ length: 16 }, (_, writer) => write(embedded, `load-${writer}`)))
    break
  }
  // Under a file size limit, which fails a write in the middle of a commit: an I/O error.
  case 'until-error': {
    const { store, log } = openEmbeddedStore(directory)
    for (let revision = 0; ; revision++) {
      const id = idAt('load-0', revision)
      const event = { id, type: 'Loaded', bytes: bytesOf(id) }
      try {
        await store.append('load-0', [event], revision === 0 ? 'no_stream' : revision - 1)
      } catch (error) {
        const [other, again] = await Promise.allSettled([
          store.append('load-1', [event], 'no_stream'),
          store.append('load-0', [event], revision === 0 ? 'no_stream' : revision - 1),
        ])
        const then = [other, again].map((outcome) =>
          outcome.status === 'rejected' ? codeOf(outcome.reason) : 'appended',
        )
        const { lastRevision } = await store.readStream('load-0')
        say({ code: codeOf(error), acknowledged: revision, then, lastRevision, size: log.size() })
        process.exit(0)
      }
    }
  }
}
