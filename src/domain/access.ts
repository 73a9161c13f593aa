/**
 * The one decision about rights: default deny, pure. Who may do what is the table in access-table.ts and the relations between
 * the person, his organisation and the case; nothing else in the program decides rights. Reading as of a past moment uses
 * today's rights on the past data: hand in the principal and the resource as they are now.
 */
import { operatorPermissions, permissions } from './access-table.ts'
import { isAbove, isWithin } from './organisation-tree.ts'

/** The roles a person can hold. */
export const roles = [
  'reception',
  'investigator',
  'centre-director',
  'bureau-leader',
  'leading-group',
  'supervision-officer',
  'grassroots-section',
  'judicial-office',
  'legal-reviewer',
  'hearing-chair',
  'city-decider',
  'disciplinary-committee',
  'office-account',
  'auditor',
  'privacy-officer',
  'administrator',
] as const
export type Role = (typeof roles)[number]

/** A role held in an organisation (or, for an office's own account, in an office). */
export interface Grant {
  readonly role: Role
  readonly organisation: string
  /** Division code of that organisation, GB/T 2260, six to twelve digits. */
  readonly division: string
  /** For `office-account`: the office it speaks for. */
  readonly office?: string
}

/** The person who asks, as the directory knows him now. */
export interface Principal {
  readonly person: string
  readonly grants: readonly Grant[]
  /** The operator at the terminal of a data directory: imports, administers, computes; reads sealed fields as withheld. */
  readonly operator?: true
}

/** What is asked for. */
export interface AccessRequest {
  /**
   * `<category>.<action>`: `complaint.accept`, `person.grantRole`. Reading is `<category>.read` (with everything in it), `<category>.history`,
   * or `<category>.list` (a row: an archived case shows there without a purpose, its sealed fields withheld).
   */
  readonly permission: string
  readonly resource: Resource
  /** Why an archived case is opened, as it is recorded (S1-2.2, S2-4.4.6). */
  readonly purpose?: string
}

/** What the decision needs to know of the thing asked for. */
export interface Resource {
  /** Organisation that owns it. */
  readonly organisation: string
  readonly division: string
  /** Organisations registered above the owner, nearest first: superiors whose division code is the same as the owner's. */
  readonly above?: readonly string[]
  /** Office the case is about; of a rating, an office or a worker, the office itself. */
  readonly respondentOffice?: string
  /** Person who registered it. */
  readonly registeredBy?: string
  /** Persons who work the case: they may act where the rule names the case's own people. */
  readonly investigators?: readonly string[]
  /** Other organisations charged with a task of it: co-handling units, the judicial office on the spot. */
  readonly charged?: readonly { readonly organisation: string; readonly division: string }[]
  /** Whether it was referred to the disciplinary committee (S4-4.5a). */
  readonly referred?: boolean
  /** Persons who stepped aside: they act and read no more. */
  readonly recused?: readonly string[]
  /** Need-to-know list (S1-5.2e); where present nobody else reads, but an auditor, who then reads no sealed field. */
  readonly readers?: readonly string[]
  readonly archived?: boolean
  /** Whether the complaint's texts were released to the respondent; the complainant's identity never is (信访工作条例 30). */
  readonly released?: boolean
  /** Of registry records of persons: the person it is about. */
  readonly person?: string
}

/** What opens: everything, the case's texts but nobody's identity or contact, or no sealed field at all. */
export type Seal = 'open' | 'case-only' | 'withheld'

/**
 * How far a grant reaches: `own` organisation; `covered`: own and subordinate ones; `region`: every organisation of the division;
 * `charged`: what the organisation was given a task of; `office`: what is about the account's office; `installation`: anything.
 */
export type Reach = 'own' | 'covered' | 'region' | 'charged' | 'office' | 'installation'

/** What the person himself must be to the case. */
export type Relation = 'assigned' | 'registered' | 'referred' | 'self' | 'not-self'

/** One cell of the table: a role may do it, as far as it reaches, in this relation, and sees this much. */
export interface Rule {
  readonly role: Role
  readonly reach: Reach
  readonly relation?: Relation
  /** Of reading; an action shows what reading shows. */
  readonly seal?: Seal
}

/**
 * The decision. `unknown` answers like a missing id (404), `forbidden` 403, `purpose` asks for the purpose of opening an archived
 * case (403 `archive-purpose-required`). `grant` is the one the act is done under: its role and organisation stand in the event's actor.
 */
export type AccessDecision =
  | { readonly allow: true; readonly grant: Grant | undefined; readonly seal: Seal }
  | { readonly allow: false; readonly why: 'unknown' | 'forbidden' | 'purpose' }

const READS = new Set(['read', 'list', 'history'])
const RANK: Readonly<Record<Seal, number>> = { withheld: 0, 'case-only': 1, open: 2 }

const categoryOf = (permission: string): string => permission.slice(0, permission.indexOf('.'))
const actionOf = (permission: string): string => permission.slice(permission.indexOf('.') + 1)

/** Whether the permission is one of reading. */
export const isRead = (permission: string): boolean => READS.has(actionOf(permission))

/** The rules for a permission: its own row, else the row `<category>.*` of the category's other actions; reading has no such row. */
export function rulesFor(permission: string): readonly Rule[] {
  const category = categoryOf(permission)
  if (isRead(permission)) return row(`${category}.read`) ?? []
  return row(permission) ?? row(`${category}.*`) ?? []
}

const row = (key: string): readonly Rule[] | undefined =>
  Object.hasOwn(permissions, key) ? permissions[key] : undefined

/** Whether the grant's organisation owns the thing or stands above its owner. */
const covers = (grant: Grant, { organisation, division, above }: Resource): boolean =>
  grant.organisation === organisation ||
  isAbove(grant.division, division) ||
  (above?.includes(grant.organisation) ?? false)

function reaches(reach: Reach, grant: Grant, resource: Resource): boolean {
  switch (reach) {
    case 'own':
      return grant.organisation === resource.organisation
    case 'covered':
      return covers(grant, resource)
    case 'region':
      return covers(grant, resource) || isWithin(resource.division, grant.division)
    case 'charged':
      return resource.charged?.some((charged) => covers(grant, { ...charged })) ?? false
    case 'office':
      return grant.office !== undefined && grant.office === resource.respondentOffice
    case 'installation':
      return true
  }
}

function relates(relation: Relation | undefined, person: string, resource: Resource): boolean {
  switch (relation) {
    case undefined:
      return true
    case 'assigned':
      return resource.investigators?.includes(person) ?? false
    case 'registered':
      return resource.registeredBy === person
    case 'referred':
      return resource.referred === true
    case 'self':
      return resource.person === person
    case 'not-self':
      return resource.person !== person
  }
}

/** How much a grant opens under a rule: identity stays in the organisation that owns the case (S1-5.2e). */
function sealOf(rule: Rule, grant: Grant, resource: Resource, unlisted: boolean): Seal {
  const seal = rule.seal ?? 'withheld'
  if (rule.role === 'office-account') return resource.released ? 'case-only' : 'withheld'
  if (unlisted) return 'withheld'
  return seal === 'open' && grant.organisation !== resource.organisation ? 'case-only' : seal
}

interface Match {
  readonly grant: Grant
  readonly seal: Seal
}

/** The matching grant that opens most. */
function best(principal: Principal, rules: readonly Rule[], resource: Resource): Match | undefined {
  let found: Match | undefined
  const unlisted = hidden(principal, resource)
  for (const rule of rules) {
    // An audit that confidentiality could switch off would be none; the auditor then opens no sealed field.
    if (unlisted && rule.role !== 'auditor') continue
    if (!relates(rule.relation, principal.person, resource)) continue
    for (const grant of principal.grants) {
      if (grant.role !== rule.role || !reaches(rule.reach, grant, resource)) continue
      const seal = sealOf(rule, grant, resource, unlisted)
      if (!found || RANK[seal] > RANK[found.seal]) found = { grant, seal }
    }
  }
  return found
}

/** Whether the need-to-know list keeps the thing from this person. */
const hidden = (principal: Principal, resource: Resource): boolean =>
  resource.readers !== undefined && !resource.readers.includes(principal.person)

/** Whether a refusal may admit that the thing exists. */
function isKnown(principal: Principal, category: string, resource: Resource): boolean {
  if (best(principal, rulesFor(`${category}.read`), resource)) return true
  if (hidden(principal, resource)) return false
  return principal.grants.some(
    (grant) => grant.role !== 'office-account' && grant.organisation === resource.organisation,
  )
}

const denied = (why: 'unknown' | 'forbidden' | 'purpose'): AccessDecision => ({ allow: false, why })

/** Decides one request. Everything the table does not allow is denied. */
export function decideAccess(principal: Principal, request: AccessRequest): AccessDecision {
  const { permission, resource } = request
  const category = categoryOf(permission)
  if (principal.operator)
    return operatorPermissions.has(permission) || operatorPermissions.has(`${category}.*`) || isRead(permission)
      ? { allow: true, grant: undefined, seal: 'withheld' }
      : denied('forbidden')
  if (!isKnown(principal, category, resource) && !best(principal, rulesFor(permission), resource))
    return denied('unknown')
  if (resource.recused?.includes(principal.person)) return denied('forbidden')
  const match = best(principal, rulesFor(permission), resource)
  if (!match) return denied('forbidden')
  if (!isRead(permission)) {
    const reading = best(principal, rulesFor(`${category}.read`), resource)
    return { allow: true, grant: match.grant, seal: reading?.seal ?? 'withheld' }
  }
  if (resource.archived && !request.purpose?.trim()) {
    if (actionOf(permission) !== 'list') return denied('purpose')
    return { allow: true, grant: match.grant, seal: 'withheld' }
  }
  return { allow: true, ...match }
}

/**
 * Which of these permissions the principal has on a resource.
 * @param candidates default: every permission the table names; give a category's lawful actions to find a person's next steps
 */
export function permissionsOn(
  principal: Principal,
  resource: Resource,
  candidates: Iterable<string> = Object.keys(permissions),
): string[] {
  return [...candidates].filter(
    (permission) => !permission.endsWith('.*') && decideAccess(principal, { permission, resource }).allow,
  )
}

/**
 * The grants under which a principal reads a category, with how far each reaches: what a list query may narrow its rows by before
 * it asks {@link decideAccess} for each. A row that none of these reaches is not readable.
 */
export function readingScopes(principal: Principal, category: string): { grant: Grant; rule: Rule }[] {
  return rulesFor(`${category}.read`).flatMap((rule) =>
    principal.grants.filter((grant) => grant.role === rule.role).map((grant) => ({ grant, rule })),
  )
}
