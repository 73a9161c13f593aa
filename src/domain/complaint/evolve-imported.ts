/** Folds what an imported ledger says of a case. */
import type { ComplaintStep } from './events.ts'
import type { Milestone } from './fields.ts'
import { laterOf } from './moves.ts'
import { type ComplaintState, initialComplaint } from './state.ts'

type ImportedStep = Extract<
  ComplaintStep,
  { type: 'CaseImported' | 'ImportedMilestone' | 'ImportedFieldsAdded' | 'ImportedFieldsChanged' }
>
type Fields = Extract<ComplaintStep, { type: 'CaseImported' }>['data']['fields']

/** How far each milestone brings a case; the farthest one known says where it stands. */
const rank: readonly Milestone[] = ['received', 'accepted', 'replied', 'closed']
const stateKey = {
  received: 'receivedAt',
  accepted: 'acceptedAt',
  replied: 'repliedAt',
  closed: 'closedAt',
} as const satisfies Record<Milestone, keyof ComplaintState>

const plainOf = (fields: Fields): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, field]) => (field.kind === 'plain' ? [[name, field.value]] : [])),
  )
const sealedOf = (fields: Fields): string[] => Object.keys(fields).filter((name) => fields[name]!.kind === 'sealed')

function withFields(state: ComplaintState, fields: Fields, rowMac: string, status: string | undefined): ComplaintState {
  const { imported } = state
  if (!imported) return state
  return {
    ...state,
    imported: {
      ...imported,
      row: rowMac,
      plain: { ...imported.plain, ...plainOf(fields) },
      sealed: [...new Set([...imported.sealed, ...sealedOf(fields)])],
      ...(status === undefined ? {} : { status }),
    },
  }
}

export function evolveImported(state: ComplaintState, step: ImportedStep): ComplaintState {
  const at = step.effectiveAt
  switch (step.type) {
    case 'CaseImported': {
      const { data } = step
      return {
        ...initialComplaint,
        status: 'received',
        organisation: step.organisation,
        subject: data.subject,
        complainant: data.person?.subject,
        respondentOffice: data.respondentOffice,
        ...(data.received === 'known' ? { receivedAt: at, lastStepAt: at } : {}),
        imported: {
          source: data.source,
          ...(data.ledgerNumber === undefined ? {} : { ledgerNumber: data.ledgerNumber }),
          key: data.key,
          row: data.row,
          received: data.received,
          ...(data.clock === undefined ? {} : { clock: data.clock }),
          plain: plainOf(data.fields),
          sealed: sealedOf(data.fields),
          latest: data.latest,
          ...(data.status === undefined ? {} : { status: data.status }),
        },
      }
    }
    case 'ImportedMilestone': {
      const { milestone } = step.data
      const known = { ...state, [stateKey[milestone]]: at, lastStepAt: laterOf(state.lastStepAt, at) }
      const now = rank.indexOf(state.status as Milestone)
      const imported =
        milestone === 'received' && state.imported ? { ...state.imported, received: 'known' as const } : state.imported
      return { ...known, imported, status: rank.indexOf(milestone) > now ? milestone : state.status }
    }
    case 'ImportedFieldsAdded': {
      const { fields, rowMac, dueAt, respondentOffice, person, status } = step.data
      const next = withFields(state, fields, rowMac, status)
      if (!next.imported) return next
      const clock = next.imported.clock
      return {
        ...next,
        respondentOffice: next.respondentOffice ?? respondentOffice,
        complainant: next.complainant ?? person?.subject,
        imported: { ...next.imported, ...(clock && dueAt !== undefined ? { clock: { ...clock, dueAt } } : {}) },
      }
    }
    case 'ImportedFieldsChanged':
      return withFields(state, step.data.fields, step.data.rowMac, step.data.status)
  }
}
