import t from 'tap'
import { type FactKind, OfficeFacts } from '../../../../src/domain/rating/facts.ts'
import { kindsOf } from '../../../../src/domain/rating/rate.ts'
import { rules } from '../../../../src/domain/rating/rules/registry.ts'
import { bandsScheme, starScheme } from '../../../../src/domain/rating/schemes/shipped.ts'

/** Facts that note which kinds of them were asked for. */
class Asked extends OfficeFacts {
  readonly kinds = new Set<FactKind>()
  override until<Kind extends FactKind>(kind: Kind, bound: number) {
    this.kinds.add(kind)
    return super.until(kind, bound)
  }
}

t.test('a rule says which kinds of facts it looks at, and a scheme looks at those of its rules', (t) => {
  const kinds = new Set<FactKind>(['score', 'award', 'measure'])
  for (const { evidence } of bandsScheme.categories.flatMap((category) => category.criteria))
    for (const one of evidence.kind === 'derived' ? [evidence] : (evidence.checks ?? [])) {
      const rule = rules.get(one.rule)!
      const facts = new Asked('a', [])
      const at = { bound: Date.parse('2026-06-30T00:00:00Z'), date: '2026-06-30' }
      rule.evaluate({ facts, at, max: 1000, parameters: rule.parameters.parse(one.parameters) as never })
      t.same([...facts.kinds].sort(), [...rule.reads].sort(), rule.name)
      for (const kind of rule.reads) kinds.add(kind)
    }
  t.same(kindsOf(bandsScheme), kinds)
  t.ok(kinds.has('deadline') && !kindsOf(starScheme).has('deadline'))
  t.end()
})

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
