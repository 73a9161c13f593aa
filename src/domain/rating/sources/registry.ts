/** Facts of the registry: whether an office is registered and active, and who practises in it. */
import type { Step } from '../../event.ts'
import { sortKey } from '../../time.ts'
import { type Fact, type FactSource, factOf } from '../facts.ts'

const idOf = (stream: string) => stream.slice(stream.indexOf('-') + 1)

const registrations: Readonly<Record<string, boolean>> = {
  OfficeRegistered: true,
  OfficeSuspended: false,
  OfficeResumed: true,
  OfficeDeregistered: false,
}

export const officeSource: FactSource = {
  category: 'office',
  types: new Set(Object.keys(registrations)),
  kinds: ['registration'],
  offices: (stream) => [idOf(stream)],
  facts: (steps, stream) =>
    steps.flatMap((step) => {
      const active = registrations[step.type]
      return active === undefined ? [] : [factOf('registration', step, idOf(stream), { active })]
    }),
}

/** Leaving and joining on one day means he ended in the office he joined. */
const moveRank: Readonly<Record<string, number>> = {
  WorkerLicensed: 0,
  WorkerEmploymentEnded: 1,
  WorkerTransferred: 2,
  WorkerLicenceRevoked: 3,
}

const inTime = (a: Step, b: Step) =>
  sortKey(a.effectiveAt) - sortKey(b.effectiveAt) ||
  moveRank[a.type]! - moveRank[b.type]! ||
  (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

export const workerSource: FactSource = {
  category: 'worker',
  types: new Set(Object.keys(moveRank)),
  kinds: ['membership'],
  offices: (_stream, data) => {
    const { office, to } = (data ?? {}) as { office?: unknown; to?: unknown }
    return [office, to].filter((id) => typeof id === 'string')
  },
  facts: (steps, stream) => {
    const worker = idOf(stream)
    const facts: Fact[] = []
    let office: string | undefined
    for (const step of steps.filter(({ type }) => type in moveRank).sort(inTime)) {
      const data = step.data as { office?: string; to?: string }
      const next =
        step.type === 'WorkerLicensed' ? data.office : step.type === 'WorkerTransferred' ? data.to : undefined
      if (next === office) continue
      if (office !== undefined) facts.push(factOf('membership', step, office, { worker, joined: false }))
      if (next !== undefined) facts.push(factOf('membership', step, next, { worker, joined: true }))
      office = next
    }
    return facts
  },
}
