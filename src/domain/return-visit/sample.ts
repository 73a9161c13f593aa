/**
 * The sample of return visits: seeded, so that anyone can draw it again and get the same cases, on any machine. The arithmetic is 32-bit
 * integers only.
 */

/** 128 bits of a text (cyrb128), as four 32-bit numbers. It spreads; it hides nothing. */
function spread(text: string): [number, number, number, number] {
  let [h1, h2, h3, h4] = [1_779_033_703, 3_144_134_277, 1_013_904_242, 2_773_480_762]
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i)
    h1 = h2 ^ Math.imul(h1 ^ k, 597_399_067)
    h2 = h3 ^ Math.imul(h2 ^ k, 2_869_860_233)
    h3 = h4 ^ Math.imul(h3 ^ k, 951_274_213)
    h4 = h1 ^ Math.imul(h4 ^ k, 2_716_044_179)
  }
  h1 = Math.imul(h3 ^ (h1 >>> 18), 597_399_067)
  h2 = Math.imul(h4 ^ (h2 >>> 22), 2_869_860_233)
  h3 = Math.imul(h1 ^ (h3 >>> 17), 951_274_213)
  h4 = Math.imul(h2 ^ (h4 >>> 19), 2_716_044_179)
  h1 ^= h2 ^ h3 ^ h4
  return [h1 >>> 0, (h2 ^ h1) >>> 0, (h3 ^ h1) >>> 0, (h4 ^ h1) >>> 0]
}

/** A generator of 32-bit numbers (sfc32) from a seed text. */
function generator(seed: string): () => number {
  let [a, b, c, d] = spread(seed)
  const next = () => {
    const t = (a + b + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 12; i++) next()
  return next
}

/** A number below `bound`, every one as likely as any other. */
function below(bound: number, next: () => number): number {
  const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound)
  for (;;) {
    const value = next()
    if (value < limit) return value % bound
  }
}

/** How many of a population a rate asks for: rounded up, so that the rate is always reached. */
export const sampleSize = (population: number, percent: number): number => Math.ceil((population * percent) / 100)

const inOrder = (ids: Iterable<string>): string[] => [...new Set(ids)].sort()

/**
 * Draws cases from a population. The order in which candidates are handed in, and repeats among them, change nothing.
 * @param percent of the population, rounded up
 * @returns the ids drawn, sorted
 */
export function sampleCases(seed: string, percent: number, candidates: Iterable<string>): string[] {
  const pool = inOrder(candidates)
  const size = Math.min(pool.length, sampleSize(pool.length, percent))
  const next = generator(seed)
  for (let i = 0; i < size; i++) {
    const j = i + below(pool.length - i, next)
    const drawn = pool[j]!
    pool[j] = pool[i]!
    pool[i] = drawn
  }
  return pool.slice(0, size).sort()
}

/** A case to be visited and why. */
export interface Chosen {
  readonly case: string
  readonly ground: 'sample' | 'substantiated'
}

/**
 * The month's cases: a sample of everything that was closed, and every substantiated complaint besides. A substantiated one that was drawn too stands
 * once, as drawn: the sample is never smaller than its rate.
 */
export function chooseCases(
  seed: string,
  percent: number,
  closed: Iterable<string>,
  substantiated: Iterable<string>,
): Chosen[] {
  const drawn = sampleCases(seed, percent, closed)
  const known = new Set(drawn)
  const always = inOrder(substantiated).filter((id) => !known.has(id))
  return [
    ...drawn.map((id) => ({ case: id, ground: 'sample' as const })),
    ...always.map((id) => ({ case: id, ground: 'substantiated' as const })),
  ]
}

/** The bytes whose SHA-256 is a population's digest: its ids, sorted, a line each. */
export const populationBytes = (ids: Iterable<string>): Uint8Array =>
  new TextEncoder().encode(
    inOrder(ids)
      .map((id) => `${id}\n`)
      .join(''),
  )
