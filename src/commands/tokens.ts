/** Bearer tokens: made once, kept as hashes in the log, and told who they stand for. */
import { createHash, randomBytes } from 'node:crypto'
import { v4 } from 'uuid'
import type { Principal } from '../domain/access.ts'
import { formatToken, isTokenGood, parseToken } from '../domain/registry/token.ts'
import { dateOfMs } from '../domain/time.ts'
import type { Directory } from '../projections/directory.ts'

/** A token as it is made: its text is shown once, its hash is recorded. */
export interface NewToken {
  readonly token: string
  readonly hash: string
  readonly text: string
}

export function tokensOf({ people, now }: { readonly people: Directory; readonly now: () => number }) {
  return {
    authenticate(text: string): Principal | undefined {
      const parts = parseToken(text)
      const kept = parts && people.findToken(parts.person, parts.token)
      if (!kept || kept.hash !== sha256(parts.secret) || !isTokenGood(kept, dateOfMs(now()))) return undefined
      return people.principal(parts.person)
    },
    newToken(person: string): NewToken {
      const token = v4()
      const secret = randomBytes(32).toString('base64url')
      return { token, hash: sha256(secret), text: formatToken({ person, token, secret }) }
    },
  }
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
