/**
 * The one decision about rights: default deny, pure. Who may do what is the table below and the relations between the
 * person, his organisation and the case; nothing else in the program decides rights.
 */
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
  /** `complaint.read`, `complaint.accept`, `registry.write`, … */
  readonly permission: string
  readonly resource: Resource
}

/** What the decision needs to know of the thing asked for. */
export interface Resource {
  /** Organisation that owns it. */
  readonly organisation: string
  readonly division: string
  /** Office the case is about. */
  readonly respondentOffice?: string
  /** Persons who work the case: they may act where the rule names the case's own people. */
  readonly investigators?: readonly string[]
  /** Persons who stepped aside: they act and read no more. */
  readonly recused?: readonly string[]
  /** Need-to-know list; where present nobody else reads. */
  readonly readers?: readonly string[]
  readonly archived?: boolean
}

export type AccessDecision =
  | { readonly allow: true; readonly grant: Grant | undefined; readonly seal: 'open' | 'case-only' | 'withheld' }
  | { readonly allow: false; readonly why: 'unknown' | 'forbidden' }
