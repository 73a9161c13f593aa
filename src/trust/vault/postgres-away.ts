/** Whether PostgreSQL is merely not there, or answers that it cannot be used. */
import { VaultUnavailable } from '../ports.ts'

/** The server is not there, or not yet: what waiting may cure. Everything else wants an operator. */
const AWAY_CODES = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN'],
  // Too many connections; shutting down, crashed, starting up.
  ...['53300', '57P01', '57P02', '57P03'],
])
/** What the client says without a code. */
const AWAY_TEXTS = /timeout|Connection terminated/i

const isAway = (error: unknown): boolean => {
  const { code, message } = error as { code?: string; message: string }
  return code === undefined ? AWAY_TEXTS.test(message) : AWAY_CODES.has(code) || code.startsWith('08')
}

/** What a failure of the vault's database means to who needs the vault. */
export const databaseUnavailable = (error: unknown): VaultUnavailable =>
  new VaultUnavailable(`the vault's database: ${(error as Error).message}`, { cause: error, passing: isAway(error) })
