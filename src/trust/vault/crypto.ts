/**
 * The vault's cryptography, without any storage: wrapping of keys, sealing of fields and files. Formats byte for byte:
 * docs/adr/0003-personal-data.md. All of it is AES-256-GCM with a 12-byte random nonce and a 16-byte tag, and
 * HKDF-SHA-256 with an empty salt; everything that is sealed commits to its key, because GCM alone does not.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import type { Ciphertext, SealCategory } from '../../domain/sealed.ts'
import type { FieldPlace } from '../ports.ts'

/** Gives so many unpredictable bytes. Nonces and keys come from it: only a test may give a predictable one. */
export type Random = (bytes: number) => Uint8Array

export const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const COMMITMENT_BYTES = 32

/** A subject's key for one category, derived and ready for use. */
export interface DataKey {
  readonly kid: string
  readonly subject: string
  readonly category: SealCategory
  /** HKDF(key, "enc"): what encrypts. */
  readonly encryption: KeyObject
  /** HKDF(key, "commit"): what stands beside every ciphertext and says which key it means. */
  readonly commitment: Uint8Array
}

/** Why a ciphertext was refused. */
export type OpenFailure = 'malformed' | 'algorithm' | 'commitment' | 'authentication'

/** A ciphertext that does not open: tampered with, moved to another place, or of another key. */
export class DoesNotOpen extends Error {
  readonly reason: OpenFailure
  constructor(reason: OpenFailure) {
    super(`a sealed value does not open: ${reason}`)
    this.name = 'DoesNotOpen'
    this.reason = reason
  }
}

/** HKDF-SHA-256 with an empty salt; `info` separates the uses of one key. */
export function derive(key: KeyObject, info: string, bytes = KEY_BYTES): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', info, bytes))
}

/** Like {@link derive}, as a key. Keys are KeyObjects throughout: they do not print, and Node is 4 times as fast with them. */
export const deriveKey = (key: KeyObject, info: string): KeyObject => createSecretKey(derive(key, info))

/** A random UUID (version 4) from the injected randomness. */
export function randomUuid(random: Random): string {
  const bytes = Buffer.from(random(16))
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return uuidOfBytes(bytes)
}

function uuidOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

interface Box {
  readonly iv: Uint8Array
  readonly tag: Uint8Array
  readonly ct: Uint8Array
}

function encrypt(key: KeyObject, iv: Uint8Array, aad: string, plain: Uint8Array): Box {
  const cipher = createCipheriv('aes-256-gcm', key, iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(aad, 'utf8'))
  const head = cipher.update(plain)
  const tail = cipher.final()
  return { iv, tag: cipher.getAuthTag(), ct: tail.length === 0 ? head : Buffer.concat([head, tail]) }
}

function decrypt(key: KeyObject, box: Box, aad: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, box.iv, { authTagLength: TAG_BYTES })
  decipher.setAAD(Buffer.from(aad, 'utf8'))
  decipher.setAuthTag(box.tag)
  const head = decipher.update(box.ct)
  try {
    const tail = decipher.final()
    return tail.length === 0 ? head : Buffer.concat([head, tail])
  } catch {
    throw new DoesNotOpen('authentication')
  }
}

/** What a master key is used as: it wraps the other keys, and its id tells it from another one. */
export interface WrappingKey {
  /** First 8 bytes of HKDF(master, "kek-id") in hex: stands beside all it wrapped, and reveals nothing of the key. */
  readonly id: string
  readonly key: KeyObject
}

export function wrappingKey(master: Uint8Array): WrappingKey {
  const key = createSecretKey(master)
  return { id: derive(key, 'kek-id', 8).toString('hex'), key: deriveKey(key, 'wrap') }
}

/** Version byte of a wrapped key: 01 || nonce 12 || tag 16 || encrypted key 32. */
const WRAP_V1 = 0x01

/** @param what names the key; it is authenticated, so that a wrapped key put in another's row does not open */
export function wrapKey(kek: WrappingKey, what: readonly string[], key: Uint8Array, random: Random): Buffer {
  const { iv, tag, ct } = encrypt(kek.key, random(NONCE_BYTES), JSON.stringify(what), key)
  return Buffer.concat([Uint8Array.of(WRAP_V1), iv, tag, ct])
}

/** @throws DoesNotOpen */
export function unwrapKey(kek: WrappingKey, what: readonly string[], wrapped: Uint8Array): Buffer {
  const blob = Buffer.from(wrapped.buffer, wrapped.byteOffset, wrapped.byteLength)
  if (blob.length !== 1 + NONCE_BYTES + TAG_BYTES + KEY_BYTES) throw new DoesNotOpen('malformed')
  if (blob[0] !== WRAP_V1) throw new DoesNotOpen('algorithm')
  const tagAt = 1 + NONCE_BYTES
  const ctAt = tagAt + TAG_BYTES
  const box = { iv: blob.subarray(1, tagAt), tag: blob.subarray(tagAt, ctAt), ct: blob.subarray(ctAt) }
  return decrypt(kek.key, box, JSON.stringify(what))
}

/** Name of a subject's key in its wrapping. */
export const keyName = (kid: string, subject: string, category: SealCategory) => ['dek', kid, subject, category]
/** Name of one of the vault's own secrets in its wrapping. */
export const secretName = (name: string) => ['secret', name]

export function dataKey(kid: string, subject: string, category: SealCategory, raw: Uint8Array): DataKey {
  const key = createSecretKey(raw)
  return { kid, subject, category, encryption: deriveKey(key, 'enc'), commitment: derive(key, 'commit') }
}

/** Path below `data` as it stands in the additional data: segments joined by `/`, with `~` and `/` escaped as in RFC 6901. */
export function fieldPath(path: readonly string[]): string {
  return path.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')
}

/** The additional data of a field: JSON array [event id, stream, field path, subject, key id]. */
export function fieldAad(place: FieldPlace, subject: string, kid: string): string {
  return JSON.stringify([place.event, place.stream, fieldPath(place.path), subject, kid])
}

const base64 = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')

/** Decodes base64 that is written in the one way we write it: anything else would open although it was changed. */
function exactBase64(text: unknown, bytes?: number): Buffer {
  if (typeof text !== 'string') throw new DoesNotOpen('malformed')
  const decoded = Buffer.from(text, 'base64')
  if (decoded.toString('base64') !== text) throw new DoesNotOpen('malformed')
  if (bytes !== undefined && decoded.length !== bytes) throw new DoesNotOpen('malformed')
  return decoded
}

export function sealField(key: DataKey, place: FieldPlace, text: string, random: Random): Ciphertext {
  const aad = fieldAad(place, key.subject, key.kid)
  const { iv, tag, ct } = encrypt(key.encryption, random(NONCE_BYTES), aad, Buffer.from(text, 'utf8'))
  return {
    enc: 'v1',
    alg: 'A256GCM',
    sub: key.subject,
    kid: key.kid,
    iv: base64(iv),
    ct: base64(ct),
    tag: base64(tag),
    kc: base64(key.commitment),
  }
}

/**
 * Opens a field at its place.
 * @throws DoesNotOpen
 */
export function openField(key: DataKey, place: FieldPlace, cipher: Ciphertext): string {
  if (cipher.enc !== 'v1' || cipher.alg !== 'A256GCM') throw new DoesNotOpen('algorithm')
  const box = {
    iv: exactBase64(cipher.iv, NONCE_BYTES),
    ct: exactBase64(cipher.ct),
    tag: exactBase64(cipher.tag, TAG_BYTES),
  }
  const commitment = exactBase64(cipher.kc, COMMITMENT_BYTES)
  if (!timingSafeEqual(commitment, key.commitment)) throw new DoesNotOpen('commitment')
  return decrypt(key.encryption, box, fieldAad(place, cipher.sub, cipher.kid)).toString('utf8')
}

/** Head of sealed bytes: magic 8 || key id 16 || commitment 32 || nonce 12 || tag 16, then the encrypted bytes. */
const MAGIC = Buffer.from('DUBANSB1', 'latin1')
const KID_AT = MAGIC.length
const COMMITMENT_AT = KID_AT + 16
const NONCE_AT = COMMITMENT_AT + COMMITMENT_BYTES
const TAG_AT = NONCE_AT + NONCE_BYTES
const BYTES_AT = TAG_AT + TAG_BYTES

const bytesAad = (belongsTo: string, subject: string, kid: string) => JSON.stringify(['bytes', belongsTo, subject, kid])

/** @param belongsTo what the bytes belong to; they open for nothing else */
export function sealBytes(key: DataKey, belongsTo: string, plain: Uint8Array, random: Random): Uint8Array {
  const aad = bytesAad(belongsTo, key.subject, key.kid)
  const { iv, tag, ct } = encrypt(key.encryption, random(NONCE_BYTES), aad, plain)
  const kid = Buffer.from(key.kid.replaceAll('-', ''), 'hex')
  return Buffer.concat([MAGIC, kid, key.commitment, iv, tag, ct])
}

/** The key id in the head of sealed bytes. @throws DoesNotOpen */
export function kidOfBytes(sealed: Uint8Array): string {
  if (sealed.length < BYTES_AT || !MAGIC.equals(sealed.subarray(0, KID_AT))) throw new DoesNotOpen('malformed')
  return uuidOfBytes(sealed.subarray(KID_AT, COMMITMENT_AT))
}

/** @throws DoesNotOpen */
export function openBytes(key: DataKey, subject: string, belongsTo: string, sealed: Uint8Array): Uint8Array {
  const kid = kidOfBytes(sealed)
  if (!timingSafeEqual(sealed.subarray(COMMITMENT_AT, NONCE_AT), key.commitment)) throw new DoesNotOpen('commitment')
  const box = {
    iv: sealed.subarray(NONCE_AT, TAG_AT),
    tag: sealed.subarray(TAG_AT, BYTES_AT),
    ct: sealed.subarray(BYTES_AT),
  }
  return decrypt(key.encryption, box, bytesAad(belongsTo, subject, kid))
}

/** HMAC-SHA-256. */
export function hmac(key: KeyObject, content: string | Uint8Array): Buffer {
  return createHmac('sha256', key).update(content).digest()
}
