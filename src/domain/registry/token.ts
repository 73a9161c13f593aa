/**
 * Bearer tokens `dbn.<person>.<token>.<secret>`: shown once, kept as the lower-case hex SHA-256 of the secret. The secret is 256 random
 * bits, so a plain hash of it cannot be guessed; making and hashing it happens outside the domain.
 */
import { z } from 'zod'
import type { CivilDate } from '../time.ts'
import { id } from './fields.ts'

const PREFIX = 'dbn'
/** 32 bytes as base64url without padding. */
const SECRET = /^[A-Za-z0-9_-]{43}$/

/** A token's parts as its bearer shows them. */
export interface TokenText {
  readonly person: string
  readonly token: string
  readonly secret: string
}

/** SHA-256 of the secret, lower-case hex. */
export const tokenHash = z.string().regex(/^[0-9a-f]{64}$/)

/** The text handed to the bearer, once. */
export const formatToken = ({ person, token, secret }: TokenText): string => [PREFIX, person, token, secret].join('.')

/** The parts of a token text; undefined where it is none. */
export function parseToken(text: string): TokenText | undefined {
  const [prefix, person, token, secret, ...more] = text.split('.')
  if (prefix !== PREFIX || more.length > 0 || !person || !token || !secret) return undefined
  if (!id.safeParse(person).success || !id.safeParse(token).success || !SECRET.test(secret)) return undefined
  return { person, token, secret }
}

/** A token as the registry keeps it. */
export interface KeptToken {
  readonly token: string
  readonly hash: string
  /** Last day it is good for, Asia/Shanghai; without one it is good until revoked. */
  readonly expiresOn?: CivilDate
  readonly revoked: boolean
}

/** Whether a kept token is good on a day. */
export const isTokenGood = (token: KeptToken, today: CivilDate): boolean =>
  !token.revoked && (token.expiresOn === undefined || today <= token.expiresOn)
