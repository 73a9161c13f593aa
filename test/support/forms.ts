/** Texts as they may stand in a file: the search of the canary tests. */

/** Every way in which these bytes could stand in a file: plain, UTF-16, hex, JSON escapes, base64 at any offset. */
export function formsOf(text: string): Map<string, Buffer> {
  const utf8 = Buffer.from(text, 'utf8')
  const utf16 = Buffer.from(text, 'utf16le')
  const escaped = [...text].map((c) => (c > '~' ? `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}` : c)).join('')
  const forms = new Map([
    ['utf-8', utf8],
    ['utf-16le', utf16],
    ['utf-16be', Buffer.from(utf16).swap16()],
    ['hex', Buffer.from(utf8.toString('hex'))],
    ['json', Buffer.from(escaped)],
  ])
  for (const offset of [0, 1, 2]) {
    for (const encoding of ['base64', 'base64url'] as const) {
      const whole = Buffer.concat([Buffer.alloc(offset), utf8])
        .toString(encoding)
        .replace(/=+$/, '')
      // The first and last characters also depend on what stands beside the text.
      forms.set(`${encoding}+${offset}`, Buffer.from(whole.slice(offset === 0 ? 0 : 4, -1)))
    }
  }
  return forms
}
