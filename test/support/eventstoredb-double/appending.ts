/** Append (one call, one append) and BatchAppend (one call, many appends told apart by correlation id). */
import {
  type handleBidiStreamingCall,
  type handleClientStreamingCall,
  type ServerDuplexStream,
  type sendUnaryData,
  status,
} from '@grpc/grpc-js'
import type { Expected, Outcome, Proposed } from './ledger.ts'
import { MAX_APPEND } from './ledger.ts'
import type { DoubleNode } from './node.ts'
import { batchError, emptyMessage, failure, shared, streams, textOf, tooLarge } from './protocol.ts'

type AppendReq = InstanceType<typeof streams.AppendReq>
type AppendResp = InstanceType<typeof streams.AppendResp>
type BatchReq = InstanceType<typeof streams.BatchAppendReq>
type BatchResp = InstanceType<typeof streams.BatchAppendResp>

const proposedOf = (
  message:
    | InstanceType<typeof streams.AppendReq.ProposedMessage>
    | InstanceType<typeof streams.BatchAppendReq.ProposedMessage>,
): Proposed => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: Uint8Array.from(message.getData_asU8()),
})

function appendResponse(outcome: Exclude<Outcome, { kind: 'too-large' }>, expected: Expected): AppendResp {
  const response = new streams.AppendResp()
  if (outcome.kind === 'success') {
    const position = new streams.AppendResp.Position()
    position.setCommitPosition(String(outcome.position))
    position.setPreparePosition(String(outcome.position))
    const success = new streams.AppendResp.Success()
    success.setCurrentRevision(String(outcome.revision))
    success.setPosition(position)
    return response.setSuccess(success)
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion()
  if (outcome.current === undefined) wrong.setCurrentNoStream(new shared.Empty())
  else wrong.setCurrentRevision(String(outcome.current))
  if (typeof expected === 'number') wrong.setExpectedRevision(String(expected))
  else if (expected === 'no_stream') wrong.setExpectedNoStream(new shared.Empty())
  else wrong.setExpectedAny(new shared.Empty())
  return response.setWrongExpectedVersion(wrong)
}

/** The classic append. */
export const appendHandler =
  (node: DoubleNode): handleClientStreamingCall<AppendReq, AppendResp> =>
  (call, answer: sendUnaryData<AppendResp>) => {
    node.calls.append++
    const requests: AppendReq[] = []
    call.on('data', (request: AppendReq) => requests.push(request))
    call.on('error', () => {})
    call.on('end', () => {
      if (node.cues.mute) return
      const refusal = node.refuseUnlessLeader(call.metadata)
      if (refusal) return answer(refusal)
      const [header, ...messages] = requests
      const options = header?.getOptions()
      const stream = textOf(options?.getStreamIdentifier()?.getStreamName() ?? '')
      const expected: Expected = options?.hasRevision()
        ? Number(options.getRevision())
        : options?.hasNoStream()
          ? 'no_stream'
          : options?.hasStreamExists()
            ? 'stream_exists'
            : 'any'
      const cue = node.cues.nextAppend()
      if (cue === 'break-before-commit') return answer(failure(status.UNAVAILABLE, 'Connection dropped'))
      if (cue === 'unknown') return answer(failure(status.UNKNOWN, 'Exception was thrown by handler.'))
      const events = messages.map((message) => proposedOf(message.getProposedMessage()!))
      const outcome = node.ledger.append(stream, events, expected)
      if (outcome.kind === 'too-large') return answer(tooLarge(MAX_APPEND))
      if (cue === 'lose-answer') return
      if (cue === 'break-after-commit') return answer(failure(status.UNAVAILABLE, 'Connection dropped'))
      if (cue === 'timeout-after-commit') return answer(failure(status.ABORTED, 'Operation timed out'))
      answer(null, appendResponse(outcome, expected))
    })
  }

interface Batch {
  readonly options: InstanceType<typeof streams.BatchAppendReq.Options>
  readonly events: Proposed[]
}

function batchResponse(correlation: string, { options }: Batch, outcome: Outcome): BatchResp {
  const response = new streams.BatchAppendResp()
  const id = new shared.UUID()
  id.setString(correlation)
  response.setCorrelationId(id)
  response.setStreamIdentifier(options.getStreamIdentifier())
  if (outcome.kind === 'success') {
    const position = new shared.AllStreamPosition()
    position.setCommitPosition(String(outcome.position))
    position.setPreparePosition(String(outcome.position))
    const success = new streams.BatchAppendResp.Success()
    success.setCurrentRevision(String(outcome.revision))
    success.setPosition(position)
    return response.setSuccess(success)
  }
  if (outcome.kind === 'too-large') {
    const message = new shared.MaximumAppendSizeExceeded()
    message.setMaxappendsize(MAX_APPEND)
    return response.setError(batchError('Maximum Append Size Exceeded', 'MaximumAppendSizeExceeded', message))
  }
  const wrong = new shared.WrongExpectedVersion()
  if (outcome.current === undefined) wrong.setCurrentNoStream(emptyMessage())
  else wrong.setCurrentStreamRevision(String(outcome.current))
  if (options.hasStreamPosition()) wrong.setExpectedStreamPosition(options.getStreamPosition())
  else wrong.setExpectedNoStream(emptyMessage())
  return response.setError(batchError('Wrong Expected Version', 'WrongExpectedVersion', wrong))
}

/** The batch append, which our adapter never calls: the bare client's defects are shown with it. */
export const batchHandler =
  (node: DoubleNode): handleBidiStreamingCall<BatchReq, BatchResp> =>
  (call: ServerDuplexStream<BatchReq, BatchResp>) => {
    const batches = new Map<string, Batch>()
    call.on('error', () => {})
    call.on('end', () => call.end())
    call.on('data', (request: BatchReq) => {
      node.calls.batchAppend++
      if (node.cues.mute) return
      const correlation = request.getCorrelationId()?.getString() ?? ''
      const batch = batches.get(correlation) ?? { options: request.getOptions()!, events: [] }
      batches.set(correlation, batch)
      batch.events.push(...request.getProposedMessagesList().map(proposedOf))
      if (!request.getIsFinal()) return
      batches.delete(correlation)
      const cue = node.cues.nextAppend()
      const { options, events } = batch
      const stream = textOf(options.getStreamIdentifier()?.getStreamName() ?? '')
      const expected: Expected = options.hasStreamPosition()
        ? Number(options.getStreamPosition())
        : options.hasNoStream()
          ? 'no_stream'
          : 'any'
      const outcome = node.ledger.append(stream, events, expected)
      if (cue === 'lose-answer') return
      call.write(batchResponse(correlation, batch, outcome))
      if (cue === 'answer-twice') call.write(batchResponse(correlation, batch, outcome))
      if (cue === 'answer-strangely') call.write(batchResponse(crypto.randomUUID(), batch, outcome))
    })
  }
