/** The client's own generated protocol definitions, and the errors of a server as they cross the wire. */
import { createRequire } from 'node:module'
import gossipGrpc from '@eventstore/db-client/generated/gossip_grpc_pb.js'
import gossip from '@eventstore/db-client/generated/gossip_pb.js'
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import rpcStatus from '@eventstore/db-client/generated/status_pb.js'
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { Metadata, type StatusObject, status } from '@grpc/grpc-js'

export { features, featuresGrpc, gossip, gossipGrpc, rpcStatus, shared, streams, streamsGrpc }

/** A message packed with its type's name, as errors of BatchAppend carry it. */
interface AnyMessage {
  pack(bytes: Uint8Array, name: string): void
}
// google-protobuf belongs to the client, not to this project: it is found from there.
const fromClient = createRequire(createRequire(import.meta.url).resolve('@eventstore/db-client'))
const { Any } = fromClient('google-protobuf/google/protobuf/any_pb.js') as { Any: new () => AnyMessage }
const { Empty } = fromClient('google-protobuf/google/protobuf/empty_pb.js') as { Empty: new () => never }

/** google.protobuf.Empty. */
export const emptyMessage = (): never => new Empty()

/** The error of one append inside a BatchAppend stream. */
export function batchError(
  text: string,
  name: string,
  message: { serializeBinary(): Uint8Array },
): InstanceType<typeof rpcStatus.Status> {
  const any = new Any()
  any.pack(message.serializeBinary(), `event_store.client.${name}`)
  const error = new rpcStatus.Status()
  error.setMessage(text)
  error.setDetails(any as never)
  return error
}

/** An error as a server sends it: a gRPC status whose trailers name the exception. */
export function failure(
  code: status,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
): Partial<StatusObject> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return { code, details, metadata }
}

export const notLeader = (address: string, port: number): Partial<StatusObject> =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': address,
    'leader-endpoint-port': String(port),
  })

export const noLeader = (): Partial<StatusObject> => failure(status.UNKNOWN, 'No leader info available in response')

export const accessDenied = (): Partial<StatusObject> =>
  failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' })

export const tooLarge = (limit: number): Partial<StatusObject> =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  })

/** The bytes or base64 of a protobuf `bytes` field as text. */
export const textOf = (bytes: Uint8Array | string): string =>
  (typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : Buffer.from(bytes)).toString('utf8')
