/**
 * Histories at random: complaints driven event by event, each event judged by the decider's own guard, with corrections judged as
 * commands judge them. The same seed gives the same bytes.
 */
import { v5 } from 'uuid'
import { deciders } from '../../src/domain/categories.ts'
import { basisFor } from '../../src/domain/complaint/clocks.ts'
import { type ComplaintState, type ComplaintStep, complaintDecider } from '../../src/domain/complaint/index.ts'
import type { AnyDecider } from '../../src/domain/decider.ts'
import type { Envelope, Recorded } from '../../src/domain/event.ts'
import { correctedSteps, fold, isCorrection, judgeCorrections } from '../../src/domain/history.ts'
import { instantOfMs } from '../../src/domain/time.ts'
import { encodeEnvelope } from '../../src/store/envelope.ts'
import { MemoryStore } from '../../src/store/memory.ts'
import type { EventStore, EventToAppend } from '../../src/store/port.ts'

/** A small generator of pseudo-random numbers in [0, 1) (mulberry32). */
export function randomFrom(seed: number): () => number {
  let a = seed >>> 0
  return () => {
    a = (a + 0x6d2b79f5) >>> 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

const NAMESPACE = '0d7f6f0e-3f3e-5b6e-9b1a-2f6c6f2b7a10'
const idOf = (...parts: readonly (string | number)[]) => v5(parts.join('/'), NAMESPACE)
const HOUR = 3_600_000

/** What stands where a sealed text would: the shape of a ciphertext, of about its size. */
const sealed = (subject: string) => ({
  enc: 'v1',
  alg: 'A256GCM',
  sub: subject,
  kid: `${subject}#n1`,
  iv: 'AAAAAAAAAAAAAAAA',
  ct: 'q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4mrze8BI0VniavN7w==',
  tag: 'AAAAAAAAAAAAAAAAAAAAAA==',
  kc: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
})

interface Case {
  readonly stream: string
  readonly organisation: string
  readonly subject: string
  events: Recorded[]
  state: ComplaintState
}

type Make = (kase: Case, random: () => number) => unknown
const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)]!
const people = ['p1', 'p2', 'p3', 'p4', 'p5', 'p6']

/** Data of the steps that a case may take; the guard says which of them it can take now. */
const makers: Record<string, Make> = {
  SupplementRequested: ({ subject }) => ({ items: [sealed(subject)] }),
  SupplementReceived: () => ({}),
  ComplaintAccepted: () => ({}),
  ComplaintNotAccepted: ({ subject }) => ({ ground: 'out-of-scope', reason: sealed(subject) }),
  ComplainantNotified: () => ({ about: 'acceptance', method: 'phone' }),
  InvestigatorsAssigned: (_, random) => ({ investigators: random() < 0.5 ? ['p1', 'p2'] : ['p2', 'p3'] }),
  HandlerReportRequested: () => ({}),
  HandlerReportSubmitted: ({ subject }) => ({ report: sealed(subject) }),
  DefenceWaived: () => ({}),
  DefenceSubmitted: ({ subject }) => ({ text: sealed(subject) }),
  InvestigationSuspended: ({ subject }) => ({ ground: 'force-majeure', reason: sealed(subject) }),
  InvestigationResumed: () => ({}),
  NoteAdded: ({ subject }) => ({ text: sealed(subject) }),
  InvestigationConcluded: ({ subject, state }) => ({
    investigators: state.investigators,
    matter: sealed(subject),
    grounds: sealed(subject),
    verifiedFacts: sealed(subject),
  }),
  DirectorOpinionGiven: ({ subject }) => ({ opinion: sealed(subject), proposed: 'substantiated' }),
  ReportedToLeader: () => ({ leader: 'p6' }),
  OfficeMeetingDecided: ({ subject }, random) => ({
    meetingNumber: '2026-7',
    attendees: ['p4', 'p5', 'p6'],
    outcome: pick(random, ['substantiated', 'partly-substantiated', 'unsubstantiated']),
    throughFault: random() < 0.5,
    subjectiveFault: false,
    graveSocialImpact: false,
    graveLoss: false,
    cooperation: { reportInTime: true, materialsHandedOver: true, rectified: true, activelyHandled: true },
    measures: [],
    result: sealed(subject),
    basis: sealed(subject),
  }),
  ReplyGiven: ({ subject }) => ({
    method: 'letter',
    text: sealed(subject),
    result: sealed(subject),
    basis: sealed(subject),
  }),
  ReviewRequested: ({ subject }) => ({ reason: sealed(subject) }),
  ReviewDecided: ({ subject }) => ({ organ: '市司法局', result: 'upheld', text: sealed(subject) }),
  ComplaintClosed: () => ({}),
  ComplaintArchived: () => ({ retention: '10y' }),
  ComplaintReopened: ({ subject }) => ({ ground: 'new-facts', reason: sealed(subject) }),
  ComplaintWithdrawn: () => ({ inWriting: true }),
  ComplaintTerminated: ({ subject }) => ({ ground: 'other', reason: sealed(subject) }),
  RecusalRequested: ({ subject }, random) => ({
    person: pick(random, ['p1', 'p3', 'p5']),
    by: 'complainant',
    ground: 'kinship',
    reason: sealed(subject),
  }),
  RecusalDecided: ({ state }) => ({ person: state.recusalPending[0] ?? 'p3', granted: true }),
  ReadersNamed: (_, random) => ({ readers: random() < 0.5 ? ['p1', 'p4'] : [] }),
}
const makerNames = Object.keys(makers)
/** The way most cases go, tried before anything at random. */
const chain = makerNames.filter(
  (name) =>
    !/Supplement|NotAccepted|Suspended|Resumed|Note|Review|Reopened|Withdrawn|Terminated|Readers|Recusal|DefenceSub/.test(
      name,
    ),
)

export interface HistoryOptions {
  readonly seed: number
  /** Probability that a turn corrects something; default 0.15. */
  readonly corrections?: number
  /** Probability that a turn opens a case; default 0.2. */
  readonly opening?: number
  /** Probability that a step leaves the usual way; default 0.3. */
  readonly straying?: number
  readonly store?: EventStore
}

export class History {
  readonly store: EventStore
  readonly cases: Case[] = []
  #open: Case[] = []
  readonly #random: () => number
  readonly #options: HistoryOptions
  #now = Date.parse('2024-01-02T01:00:00.000Z')
  #count = 0
  readonly #series = new Map<string, number>()

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#random = randomFrom(options.seed)
    this.store = options.store ?? new MemoryStore()
  }

  get memory(): MemoryStore {
    return this.store as MemoryStore
  }

  /** Time of the last recording, milliseconds. */
  get now(): number {
    return this.#now
  }

  /** Number of events so far. */
  get count(): number {
    return this.#count
  }

  /** Takes turns until at least so many events stand. */
  async grow(events: number): Promise<void> {
    while (this.#count < events) await this.turn()
  }

  /** One turn: a new case with its number, an imported case, a correction, or a step of a case. */
  async turn(): Promise<void> {
    const random = this.#random
    this.#now += Math.floor(random() * 6 * HOUR)
    const { opening = 0.2, corrections = 0.15 } = this.#options
    if (this.#open.length === 0 || random() < opening) return this.#openCase()
    const kase = pick(random, this.#open)
    if (random() < corrections) return this.#correct(kase)
    return this.#step(kase)
  }

  async #openCase(): Promise<void> {
    const random = this.#random
    const id = idOf('case', this.#options.seed, this.cases.length)
    const organisation = pick(random, ['org-a', 'org-b', 'org-c'])
    const kase: Case = {
      stream: `complaint-${id}`,
      organisation,
      subject: idOf('subject', id),
      events: [],
      state: complaintDecider.initial,
    }
    this.cases.push(kase)
    if (random() < 0.15) {
      const data = {
        subject: kase.subject,
        source: '台账',
        ...(random() < 0.5 ? { ledgerNumber: `L-${this.cases.length}` } : {}),
        key: id,
        row: id,
        received: random() < 0.8 ? 'known' : 'unknown',
        fields: { 类别: { kind: 'plain', value: '咨询' } },
        latest: [],
      }
      await this.#append(kase, 'CaseImported', data)
      if (random() < 0.5) await this.#append(kase, 'ImportedMilestone', { milestone: 'closed' })
      return
    }
    this.#open.push(kase)
    const anonymous = random() < 0.1
    await this.#append(kase, 'ComplaintRegistered', {
      subject: kase.subject,
      channel: pick(random, ['letter', 'visit', 'phone', 'online']),
      nature: 'complaint',
      procedure: 'complaint',
      kind: pick(random, ['poor-service', 'no-receipt', 'neglect-of-duty']),
      respondentOffice: pick(random, ['office-1', 'office-2', 'office-3', 'office-4']),
      respondentWorker: 'worker-1',
      ...(anonymous ? {} : { complainant: { subject: idOf('person', id), name: sealed(idOf('person', id)) } }),
      anonymous,
      matter: sealed(kase.subject),
      firstContact: pick(random, people),
    })
    const name = `numbers-${organisation}:complaint:${instantOfMs(this.#now).slice(0, 4)}`
    const place = this.#series.get(name) ?? 0
    this.#series.set(name, place + 1)
    await this.#put(name, place, 'NumberAllocated', { case: kase.stream }, organisation)
  }

  async #step(kase: Case): Promise<void> {
    const random = this.#random
    const stray = random() < (this.#options.straying ?? 0.3)
    const from = stray ? Math.floor(random() * makerNames.length) : 0
    const names = stray ? makerNames : chain
    for (let tried = 0; tried < names.length; tried++) {
      const type = names[(from + tried) % names.length]!
      // The usual way takes each kind of step once, so that it gets on.
      if (!stray && kase.events.some((event) => event.type === type)) continue
      const data = makers[type]!(kase, random)
      const step = this.#draft(kase, type, data)
      if (complaintDecider.guard(kase.state, correctedSteps([step])[0] as ComplaintStep)) continue
      await this.#record(kase, step)
      if (['archived', 'withdrawn', 'terminated', 'not-accepted'].includes(kase.state.status) && random() < 0.8)
        this.#open = this.#open.filter((other) => other !== kase)
      return
    }
    this.#open = this.#open.filter((other) => other !== kase)
  }

  async #correct(kase: Case): Promise<void> {
    const random = this.#random
    const target = random() < 0.6 ? kase.events.at(-1)! : pick(random, kase.events)
    const standing = correctedSteps(kase.events).find(({ id }) => id === target.id)
    const replace = !isCorrection(target) && standing !== undefined && random() < 0.5
    const mode = replace ? 'replace' : 'void'
    const maker = makers[target.type]
    const data = {
      reason: sealed(kase.subject),
      ...(replace ? { version: 1, data: maker ? maker(kase, random) : standing!.data } : {}),
    }
    const draft = this.#draft(kase, replace ? 'StepReplaced' : 'StepVoided', data, { event: target.id, mode })
    if (judgeCorrections(complaintDecider, kase.events, [draft])) return
    await this.#record(kase, draft)
  }

  #draft(kase: Case, type: string, data: unknown, corrects?: Envelope['corrects']): Recorded {
    const random = this.#random
    const back = random() < 0.3 ? Math.floor(random() * 72) * HOUR : 0
    const effective = instantOfMs(this.#now - back)
    const definition = complaintDecider.events[type as never] as { version: number } | undefined
    const basis = basisFor(type as never, kase.state, { limit: () => '15d', policy: 'limits@1' } as never)
    return {
      id: idOf(kase.stream, kase.events.length),
      stream: kase.stream,
      revision: kase.events.length,
      type,
      version: definition?.version ?? 1,
      recordedAt: instantOfMs(this.#now),
      effectiveAt: random() < 0.2 ? effective.slice(0, 10) : effective,
      ...(corrects ? { corrects } : {}),
      organisation: kase.organisation,
      // Who registered a case neither investigates nor votes.
      actor: { person: this.#actor(kase, type), role: 'centre-director', organisation: kase.organisation },
      commandId: idOf('command', kase.stream, kase.events.length),
      requestMac: 'mac',
      ...(basis && !corrects ? { basis } : {}),
      data,
      index: this.#count,
    }
  }

  #actor(kase: Case, type: string): string {
    if (type === 'ComplaintRegistered') return 'p0'
    return kase.state.investigators[0] ?? pick(this.#random, people)
  }

  async #append(kase: Case, type: string, data: unknown): Promise<void> {
    await this.#record(kase, this.#draft(kase, type, data))
  }

  async #record(kase: Case, event: Recorded): Promise<void> {
    const { index: _, ...envelope } = event
    await this.#write(envelope)
    kase.events.push(event)
    kase.state = isCorrection(event)
      ? fold(complaintDecider, correctedSteps(kase.events))
      : complaintDecider.evolve(kase.state, correctedSteps([event])[0] as never)
  }

  /** Appends any event to any stream, for histories that no decider would make. */
  async put(
    stream: string,
    revision: number,
    type: string,
    data: unknown,
    more: Partial<Envelope> = {},
  ): Promise<void> {
    await this.#put(stream, revision, type, data, 'org-a', more)
  }

  async #put(
    stream: string,
    revision: number,
    type: string,
    data: unknown,
    organisation: string,
    more: Partial<Envelope> = {},
  ): Promise<void> {
    const recordedAt = instantOfMs(this.#now)
    await this.#write({
      id: idOf(stream, revision),
      stream,
      revision,
      type,
      version: 1,
      recordedAt,
      effectiveAt: recordedAt,
      organisation,
      actor: { reactor: 'numbers' },
      commandId: idOf('command', stream, revision),
      requestMac: '',
      data,
      ...more,
    })
  }

  async #write(envelope: Envelope): Promise<void> {
    const event: EventToAppend = { id: envelope.id, type: envelope.type, bytes: encodeEnvelope(envelope) }
    const expected = envelope.revision === 0 ? 'no_stream' : envelope.revision - 1
    const result = await this.store.append(envelope.stream, [event], expected)
    if (!result.ok) throw new Error(`${envelope.stream}: wrong revision`)
    this.#count++
  }
}

export const knownDeciders = (category: string): AnyDecider | undefined => deciders.get(category)
