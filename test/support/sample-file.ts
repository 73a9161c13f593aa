/** A file as an upload describes it to the case; the name and the hash of its content come in to be sealed. */
export const sampleFile = {
  sha256: 'a'.repeat(64),
  size: 1,
  mediaType: 'image/png',
  name: '照片',
  plaintextSha256: 'b'.repeat(64),
} as const
