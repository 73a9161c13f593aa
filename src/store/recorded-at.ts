/** Finds the time of recording in envelope bytes without parsing them: stores need nothing else of the content. */

const KEY = Buffer.from('"recordedAt":"')

/**
 * Milliseconds since 1970 of an envelope's `recordedAt`; undefined in bytes that are no envelope. The first occurrence is
 * the envelope's own: inside a JSON string the quotes would be escaped, and `data` stands last.
 */
export function recordedMsOf(bytes: Uint8Array): number | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const key = buffer.indexOf(KEY)
  if (key < 0) return undefined
  const start = key + KEY.length
  const ms = Date.parse(buffer.toString('latin1', start, buffer.indexOf(0x22, start)))
  return Number.isNaN(ms) ? undefined : ms
}
