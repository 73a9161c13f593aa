import t from 'tap'
import { rulesFor } from '../../../src/domain/access.ts'
import { permissions } from '../../../src/domain/access-table.ts'
import { reportDecider } from '../../../src/domain/bulletin.ts'
import { supervisionTerms } from '../../../src/domain/catalogue/supervision.ts'
import { obligationDecider } from '../../../src/domain/obligation.ts'
import { practiceDecider } from '../../../src/domain/practice.ts'
import { qualityCardDecider, returnPlanDecider, returnVisitDecider } from '../../../src/domain/return-visit/index.ts'
import { levels } from '../../../src/domain/supervision/fields.ts'
import { supervisionDecider } from '../../../src/domain/supervision/index.ts'

const all = [
  supervisionDecider,
  returnPlanDecider,
  returnVisitDecider,
  qualityCardDecider,
  reportDecider,
  obligationDecider,
  practiceDecider,
]
/** What only reactors do. */
const byItself = new Set([
  'supervision.recordMiss',
  'returnvisit.recordMiss',
  'obligation.recordMiss',
  'obligation.open',
])

t.test('every action is somebody’s to do, but what happens by itself', async (t) => {
  for (const { category, actions } of all) {
    t.ok(permissions[`${category}.read`], `${category}.read`)
    for (const name of Object.keys(actions)) {
      const permission = `${category}.${name}`
      t.equal(rulesFor(permission).length > 0, !byItself.has(permission), permission)
    }
  }
})

t.test('no row names an action that does not exist', async (t) => {
  for (const { category, actions } of all)
    for (const permission of Object.keys(permissions)) {
      const [of, action] = permission.split('.') as [string, string]
      if (of === category)
        t.ok(['read', 'correct', 'recordMiss', '*'].includes(action) || Object.hasOwn(actions, action), permission)
    }
})

t.test('levels of escalation have their words', async (t) => {
  for (const level of levels) t.ok(supervisionTerms.level[level])
})
