import t from 'tap'
import { rules } from '../../../../src/domain/rating/rules/registry.ts'
import { bandsScheme, starScheme } from '../../../../src/domain/rating/schemes/shipped.ts'

t.test('every rule is used by a shipped scheme and says itself in one Chinese sentence', (t) => {
  const used = new Set<string>()
  for (const scheme of [starScheme, bandsScheme])
    for (const { evidence } of scheme.categories.flatMap((category) => category.criteria))
      for (const one of evidence.kind === 'derived' ? [evidence] : (evidence.checks ?? [])) {
        used.add(one.rule)
        const rule = rules.get(one.rule)!
        t.match(rule.words(rule.parameters.parse(one.parameters) as never), /[一-鿿]{4}/)
      }
  t.same(
    [...rules.keys()].filter((name) => !used.has(name)),
    [],
  )
  t.end()
})
