/**
 * How texts are written in the search index, and how queries meet them. A text becomes runs: Chinese (and Japanese, Korean)
 * characters in a row, and words of letters and digits; full width and case are folded, punctuation separates, white space
 * between characters does not (names and broken lines). A run of characters is indexed by its overlapping pairs, so that one
 * character finds, and so does any longer part of it.
 */

const SEPARATOR = 0
const WORD = 1
const CHARACTER = 2
const IGNORED = 3
const SPACE = 4
const MARK = 5

function classOf(text: string): number {
  if (/^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}]$/u.test(text))
    return /^\p{M}$/u.test(text) ? MARK : CHARACTER
  if (/^\p{Default_Ignorable_Code_Point}$/u.test(text)) return IGNORED
  if (/^\p{M}$/u.test(text)) return MARK
  if (/^[\p{L}\p{N}]$/u.test(text)) return WORD
  return /^\s$/u.test(text) ? SPACE : SEPARATOR
}

/** Classes of the code points below 65,536, found once each; 255 where not known yet. */
const known = new Uint8Array(65_536).fill(255)
function classOfCode(code: number): number {
  if (code >= 65_536) return classOf(String.fromCodePoint(code))
  let found = known[code]!
  if (found === 255) {
    found = code >= 0xd800 && code <= 0xdfff ? SEPARATOR : classOf(String.fromCharCode(code))
    known[code] = found
  }
  return found
}

/** Most of what is written needs no folding. */
const isPlain = (code: number): boolean =>
  (code >= 0x4e00 && code <= 0x9fff) || (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39)

/**
 * The runs of a text, folded, separated by single spaces.
 * @param places takes, for each unit of the answer, the place in `text` of what it was folded from
 */
export function canonical(text: string, places?: number[]): string {
  let out = ''
  let last = SEPARATOR
  let apart = false
  let spaced = false
  const take = (code: number, place: number) => {
    let kind = classOfCode(code)
    if (kind === IGNORED) return
    if (kind === SPACE) {
      spaced = true
      return
    }
    if (kind === SEPARATOR) {
      apart = true
      return
    }
    if (kind === MARK) {
      if (last === SEPARATOR || apart || spaced) return
      kind = last
    }
    if (last !== SEPARATOR && (apart || kind !== last || (spaced && kind === WORD))) {
      out += ' '
      places?.push(place)
    }
    const before = out.length
    out += String.fromCodePoint(code)
    if (places) for (let i = before; i < out.length; i++) places.push(place)
    last = kind
    apart = false
    spaced = false
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i)!
    if (isPlain(code)) take(code, i)
    else if (code < 0x80) take(code >= 0x41 && code <= 0x5a ? code + 32 : code, i)
    else
      for (const folded of String.fromCodePoint(code).normalize('NFKC').toLowerCase()) take(folded.codePointAt(0)!, i)
    if (code > 0xffff) i++
  }
  return out
}

const isCharacter = (text: string): boolean => classOfCode(text.codePointAt(0)!) === CHARACTER

/** The characters of a run. */
function charactersOf(run: string): string[] {
  for (let i = 0; i < run.length; i++) if (run.charCodeAt(i) >= 0xd800 && run.charCodeAt(i) <= 0xdfff) return [...run]
  return run.split('')
}

/** The tokens of a canonical text: words, and for a run of characters its pairs and its last character. */
export function tokensOf(canon: string): string {
  let out = ''
  if (!/[\ud800-\udfff]/.test(canon)) {
    // Nearly every text: one unit a character, so that pairs are slices.
    for (const run of canon.split(' ')) {
      if (run === '') continue
      if (isCharacter(run)) {
        const last = run.length - 1
        for (let i = 0; i < last; i++) out += `${run.slice(i, i + 2)} `
        out += `${run[last]} `
      } else out += `${run} `
    }
    return out
  }
  for (const run of canon.split(' ')) {
    if (run === '') continue
    if (isCharacter(run)) {
      const characters = charactersOf(run)
      for (let i = 1; i < characters.length; i++) out += `${characters[i - 1]}${characters[i]} `
      out += `${characters.at(-1)} `
    } else out += `${run} `
  }
  return out
}

/** The distinct pairs of a canonical text: what likeness is measured by. */
export function pairsOf(canon: string): Set<string> {
  const pairs = new Set<string>()
  for (const run of canon.split(' ')) {
    if (run === '') continue
    if (!isCharacter(run)) {
      pairs.add(run)
      continue
    }
    const characters = charactersOf(run)
    for (let i = 1; i < characters.length; i++) pairs.add(characters[i - 1]! + characters[i]!)
  }
  return pairs
}

/** A phrase as the index is asked for it: the first run may begin, and the last may end, inside a run of the text. */
export function matchOf(phrase: string): string {
  const runs = phrase.split(' ')
  const tokens: string[] = []
  let prefix = false
  for (const [place, run] of runs.entries()) {
    const isLast = place === runs.length - 1
    if (!isCharacter(run)) {
      tokens.push(run)
      prefix = isLast
      continue
    }
    const characters = charactersOf(run)
    for (let i = 1; i < characters.length; i++) tokens.push(characters[i - 1]! + characters[i]!)
    if (!isLast || characters.length === 1) tokens.push(characters.at(-1)!)
    prefix = isLast && characters.length === 1
  }
  // Tokens hold letters, digits and marks only: nothing in them means anything to the query language.
  return `"${tokens.join(' ')}"${prefix ? ' *' : ''}`
}

/** Where a phrase stands in a canonical text; a word is found by its beginning. */
export function occurrences(canon: string, phrase: string): number[] {
  const found: number[] = []
  const inside = isCharacter(phrase)
  for (let at = canon.indexOf(phrase); at >= 0; at = canon.indexOf(phrase, at + 1))
    if (inside || at === 0 || canon[at - 1] === ' ') {
      found.push(at)
      at += phrase.length - 1
    }
  return found
}

/** One term of a query. */
export interface Term {
  /** Its canonical runs; never empty. */
  readonly phrase: string
  /** As written, without quotes and sign: what numbers are read from. */
  readonly written: string
}

/** What is asked for: every one of `all`, none of `none`. */
export interface Query {
  readonly all: readonly Term[]
  readonly none: readonly Term[]
}

/** Terms a query may have. */
export const MOST_TERMS = 16

const OPEN = '"“”＂「『'
const CLOSE = '"“”＂」』'
const MINUS = '-－−'

/**
 * Reads a query: words are AND-ed, quotes hold a phrase together, a minus takes out. Whatever else is written is text.
 * Undefined where nothing is asked for, or by more than {@link MOST_TERMS} terms.
 */
export function parseQuery(text: string): Query | undefined {
  const all: Term[] = []
  const none: Term[] = []
  let i = 0
  while (i < text.length) {
    if (/\s/u.test(text[i]!)) {
      i++
      continue
    }
    const negative = MINUS.includes(text[i]!) && i + 1 < text.length && !/\s/u.test(text[i + 1]!)
    if (negative) i++
    const quoted = OPEN.includes(text[i]!)
    if (quoted) i++
    const from = i
    while (i < text.length && !(quoted ? CLOSE.includes(text[i]!) : /\s/u.test(text[i]!))) i++
    const written = text.slice(from, i)
    if (quoted) i++
    const phrase = canonical(written)
    if (phrase !== '') (negative ? none : all).push({ phrase, written })
  }
  return all.length === 0 || all.length + none.length > MOST_TERMS ? undefined : { all, none }
}

/** A part of a text around what matched: `marks` are [from, to) in `text`, UTF-16 units, in order, not overlapping. */
export interface Snippet {
  readonly text: string
  readonly marks: readonly (readonly [number, number])[]
}

const BEFORE = 20
const LENGTH = 90

/** The part of a text around its first match, cut at whole characters; undefined where nothing matches. */
export function snippetOf(text: string, phrases: readonly string[]): Snippet | undefined {
  const places: number[] = []
  const canon = canonical(text, places)
  const endOf = (unit: number): number => {
    const place = places[unit]!
    return place + (text.codePointAt(place)! > 0xffff ? 2 : 1)
  }
  const marks = phrases
    .flatMap((phrase) =>
      occurrences(canon, phrase).map((at): [number, number] => [places[at]!, endOf(at + phrase.length - 1)]),
    )
    .sort(([a], [b]) => a - b)
  const first = marks[0]
  if (!first) return undefined
  const merged: [number, number][] = []
  for (const [from, to] of marks) {
    const last = merged.at(-1)
    if (last && from <= last[1]) last[1] = Math.max(last[1], to)
    else merged.push([from, to])
  }
  const start = whole(text, Math.max(0, first[0] - BEFORE))
  const end = whole(text, Math.min(text.length, Math.max(start + LENGTH, merged[0]![1])))
  const shown = merged
    .filter(([from]) => from < end)
    .map(([from, to]): [number, number] => [from - start, Math.min(to, end) - start])
  return { text: text.slice(start, end), marks: shown }
}

/** A place that does not cut a character in two. */
const whole = (text: string, place: number): number =>
  place > 0 && place < text.length && (text.charCodeAt(place) & 0xfc00) === 0xdc00 ? place - 1 : place
