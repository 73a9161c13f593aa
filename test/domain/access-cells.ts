/** The whole matrix role × permission × relation, decided and written down compactly. */
import { decideAccess, type Principal, type Resource, type Role, roles } from '../../src/domain/access.ts'
import { permissions } from '../../src/domain/access-table.ts'

const ME = 'me'
const OWN = { organisation: 'county', division: '341702' }
const BELOW = { organisation: 'township', division: '341702001' }
const SIBLING = { organisation: 'sibling', division: '341703' }

/** What the person and his organisation, a county bureau, are to the thing. */
export const relations: Readonly<Record<string, Resource & { purpose?: string }>> = {
  own: OWN,
  assigned: { ...OWN, investigators: ['other', ME] },
  registered: { ...OWN, registeredBy: ME },
  recused: { ...OWN, investigators: [ME], registeredBy: ME, recused: [ME] },
  listed: { ...OWN, investigators: [ME], readers: [ME] },
  unlisted: { ...OWN, investigators: [ME], readers: ['other'] },
  archived: { ...OWN, investigators: [ME], archived: true },
  opened: { ...OWN, investigators: [ME], archived: true, purpose: '复查' },
  below: { ...BELOW, investigators: [ME] },
  above: { organisation: 'city', division: '341700', investigators: [ME] },
  sibling: { ...SIBLING, investigators: [ME] },
  twin: { organisation: 'centre', division: '341702', investigators: [ME] },
  child: { organisation: 'centre', division: '341702', investigators: [ME], above: ['county'] },
  charged: { ...SIBLING, charged: [OWN] },
  office: { ...SIBLING, respondentOffice: 'office' },
  referred: { ...BELOW, referred: true },
  self: { ...SIBLING, person: ME },
}

export const principalOf = (role: Role): Principal => ({
  person: ME,
  grants: [{ role, ...OWN, ...(role === 'office-account' ? { office: 'office' } : {}) }],
})

/** Every permission the table names; of a `<category>.*` row the action nobody has named. */
export const named = Object.keys(permissions).map((permission) => permission.replace('*', 'anything'))

const LETTERS = { open: 'o', 'case-only': 'c', withheld: 'w', unknown: '-', forbidden: '.', purpose: 'p' } as const

export function cell(
  principal: Principal,
  permission: string,
  { purpose, ...resource }: Resource & { purpose?: string },
) {
  const decision = decideAccess(principal, { permission, resource, ...(purpose ? { purpose } : {}) })
  return LETTERS[decision.allow ? decision.seal : decision.why]
}

/** For each role the permissions by their row of cells over all relations, in order; rows that allow nothing are left out. */
export function matrix(): Record<string, Record<string, string>> {
  return Object.fromEntries(
    roles.map((role) => {
      const groups: Record<string, string> = {}
      for (const permission of named) {
        const cells = Object.values(relations)
          .map((resource) => cell(principalOf(role), permission, resource))
          .join('')
        if (/[ocwp]/.test(cells)) groups[cells] = groups[cells] ? `${groups[cells]} ${permission}` : permission
      }
      return [role, groups]
    }),
  )
}
