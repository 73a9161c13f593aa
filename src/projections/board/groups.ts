/**
 * Rows of the board that rights and filters cannot tell apart form a group: the same case category, kind, owners, person, office,
 * importance and need-to-know list. Whether a reader sees a row is decided once for its group, however many rows are in it.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { ClockState } from '../../domain/calendar/status.ts'
import type { Scope, ScopeClause } from '../queries/scope.ts'
import type { ItemTraits } from './items.ts'

/** What the rows of a group have in common. */
export interface GroupTraits extends ItemTraits {
  readonly readers?: readonly string[]
  readonly charged?: readonly string[]
  /** Stepped aside from the case. */
  readonly recused?: readonly string[]
}

/** How an ended clock was judged. */
export const VERDICTS = ['closedOnTime', 'closedLate', 'closedNoDeadline'] as const satisfies readonly ClockState[]
export type Verdict = (typeof VERDICTS)[number]

export interface Group extends GroupTraits {
  /** Small numbers, so that what is said of every group is an array. */
  readonly id: number
  /** Rows that ended, by verdict. */
  readonly ended: Record<Verdict, number>
  /** Which change of the board was the last in it. */
  changed: number
}

/** What a board is narrowed by; every condition given must hold. */
export interface TraitFilter {
  readonly organisations?: readonly string[] | undefined
  readonly person?: string | undefined
  readonly office?: string | undefined
  readonly category?: string | undefined
  readonly kind?: string | undefined
  readonly importance?: string | undefined
}

/** The scope of each category a reader may see; a category that is not here is not shown. */
export type BoardScopes = Readonly<Record<string, Scope | undefined>>

/** Filters of one reader whose groups are known. */
const KEPT_FILTERS = 50

export const GROUPS_SCHEMA = 'CREATE TABLE groups (id INTEGER PRIMARY KEY, traits TEXT NOT NULL UNIQUE) STRICT'

const keyOf = ({ category, kind, organisation, owner, person, office, importance, ...lists }: GroupTraits): string =>
  JSON.stringify({ category, kind, organisation, owner, person, office, importance, ...lists })

/** The groups that have rows, in memory and in the file. One that lost its rows is forgotten when the file is opened again. */
export class Groups {
  readonly #byKey = new Map<string, Group>()
  readonly #byId: (Group | undefined)[] = []
  /** In the order in which they were entered: an older number may come back. */
  readonly #entered: Group[] = []
  /** What questions found among the first so many of these. */
  readonly #shown = new WeakMap<BoardScopes, Map<string, { readonly looked: number; readonly shown: Uint8Array }>>()
  readonly #add: StatementSync

  /** @param used numbers of the groups that have rows */
  constructor(db: DatabaseSync, used: ReadonlySet<number>) {
    for (const { id, traits } of db.prepare('SELECT id, traits FROM groups').all() as { id: number; traits: string }[])
      if (used.has(id)) this.#enter(id, traits, JSON.parse(traits) as GroupTraits)
    this.#add = db.prepare(
      'INSERT INTO groups (traits) VALUES (?) ON CONFLICT (traits) DO UPDATE SET traits = excluded.traits RETURNING id',
    )
  }

  /** The group of these traits, made where there is none. */
  of(traits: GroupTraits): Group {
    const key = keyOf(traits)
    const known = this.#byKey.get(key)
    if (known) return known
    const { id } = this.#add.get(key) as { id: number }
    return this.#enter(id, key, traits)
  }

  get(id: number): Group {
    return this.#byId[id]!
  }

  /**
   * By group number, 1 where a reader may see the group and the filter takes it. What a group is never changes: of a question asked
   * before (by the same scopes, as an object) only new groups are looked at.
   */
  shown({ organisations, person, office, category, kind, importance }: TraitFilter, scopes: BoardScopes): Uint8Array {
    const filter = { organisations, person, office, category, kind, importance }
    let ofScopes = this.#shown.get(scopes)
    if (!ofScopes || ofScopes.size > KEPT_FILTERS) {
      ofScopes = new Map()
      this.#shown.set(scopes, ofScopes)
    }
    const key = JSON.stringify(filter)
    const known = ofScopes.get(key)
    if (known?.looked === this.#entered.length) return known.shown
    const takes = filterTest(filter)
    const sees = new Map(Object.entries(scopes).map(([category, scope]) => [category, scopeTest(scope)]))
    const shown = new Uint8Array(this.#byId.length)
    if (known) shown.set(known.shown)
    const looked = this.#entered.length
    for (const group of this.#entered.slice(known?.looked ?? 0))
      if (takes(group) && sees.get(group.category)?.(group)) shown[group.id] = 1
    ofScopes.set(key, { looked, shown })
    return shown
  }

  /** The groups among these. */
  *among(shown: Uint8Array): Generator<Group> {
    for (const group of this.#entered) if (shown[group.id] === 1) yield group
  }

  #enter(id: number, key: string, traits: GroupTraits): Group {
    const group = { ...traits, id, ended: { closedOnTime: 0, closedLate: 0, closedNoDeadline: 0 }, changed: 0 }
    this.#byKey.set(key, group)
    this.#byId[id] = group
    this.#entered.push(group)
    return group
  }
}

type Test = (group: GroupTraits) => boolean

function filterTest({ organisations, ...equal }: TraitFilter): Test {
  const units = organisations && new Set(organisations)
  const wanted = (['person', 'office', 'category', 'kind', 'importance'] as const).flatMap((trait) =>
    equal[trait] === undefined ? [] : [[trait, equal[trait]] as const],
  )
  return (group) =>
    (!units || units.has(group.organisation)) && wanted.every(([trait, value]) => group[trait] === value)
}

/** Who may see a group of one category. What only the case's own row knows (who registered it, referral) is not on the board. */
function scopeTest(scope: Scope | undefined): Test {
  if (!scope) return () => true
  const { person } = scope
  const ways = scope.anyOf.flatMap((clause) => clauseTest(clause, person))
  return (group) => !(person !== undefined && group.recused?.includes(person)) && ways.some((way) => way(group))
}

function clauseTest(clause: ScopeClause, person: string | undefined): Test[] {
  if (clause.registeredBy || clause.referred || clause.divisions) return []
  const tests: Test[] = []
  const within = (values: readonly string[] | undefined, has: (group: GroupTraits, among: Set<string>) => boolean) => {
    if (!values) return
    const among = new Set(values)
    tests.push((group) => has(group, among))
  }
  within(clause.organisations, ({ owner }, among) => among.has(owner))
  within(clause.charged, ({ charged }, among) => charged?.some((unit) => among.has(unit)) ?? false)
  within(clause.offices, ({ office }, among) => office !== undefined && among.has(office))
  within(clause.persons, ({ person: owes }, among) => owes !== undefined && among.has(owes))
  if (!clause.despiteReaders)
    tests.push(({ readers }) => readers === undefined || (person !== undefined && readers.includes(person)))
  return [(group) => tests.every((test) => test(group))]
}
