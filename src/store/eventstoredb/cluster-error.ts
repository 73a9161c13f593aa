/** What a start stops with, apart from the client's own errors: naming an error needs no client to be loaded. */
import type { clusterErrors } from '../../domain/catalogue/cluster.ts'

export type ClusterErrorCode = keyof typeof clusterErrors

/** Something is wrong with the cluster, its address or the mirror; the code names it. Never holds a password. */
export class ClusterError extends Error {
  readonly code: ClusterErrorCode
  constructor(code: ClusterErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'ClusterError'
    this.code = code
  }
}
