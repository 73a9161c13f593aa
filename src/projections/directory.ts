/**
 * The directory: organisations, offices, workers and persons as the registry's events say, in memory. Rights are decided by what it
 * says now; where a worker practised or an office stood at a date it derives from the facts' own times.
 */
import type { Grant, Principal, Role } from '../domain/access.ts'
import type { AnyDecider } from '../domain/decider.ts'
import { categoryOf, type Recorded } from '../domain/event.ts'
import { correctedSteps, isCorrection, stateOf } from '../domain/history.ts'
import { isWithin } from '../domain/organisation-tree.ts'
import { type OfficeState, type OfficeView, officeAt, officeDecider } from '../domain/registry/office.ts'
import {
  type OrganisationKind,
  type OrganisationState,
  organisationDecider,
  organisationNameAt,
} from '../domain/registry/organisation.ts'
import { type GrantedRole, type PersonState, personDecider } from '../domain/registry/person.ts'
import type { KeptToken } from '../domain/registry/token.ts'
import {
  type WorkerState,
  type WorkerView,
  workerAt,
  workerDecider,
  workerOfficeAt,
} from '../domain/registry/worker.ts'
import type { EffectiveTime } from '../domain/time.ts'
import type { DirectoryModel } from './projection.ts'

/** An organisation as it is known now; all that the registry says has happened. */
export interface OrganisationEntry {
  readonly id: string
  readonly code: string
  readonly name: string
  /** In its documents' numbers. */
  readonly abbreviation: string
  readonly kind: OrganisationKind
  readonly division: string
  readonly parent?: string
  readonly dissolved?: { readonly at: EffectiveTime; readonly successor?: string }
}

export interface OfficeEntry extends OfficeView {
  readonly id: string
}

export interface WorkerEntry extends WorkerView {
  readonly id: string
}

/** A person as administrators see him: tokens without their hashes. */
export interface PersonEntry {
  readonly id: string
  readonly name: string
  readonly organisation: string
  readonly grants: readonly GrantedRole[]
  readonly tokens: readonly Omit<KeptToken, 'hash'>[]
  readonly disabled: boolean
}

/** What is kept of an event: enough to fold its stream anew when a correction comes. */
type KeptEvent = Omit<Recorded, 'commandId' | 'requestMac' | 'causationId' | 'correlationId'>

interface Entry<State> {
  readonly events: KeptEvent[]
  state: State
}

interface Shelf<State> {
  readonly decider: AnyDecider
  readonly entries: Map<string, Entry<State>>
}

/** The content of a snapshot: every registry event, stream by stream in the order the streams began. */
export type DirectorySnapshot = readonly (readonly [stream: string, events: readonly KeptEvent[]])[]

/** After every fact there is: what is asked about now knows nothing later. */
const NOW: EffectiveTime = '9999-12-31'

const shelf = <State>(decider: AnyDecider): Shelf<State> => ({ decider, entries: new Map() })

function keep(event: Recorded): KeptEvent {
  const { commandId: _c, requestMac: _m, causationId: _a, correlationId: _r, ...kept } = event
  return kept
}

export class Directory implements DirectoryModel {
  readonly version = 1
  readonly #organisations = shelf<OrganisationState>(organisationDecider)
  readonly #offices = shelf<OfficeState>(officeDecider)
  readonly #workers = shelf<WorkerState>(workerDecider)
  readonly #persons = shelf<PersonState>(personDecider)
  readonly #shelves: Readonly<Record<string, Shelf<unknown>>> = {
    organisation: this.#organisations as Shelf<unknown>,
    office: this.#offices as Shelf<unknown>,
    worker: this.#workers as Shelf<unknown>,
    person: this.#persons as Shelf<unknown>,
  }
  #streams: string[] = []
  #codes = new Map<string, string>()
  #changes = 0

  /** Raised whenever an organisation or an office may have changed. */
  get changes(): number {
    return this.#changes
  }

  /** Whether events of this category matter to the directory. */
  readonly handles = (category: string): boolean => Object.hasOwn(this.#shelves, category)

  /**
   * Takes the next event of a registry stream; one it already has changes nothing.
   * @param event lifted to its current version
   * @throws Error where an event of the stream is missing before it
   */
  applyEvent(event: Recorded): void {
    const category = categoryOf(event.stream)
    if (!this.handles(category)) return
    const { decider, entries } = this.#shelves[category]!
    const id = event.stream.slice(category.length + 1)
    const entry: Entry<unknown> = entries.get(id) ?? { events: [], state: decider.initial }
    const next = entry.events.length
    if (event.revision < next) return
    if (event.revision > next) throw new Error(`${event.stream}: revision ${event.revision} came before ${next}`)
    if (next === 0) {
      entries.set(id, entry)
      this.#streams.push(event.stream)
    }
    entry.events.push(keep(event))
    if (category === 'organisation' || category === 'office') this.#changes++
    if (isCorrection(event)) {
      // Folding reads nothing of what is left out.
      entry.state = stateOf(decider, entry.events as unknown as readonly Recorded[])
      if (category === 'organisation') this.#indexCodes()
      return
    }
    entry.state = decider.evolve(entry.state, correctedSteps([event])[0] as never)
    if (category === 'organisation') this.#indexCode(id, entry.state as OrganisationState)
  }

  snapshot(): DirectorySnapshot {
    return this.#streams.map((stream) => {
      const category = categoryOf(stream)
      return [stream, this.#shelves[category]!.entries.get(stream.slice(category.length + 1))!.events]
    })
  }

  restore(snapshot: unknown): void {
    for (const { entries } of Object.values(this.#shelves)) entries.clear()
    this.#streams = []
    this.#codes.clear()
    this.#changes++
    for (const [, events] of (snapshot ?? []) as DirectorySnapshot)
      for (const event of events) this.applyEvent(event as Recorded)
  }

  /** Where two streams claim one code the earlier has it. */
  #indexCode(id: string, { registered }: OrganisationState): void {
    if (registered && !this.#codes.has(registered.code)) this.#codes.set(registered.code, id)
  }

  #indexCodes(): void {
    this.#codes.clear()
    for (const [id, { state }] of this.#organisations.entries) this.#indexCode(id, state)
  }

  /** An organisation, also a dissolved one. */
  organisation(id: string): OrganisationEntry | undefined {
    const state = this.#organisations.entries.get(id)?.state
    if (!state?.registered) return undefined
    const { code, kind, division, parent } = state.registered
    const { name, abbreviation } = organisationNameAt(state, NOW) ?? { name: code, abbreviation: code }
    return {
      id,
      code,
      name,
      abbreviation,
      kind,
      division,
      ...(parent === undefined ? {} : { parent }),
      ...(state.dissolved ? { dissolved: state.dissolved } : {}),
    }
  }

  organisationByCode(code: string): OrganisationEntry | undefined {
    const id = this.#codes.get(code)
    return id === undefined ? undefined : this.organisation(id)
  }

  /** Every organisation, also dissolved ones, in the order of registration. */
  organisations(): OrganisationEntry[] {
    return this.#each(this.#organisations, (id) => this.organisation(id))
  }

  /** Division code of an organisation. */
  divisionOf(organisation: string): string | undefined {
    return this.#organisations.entries.get(organisation)?.state.registered?.division
  }

  /**
   * The organisation that holds these duties now: itself, or the successor's successor. Nothing where the duties ended or the
   * successors run in a circle. Rights look at it, so that a reorganisation loses nobody his cases.
   */
  current(organisation: string): OrganisationEntry | undefined {
    const seen = new Set<string>()
    for (let id: string | undefined = organisation; id !== undefined && !seen.has(id); ) {
      seen.add(id)
      const entry = this.organisation(id)
      if (!entry?.dissolved) return entry
      id = entry.dissolved.successor
    }
    return undefined
  }

  /** The organisations registered above one, nearest first: for superiors whose division code is the same. */
  above(organisation: string): string[] {
    const chain: string[] = []
    let parent = this.organisation(organisation)?.parent
    while (parent !== undefined) {
      const holder = this.current(parent)
      if (!holder || holder.id === organisation || chain.includes(holder.id)) break
      chain.push(holder.id)
      parent = holder.parent
    }
    return chain
  }

  /** An office as it was at a time (default: as it is known now). */
  office(id: string, at: EffectiveTime = NOW): OfficeEntry | undefined {
    const state = this.#offices.entries.get(id)?.state
    const view = state && officeAt(state, at)
    return view && { id, ...view }
  }

  /** Every office that stood at a time in a division or below it, also those not practising. */
  officesUnder(division: string, at: EffectiveTime = NOW): OfficeEntry[] {
    return this.offices(at).filter((office) => isWithin(office.division, division))
  }

  offices(at: EffectiveTime = NOW): OfficeEntry[] {
    return this.#each(this.#offices, (id) => this.office(id, at))
  }

  /** A worker as he was at a time (default: as he is known now). */
  worker(id: string, at: EffectiveTime = NOW): WorkerEntry | undefined {
    const state = this.#workers.entries.get(id)?.state
    const view = state && workerAt(state, at)
    return view && { id, ...view }
  }

  /** The office a worker practised in at a time, if any; a date includes its whole day. */
  workerOfficeAt(worker: string, at: EffectiveTime): string | undefined {
    const state = this.#workers.entries.get(worker)?.state
    return state && workerOfficeAt(state, at)
  }

  /** The workers who practised in an office at a time. */
  workersOf(office: string, at: EffectiveTime = NOW): WorkerEntry[] {
    return this.#each(this.#workers, (id) => this.worker(id, at)).filter((worker) => worker.office === office)
  }

  person(id: string): PersonEntry | undefined {
    const state = this.#persons.entries.get(id)?.state
    if (!state?.registered) return undefined
    const { grants, disabled } = state
    const tokens = state.tokens.map(({ hash: _hash, ...token }) => token)
    return { id, ...state.registered, grants, tokens, disabled }
  }

  persons(): PersonEntry[] {
    return this.#each(this.#persons, (id) => this.person(id))
  }

  /** What a person may be asked as: his grants now, in the organisations that hold the duties now; nothing for the unknown or disabled. */
  principal(person: string): Principal | undefined {
    const state = this.#persons.entries.get(person)?.state
    if (!state?.registered || state.disabled) return undefined
    return { person, grants: state.grants.flatMap((grant) => this.#grant(grant)) }
  }

  #grant({ role, organisation, office }: GrantedRole): Grant[] {
    const holder = this.current(organisation)
    if (!holder) return []
    return [{ role, organisation: holder.id, division: holder.division, ...(office === undefined ? {} : { office }) }]
  }

  /** A person's token, revoked and expired ones too; nothing for the unknown or disabled. */
  findToken(person: string, token: string): KeptToken | undefined {
    const state = this.#persons.entries.get(person)?.state
    if (!state?.registered || state.disabled) return undefined
    return state.tokens.find((kept) => kept.token === token)
  }

  /** The enabled persons who hold a role (any, where none is named) in an organisation now. */
  people(organisation: string, role?: Role): PersonEntry[] {
    return this.persons().filter((person) =>
      this.principal(person.id)?.grants.some(
        (grant) => grant.organisation === organisation && (role === undefined || grant.role === role),
      ),
    )
  }

  #each<State, View>(from: Shelf<State>, view: (id: string) => View | undefined): View[] {
    const views: View[] = []
    for (const id of from.entries.keys()) {
      const one = view(id)
      if (one !== undefined) views.push(one)
    }
    return views
  }
}
