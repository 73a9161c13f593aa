/** Read: one stream, `$all`, and subscriptions to `$all` with a filter on the server. */
import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js'
import { status } from '@grpc/grpc-js'
import type { Committed } from './ledger.ts'
import type { DoubleNode } from './node.ts'
import { accessDenied, failure, shared, streams, textOf } from './protocol.ts'

type ReadReq = InstanceType<typeof streams.ReadReq>
type ReadResp = InstanceType<typeof streams.ReadResp>
type Call = ServerWritableStream<ReadReq, ReadResp>
type Options = InstanceType<typeof streams.ReadReq.Options>

/** .NET counts ticks of 100 ns; the generated metadata has them since 1970. */
const TICKS_PER_MS = 10_000n
const BACKWARDS = 1
/** A server says how far it has searched after so many events that did not match, times the client's multiplier. */
const SEARCH_WINDOW = 32

function eventResponse(committed: Committed): ReadResp {
  const recorded = new streams.ReadResp.ReadEvent.RecordedEvent()
  const id = new shared.UUID()
  id.setString(committed.id)
  recorded.setId(id)
  const stream = new shared.StreamIdentifier()
  stream.setStreamName(Buffer.from(committed.stream))
  recorded.setStreamIdentifier(stream)
  recorded.setStreamRevision(String(committed.revision))
  recorded.setCommitPosition(String(committed.position))
  recorded.setPreparePosition(String(committed.position))
  recorded.getMetadataMap().set('type', committed.type)
  recorded.getMetadataMap().set('content-type', committed.contentType)
  recorded.getMetadataMap().set('created', String(BigInt(committed.createdMs) * TICKS_PER_MS))
  recorded.setData(committed.data)
  const event = new streams.ReadResp.ReadEvent()
  event.setEvent(recorded)
  event.setCommitPosition(String(committed.position))
  return new streams.ReadResp().setEvent(event)
}

function checkpointResponse(position: bigint): ReadResp {
  const checkpoint = new streams.ReadResp.Checkpoint()
  checkpoint.setCommitPosition(String(position))
  checkpoint.setPreparePosition(String(position))
  return new streams.ReadResp().setCheckpoint(checkpoint)
}

/** Writes as fast as the reader reads. @returns false once the call is over */
async function send(call: Call, response: ReadResp): Promise<boolean> {
  if (call.cancelled || call.destroyed) return false
  if (call.write(response)) return true
  await new Promise<void>((resolve) => {
    const settle = () => {
      for (const name of ['drain', 'close', 'cancelled', 'error']) call.off(name, settle)
      resolve()
    }
    for (const name of ['drain', 'close', 'cancelled', 'error']) call.on(name, settle)
  })
  return !call.cancelled && !call.destroyed
}

const inOrder = (events: readonly Committed[], backwards: boolean) => (backwards ? events.toReversed() : events)

function eventsOfStream(node: DoubleNode, options: Options): readonly Committed[] | undefined {
  const from = options.getStream()!
  const events = node.ledger.stream(textOf(from.getStreamIdentifier()?.getStreamName() ?? ''))
  if (!events) return undefined
  const backwards = options.getReadDirection() === BACKWARDS
  const revision = from.hasRevision() ? Number(from.getRevision()) : undefined
  const found = backwards
    ? events.slice(0, from.hasEnd() ? events.length : (revision ?? -1) + 1)
    : events.slice(from.hasEnd() ? events.length : (revision ?? 0))
  return inOrder(found, backwards).slice(0, Number(options.getCount()))
}

/** `$all` from a position: the event at that position included, in both directions as a server does. */
function eventsOfAll({ ledger }: DoubleNode, options: Options): readonly Committed[] {
  const from = options.getAll()!
  const backwards = options.getReadDirection() === BACKWARDS
  const position = from.hasPosition() ? BigInt(from.getPosition()!.getCommitPosition()) : undefined
  const start = position === undefined ? (from.hasEnd() ? ledger.all.length : 0) : ledger.at(position)
  const count = Number(options.getCount())
  if (!backwards) return ledger.all.slice(start, start + count)
  return ledger.all.slice(Math.max(0, start - count), start).toReversed()
}

function filterOf(options: Options): (event: Committed) => boolean {
  if (!options.hasFilter()) return () => true
  const filter = options.getFilter()!
  const onType = filter.hasEventType()
  const expression = onType ? filter.getEventType() : filter.getStreamIdentifier()
  const prefixes = expression?.getPrefixList() ?? []
  const regex = expression?.getRegex() ? new RegExp(expression.getRegex()) : undefined
  return (event) => {
    const text = onType ? event.type : event.stream
    return regex ? regex.test(text) : prefixes.some((prefix) => text.startsWith(prefix))
  }
}

async function subscribe(node: DoubleNode, call: Call, options: Options): Promise<void> {
  const { ledger, cues } = node
  const from = options.getAll()!
  const matches = filterOf(options)
  const window = SEARCH_WINDOW * (options.getFilter()?.getCheckpointintervalmultiplier() || 1)
  // Exclusive: a subscription from a position starts after it.
  let next = from.hasPosition()
    ? ledger.at(BigInt(from.getPosition()!.getCommitPosition()) + 1n)
    : from.hasEnd()
      ? ledger.all.length
      : 0
  const confirmation = new streams.ReadResp.SubscriptionConfirmation()
  confirmation.setSubscriptionId(crypto.randomUUID())
  if (!(await send(call, new streams.ReadResp().setConfirmation(confirmation)))) return
  let [delivered, searched, live] = [0, 0, false]
  while (!call.cancelled && !call.destroyed) {
    if (cues.silent || cues.mute || next >= ledger.all.length) {
      if (!live && !cues.silent && !cues.mute) {
        live = true
        if (!(await send(call, new streams.ReadResp().setCaughtUp(new streams.ReadResp.CaughtUp())))) return
        continue
      }
      await node.change(call)
      continue
    }
    if (cues.unreadAtMost !== undefined && ledger.all.length - next > cues.unreadAtMost && live) {
      call.emit('error', failure(status.ABORTED, 'Operation timed out: the reader is too slow'))
      return
    }
    const event = ledger.all[next++]!
    if (!matches(event)) {
      if (++searched % window === 0 && !(await send(call, checkpointResponse(event.position)))) return
      continue
    }
    searched = 0
    if (!(await send(call, eventResponse(event)))) return
    if (++delivered === cues.endSubscriptionAfter) {
      call.emit('error', failure(status.UNAVAILABLE, 'Server is going away'))
      return
    }
  }
}

export const readHandler =
  (node: DoubleNode): handleServerStreamingCall<ReadReq, ReadResp> =>
  (call: Call) => {
    node.calls.read++
    call.on('error', () => {})
    if (node.cues.mute) return
    const options = call.request.getOptions()!
    const refusal =
      node.refuseUnlessLeader(call.metadata) ?? (options.hasAll() && node.cues.denied ? accessDenied() : undefined)
    if (refusal) return void call.emit('error', refusal)
    if (options.hasSubscription()) {
      node.calls.subscribe++
      node.subscribers++
      return void subscribe(node, call, options).finally(() => node.subscribers--)
    }
    void (async () => {
      const events = options.hasStream() ? eventsOfStream(node, options) : eventsOfAll(node, options)
      if (!events) {
        const missing = new streams.ReadResp.StreamNotFound()
        missing.setStreamIdentifier(options.getStream()?.getStreamIdentifier())
        await send(call, new streams.ReadResp().setStreamNotFound(missing))
      } else for (const event of events) if (!(await send(call, eventResponse(event)))) return
      call.end()
    })()
  }
