/** Which rows of a list a person may see, for a query to count and page: the same table of rights that decides each case. */
import { type Principal, readingScopes } from '../../domain/access.ts'
import { isAbove, isWithin } from '../../domain/organisation-tree.ts'

/** What scopes and filters need of the directory. */
export interface OrganisationTree {
  /** Every organisation, also dissolved ones. */
  organisations(): readonly { readonly id: string }[]
  /** The organisation that holds the duties of one now. */
  current(organisation: string): { readonly id: string; readonly division: string } | undefined
  organisation(
    organisation: string,
  ): { readonly id: string; readonly division: string; readonly abbreviation: string } | undefined
  /** Organisations above one whose division code is the same, nearest first. */
  above(organisation: string): readonly string[]
}

/** One way to see a row: every condition given must hold. */
export interface ScopeClause {
  readonly organisations?: readonly string[]
  /** Division codes: the organisations in and below them. */
  readonly divisions?: readonly string[]
  readonly offices?: readonly string[]
  /** Organisations charged with a task of it. */
  readonly charged?: readonly string[]
  /** Persons who investigate it. */
  readonly persons?: readonly string[]
  readonly registeredBy?: readonly string[]
  /** Referred to the disciplinary committee. */
  readonly referred?: boolean
  /** Sees cases with a need-to-know list that does not name him (an auditor, who reads no sealed field there). */
  readonly despiteReaders?: boolean
}

/** What a person may see: any of the clauses. */
export interface Scope {
  readonly anyOf: readonly ScopeClause[]
  /** Hidden from him: cases he stepped aside from, and those whose need-to-know list does not name him. */
  readonly person?: string
}

/** Who holds an organisation's duties now, and where. */
export function holderOf(tree: OrganisationTree, organisation: string): { id: string; division: string } {
  const holder = tree.current(organisation) ?? tree.organisation(organisation)
  return { id: holder?.id ?? organisation, division: holder?.division ?? '' }
}

/** Organisations whose duties are held in one of these divisions. */
export function organisationsWithin(tree: OrganisationTree, divisions: readonly string[]): string[] {
  return tree.organisations().flatMap(({ id }) => {
    const { division } = holderOf(tree, id)
    return division !== '' && divisions.some((superior) => isWithin(division, superior)) ? [id] : []
  })
}

/**
 * The scope of a person's list of one category, from the table of rights. The operator sees every row.
 */
export function scopeFor(principal: Principal, category: string, tree: OrganisationTree): Scope | undefined {
  if (principal.operator) return undefined
  const { person } = principal
  const holders = tree.organisations().map(({ id }) => ({ id, holder: holderOf(tree, id) }))
  const anyOf = readingScopes(principal, category).flatMap((reading): ScopeClause[] => {
    const place = placeOf(reading, holders, tree)
    if (!place) return []
    const { relation, role } = reading.rule
    return [
      {
        ...place,
        ...(relation === 'assigned' ? { persons: [person] } : {}),
        ...(relation === 'registered' ? { registeredBy: [person] } : {}),
        ...(relation === 'referred' ? { referred: true } : {}),
        ...(role === 'auditor' ? { despiteReaders: true } : {}),
      },
    ]
  })
  return { anyOf, person }
}

type Reading = ReturnType<typeof readingScopes>[number]
type Holder = { readonly id: string; readonly holder: { readonly id: string; readonly division: string } }

/** The organisations or the office a grant reaches under a rule; undefined where it reaches no row of a list. */
function placeOf(
  { grant, rule }: Reading,
  holders: readonly Holder[],
  tree: OrganisationTree,
): ScopeClause | undefined {
  const reached = (test: (holder: Holder['holder']) => boolean): ScopeClause => ({
    organisations: holders.flatMap(({ id, holder }) => (test(holder) ? [id] : [])),
  })
  const covered = (holder: Holder['holder']) =>
    holder.id === grant.organisation ||
    (holder.division !== '' && isAbove(grant.division, holder.division)) ||
    tree.above(holder.id).includes(grant.organisation)
  switch (rule.reach) {
    case 'installation':
      return {}
    case 'office':
      return grant.office === undefined ? undefined : { offices: [grant.office] }
    case 'own':
      return reached((holder) => holder.id === grant.organisation)
    case 'covered':
      return reached(covered)
    case 'region':
      return reached(
        (holder) => covered(holder) || (holder.division !== '' && isWithin(holder.division, grant.division)),
      )
    case 'charged':
      return { charged: reached(covered).organisations! }
  }
}
