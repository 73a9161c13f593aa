/** No sanction and no criminal liability within n years (S0-5.2.4, S0-5.2.5; Q17, Q18). */
import { z } from 'zod'
import { ruleWords, sanctionNatureTerms } from '../../catalogue/rating-rules.ts'
import { sanctionNatures } from '../facts.ts'
import { rule, windowed } from './rule.ts'

const years = z.int().min(1).max(20)
const disputed = z.enum(['counts', 'does-not-count']).default('counts')

/**
 * No sanction of the named natures in the window (T − n years, T], beginning with the service of the decision, at the office where the
 * act happened. Administrative penalties count unless the scheme leaves them out (Q17).
 */
export const noSanction = rule({
  name: 'no-sanction',
  source: 'S0-5.2.4',
  reads: ['sanction'],
  parameters: z.strictObject({
    years,
    natures: z
      .array(z.enum(sanctionNatures))
      .min(1)
      .default([...sanctionNatures]),
    disputed,
  }),
  words: (p) =>
    ruleWords.noSanction(
      p.years,
      p.natures.map((nature) => sanctionNatureTerms[nature]),
    ),
  evaluate: ({ facts, at, max, parameters: p }) =>
    facts
      .until('sanction', at.bound)
      .filter((fact) => p.natures.includes(fact.nature))
      .map((fact) =>
        windowed(
          fact,
          at,
          p.years * 12,
          -max,
          ruleWords.sanction(sanctionNatureTerms[fact.nature], p.years),
          p.disputed,
        ),
      ),
})

/** No criminal liability in the window (T − n years, T], by default for intentional crimes only. */
export const noCriminalLiability = rule({
  name: 'no-criminal-liability',
  source: 'S0-5.2.5',
  reads: ['criminal'],
  parameters: z.strictObject({ years, intentionalOnly: z.boolean().default(true), disputed }),
  words: (p) => ruleWords.noCriminal(p.years, p.intentionalOnly),
  evaluate: ({ facts, at, max, parameters: p }) =>
    facts
      .until('criminal', at.bound)
      .filter((fact) => fact.intentional || !p.intentionalOnly)
      .map((fact) => windowed(fact, at, p.years * 12, -max, ruleWords.criminal(fact.intentional, p.years), p.disputed)),
})
