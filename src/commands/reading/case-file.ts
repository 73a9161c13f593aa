/** One case: its file and its history, with the sealed fields that the reader may read. */
import type { Principal } from '../../domain/access.ts'
import { eventTitle } from '../../domain/catalogue/index.ts'
import type { ComplaintState } from '../../domain/complaint/state.ts'
import { refusal } from '../../domain/decider.ts'
import { categoryOf, type Step } from '../../domain/event.ts'
import type { Ciphertext } from '../../domain/sealed.ts'
import type { CaseQueries } from '../../projections/queries/index.ts'
import { openSteps, openValue, placesOf } from '../../trust/sealing.ts'
import { deniedBecause } from '../execute.ts'
import type { AskedBounds, ResolveBounds } from './bounds.ts'
import type { ShowClocks } from './clocks.ts'
import { type Answer, idOf, no, type ReadingPorts } from './ports.ts'
import { mayOpen, type Rights } from './rights.ts'

export interface CaseFileParts {
  readonly queries: CaseQueries
  readonly resolveBounds: ResolveBounds
  readonly showClocks: ShowClocks
  readonly numberOf: (stream: string, asOf?: number) => string | undefined
  readonly rights: Rights
}

export function createCaseFileReading(
  ports: ReadingPorts,
  { queries, resolveBounds, showClocks, numberOf, rights }: CaseFileParts,
) {
  const { vault, categories } = ports
  const { accessTo, noteOpened } = rights

  return {
    /** One case file: what stands, parties as far as the reader may see, timeline, clocks, next lawful steps. */
    async show(principal: Principal, stream: string, asked: AskedBounds): Promise<Answer<object>> {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown, isNow } = resolved.value
      const { access, purpose } = accessTo(principal, stream, 'read')
      if (!access.allow) return no(deniedBecause(access.why))
      const file = queries.caseFile(stream, bounds)
      if (!file) return no(refusal('not-found'))
      const category = categories[categoryOf(stream)]!
      const state = file.state as ComplaintState
      const subject = category.subject(file.state as never)
      const may = mayOpen(access.seal, subject)
      const [timeline, parties] = await Promise.all([
        openTimeline(stream, file.timeline, may),
        openParties(stream, file.steps, may),
      ])
      noteOpened(
        principal,
        stream,
        access.seal,
        [subject, state.complainant].filter((each) => each !== undefined),
        purpose,
      )
      const { clocks: _clocks, subject: _subject, complainant: _complainant, ...visible } = state
      const organisation = file.timeline.at(-1)?.organisation ?? state.organisation
      return {
        ok: true,
        value: {
          case: idOf(stream),
          number: numberOf(stream, bounds.asOf) ?? null,
          category: categoryOf(stream),
          ...shown,
          revision: file.revision,
          ...visible,
          parties,
          timeline: access.seal === 'withheld' ? timeline.map(withoutSubjects) : timeline,
          clocks: showClocks(file.clocks, shown.effectiveAt, bounds.asOf),
          next: isNow ? ports.nextActions(categoryOf(stream), idOf(stream), file.state, organisation, principal) : [],
        },
      }
    },

    /** Every event of a case: who, recorded when, effective when, what changed, which rule. */
    async history(principal: Principal, stream: string, asked: AskedBounds): Promise<Answer<object>> {
      const resolved = resolveBounds(asked)
      if (!resolved.ok) return resolved
      const { bounds, shown } = resolved.value
      const { access, state, purpose } = accessTo(principal, stream, 'history')
      if (!access.allow) return no(deniedBecause(access.why))
      const recorded = queries.caseHistory(stream, bounds)
      if (!recorded) return no(refusal('not-found'))
      const category = categories[categoryOf(stream)]!
      const subject = category.subject(state as never)
      const may = mayOpen(access.seal, subject)
      const places = placesOf(recorded)
      const opened = await openValue(
        vault,
        stream,
        recorded.map(({ sealedBy: _sealedBy, ...event }) => ({ ...event, title: eventTitle(event.type) })),
        places,
        may,
      )
      noteOpened(principal, stream, access.seal, subject === undefined ? [] : [subject], purpose)
      const events = access.seal === 'withheld' ? opened.map(withoutIdentity) : opened
      return { ok: true, value: { case: idOf(stream), ...shown, events } }
    },
  }

  async function openTimeline(
    stream: string,
    timeline: NonNullable<ReturnType<CaseQueries['caseFile']>>['timeline'],
    may: (cipher: Ciphertext) => boolean,
  ): Promise<object[]> {
    const places = placesOf(timeline.flatMap((entry) => [entry, ...(entry.replaced ? [entry.replaced.was] : [])]))
    for (const entry of timeline)
      for (const correction of [entry.voided, entry.replaced])
        if (correction) {
          const { event, path } = correction.reasonSealedBy
          for (const [key] of placesOf([{ data: correction.reason, sealedBy: { event, path } }]))
            places.set(key, { event, path })
        }
    const plain = timeline.map(({ sealedBy: _own, voided, replaced, ...entry }) => ({
      ...entry,
      title: eventTitle(entry.type),
      ...(voided ? { voided: withoutPlaces(voided) } : {}),
      ...(replaced
        ? {
            replaced: {
              ...withoutPlaces(replaced),
              was: { effectiveAt: replaced.was.effectiveAt, data: replaced.was.data },
            },
          }
        : {}),
    }))
    return openValue(vault, stream, plain, places, may)
  }

  /** The persons of a case, from the steps that named them. */
  async function openParties(
    stream: string,
    steps: readonly Step[],
    may: (cipher: Ciphertext) => boolean,
  ): Promise<Record<string, unknown>> {
    const named = steps.filter((step) => {
      const data = step.data as Record<string, unknown>
      return 'complainant' in data || 'respondentPerson' in data || 'visitor' in data || 'person' in data
    })
    const opened = (await openSteps(vault, stream, named, may)) as Record<string, unknown>[]
    const parties: Record<string, unknown> = {}
    for (const data of opened)
      for (const key of ['complainant', 'respondentPerson', 'visitor', 'person'] as const) {
        const person = data[key]
        if (typeof person !== 'object' || person === null) continue
        const { subject: _subject, ...shown } = person as Record<string, unknown>
        parties[key] = shown
      }
    return parties
  }
}

/** Without the ids of subjects: by them somebody who may see no identity could tell that two cases are of one person. */
function withoutSubjects<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(withoutSubjects) as Value
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'subject')
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutSubjects(item)])) as Value
}

/** A history entry without subjects, in its data and in what it changed. */
const withoutIdentity = <Entry extends { readonly changes: readonly { readonly path: string }[] }>(
  entry: Entry,
): Entry => ({
  ...withoutSubjects(entry),
  changes: entry.changes.filter(({ path }) => !/^(subject|complainant|visitor)(\/|$)/.test(path)),
})

const withoutPlaces = <T extends { reasonSealedBy: unknown }>({ reasonSealedBy: _place, ...rest }: T) => rest
