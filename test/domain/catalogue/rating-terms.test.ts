import t from 'tap'
import * as terms from '../../../src/domain/catalogue/rating-terms.ts'
import { cycleDecider } from '../../../src/domain/cycle/cycle.ts'
import { ratingDecider } from '../../../src/domain/cycle/rating.ts'
import { publicationStates } from '../../../src/domain/cycle/rating-state.ts'
import { recordDecider } from '../../../src/domain/office-record.ts'
import { schemeDecider } from '../../../src/domain/rating/scheme.ts'

t.test(
  'every event type and action of schemes, cycles, ratings and records has its words, and no words are left over',
  (t) => {
    const deciders = [schemeDecider, cycleDecider, ratingDecider, recordDecider]
    t.same(deciders.flatMap(({ events }) => Object.keys(events)).sort(), Object.keys(terms.ratingEventTerms).sort())
    const actions = {
      scheme: terms.schemeActionTerms,
      cycle: terms.cycleActionTerms,
      rating: terms.ratingActionTerms,
      record: terms.recordActionTerms,
    }
    for (const decider of deciders)
      t.same(
        Object.keys(decider.actions).sort(),
        Object.keys(actions[decider.category as keyof typeof actions]).sort(),
        decider.category,
      )
    t.same(Object.keys(terms.publicationTerms), [...publicationStates])
    t.end()
  },
)
