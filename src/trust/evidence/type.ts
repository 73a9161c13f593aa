/** What a file is, told by its content alone; the name only ever makes the answer stricter. */
import yauzl from 'yauzl'

/** The types that are kept as evidence. */
export const evidenceTypes = [
  'application/pdf',
  'application/ofd',
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/tiff',
  'image/webp',
  'audio/mpeg',
  'audio/wav',
  'audio/mp4',
  'video/mp4',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  'text/plain; charset=utf-8',
  'text/plain; charset=gb18030',
] as const
export type EvidenceType = (typeof evidenceTypes)[number]

const ascii = (bytes: Uint8Array, from: number, to: number) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to)

const SIGNATURES: readonly (readonly [hex: string, type: EvidenceType])[] = [
  ['255044462d', 'application/pdf'],
  ['ffd8ff', 'image/jpeg'],
  ['89504e470d0a1a0a', 'image/png'],
  ['474946383761', 'image/gif'],
  ['474946383961', 'image/gif'],
  ['49492a00', 'image/tiff'],
  ['4d4d002a', 'image/tiff'],
  ['494433', 'audio/mpeg'],
]

/** Names that a desktop would run or render, whatever is inside. */
const REFUSED_NAMES =
  /\.(exe|dll|com|bat|cmd|ps1|vbs|vbe|js|mjs|jse|wsf|wsh|hta|scr|pif|msi|jar|lnk|reg|sh|py|php|jsp|asp|aspx|html?|xhtml|mht|mhtml|svgz?|xml|swf|chm)[.\s]*$/i

/** Detects an accepted type; nothing where the content is none of them. */
export async function detectType(bytes: Uint8Array, declaredName: string): Promise<EvidenceType | undefined> {
  if (REFUSED_NAMES.test(declaredName)) return undefined
  const head = Buffer.from(bytes.subarray(0, 16)).toString('hex')
  for (const [signature, type] of SIGNATURES) if (head.startsWith(signature)) return type
  const four = ascii(bytes, 0, 4)
  if (four === 'RIFF') return riffType(ascii(bytes, 8, 12))
  if (ascii(bytes, 4, 8) === 'ftyp') return isoMediaType(ascii(bytes, 8, 12))
  if (four === 'PK\x03\x04') return await zipType(bytes)
  if (isMp3Frames(bytes)) return 'audio/mpeg'
  return textType(bytes)
}

function riffType(form: string): EvidenceType | undefined {
  return form === 'WAVE' ? 'audio/wav' : form === 'WEBP' ? 'image/webp' : undefined
}

/** By the major brand of an ISO base media file (ISO/IEC 14496-12). */
function isoMediaType(brand: string): EvidenceType | undefined {
  if (/^M4[AB] $/.test(brand)) return 'audio/mp4'
  return /^(isom|iso[2-9]|mp4[12]|avc1|M4V |MSNV|dash)$/.test(brand) ? 'video/mp4' : undefined
}

/** Kilobits per second of MPEG audio layer III by version (1, then 2 and 2.5) and index. */
const BIT_RATES = [
  [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
] as const
const SAMPLE_RATES = [44100, 48000, 32000] as const

/** Length in bytes of the MPEG layer III frame at a place; 0 where there is none. */
function frameLength(bytes: Uint8Array, at: number): number {
  const [sync, kind, rates] = [bytes[at] ?? 0, bytes[at + 1] ?? 0, bytes[at + 2] ?? 0]
  if (sync !== 0xff || (kind & 0xe0) !== 0xe0) return 0
  const version = (kind >> 3) & 3
  if (version === 1 || ((kind >> 1) & 3) !== 1) return 0
  const first = version === 3
  const bitRate = BIT_RATES[first ? 0 : 1][rates >> 4] ?? 0
  const sampleRate = (SAMPLE_RATES[(rates >> 2) & 3] ?? 0) / (first ? 1 : version === 2 ? 2 : 4)
  if (bitRate === 0 || sampleRate === 0) return 0
  return Math.floor(((first ? 144_000 : 72_000) * bitRate) / sampleRate) + ((rates >> 1) & 1)
}

/** Two frames in a row: one sync word alone is too little to go by. */
function isMp3Frames(bytes: Uint8Array): boolean {
  const first = frameLength(bytes, 0)
  return first > 0 && frameLength(bytes, first) > 0
}

const OFFICE = 'application/vnd.openxmlformats-officedocument'
const OFFICE_TYPES = [
  `${OFFICE}.wordprocessingml.document`,
  `${OFFICE}.spreadsheetml.sheet`,
  `${OFFICE}.presentationml.presentation`,
] as const
const CONTENT_TYPES = '[Content_Types].xml'

const MOST_ENTRIES = 10_000
const LONGEST_CONTENT_TYPES = 1024 * 1024

/**
 * A zip is told by its directory; only `[Content_Types].xml` is unpacked, and only if it is small. Files with macros
 * have other main types, or hold `vbaProject.bin`.
 */
async function zipType(bytes: Uint8Array): Promise<EvidenceType | undefined> {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const zip = await yauzl.fromBufferPromise(buffer, { lazyEntries: true, validateEntrySizes: true })
    if (zip.entryCount > MOST_ENTRIES) return undefined
    const entries = new Map<string, yauzl.Entry>()
    for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
    if ([...entries.keys()].some((name) => /(^|\/)vbaProject\.bin$/i.test(name))) return undefined
    if (entries.has('OFD.xml')) return 'application/ofd'
    const types = entries.get(CONTENT_TYPES)
    if (!types || types.uncompressedSize > LONGEST_CONTENT_TYPES) return undefined
    const chunks: Buffer[] = []
    for await (const chunk of await zip.openReadStreamPromise(types)) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString('utf8')
    return OFFICE_TYPES.find((type) => text.includes(`"${type}.main+xml"`))
  } catch {
    return undefined // no zip that can be read, so none that is accepted
  }
}

/** Control characters that no text has; tab, line feed, form feed and carriage return may stand in one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1f\x7f]/
/** What a shell or a browser would take for something to run, at the start of a text. */
const ACTIVE = /^\s*(#!|<(!|\?|[a-z]))|<(html|head|body|script|iframe|svg|object|embed)[\s>/]/i
const SNIFFED = 1024

function textType(bytes: Uint8Array): EvidenceType | undefined {
  for (const charset of ['utf-8', 'gb18030'] as const) {
    let text: string
    try {
      text = new TextDecoder(charset, { fatal: true }).decode(bytes)
    } catch {
      continue
    }
    if (CONTROLS.test(text) || ACTIVE.test(text.slice(0, SNIFFED))) return undefined
    return `text/plain; charset=${charset}`
  }
  return undefined
}
