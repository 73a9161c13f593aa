import t from 'tap'
import { Group, Recent } from '../../../src/trust/vault/group.ts'

t.test('a failed batch fails its own callers only, and the next one runs', async (t) => {
  const batches: number[][] = []
  const group = new Group<number, string>(async (items) => {
    batches.push([...items])
    if (items.includes(1)) throw new Error('full')
    return `batch of ${items.length}`
  })
  const first = [group.submit([1]), group.submit([2, 3])]
  const outcomes = Promise.allSettled(first)
  t.strictSame(
    (await outcomes).map((outcome) => outcome.status),
    ['rejected', 'rejected'],
  )
  t.equal(await group.submit([4]), 'batch of 1')
  t.strictSame(batches, [[1, 2, 3], [4]])
})

t.test('batches never overlap', async (t) => {
  let running = 0
  let most = 0
  const group = new Group<number, void>(async () => {
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    running--
  })
  const all: Promise<void>[] = []
  for (let turn = 0; turn < 10; turn++) {
    all.push(group.submit([turn]), group.submit([turn]))
    await new Promise(setImmediate)
  }
  await group.idle()
  await Promise.all(all)
  t.equal(most, 1)
})

t.test('the values used last are kept, and no more than asked', async (t) => {
  const recent = new Recent<number>(2)
  recent.set('a', 1)
  recent.set('b', 2)
  t.equal(recent.get('a'), 1)
  recent.set('c', 3)
  t.equal(recent.get('b'), undefined)
  t.strictSame([recent.get('a'), recent.get('c'), recent.size], [1, 3, 2])
  recent.set('a', 9)
  t.strictSame([recent.get('a'), recent.size], [9, 2])
})
