/** Who may read a case and do something to it, decided on the case as it stands now, whatever moment is read. */
import { type AccessDecision, decideAccess, type Principal, type Resource, type Seal } from '../../domain/access.ts'
import { purposeOpened } from '../../domain/archive.ts'
import { type Refusal, refusal } from '../../domain/decider.ts'
import { categoryOf, type Step } from '../../domain/event.ts'
import { EVIDENCE_ADDED } from '../../domain/evidence.ts'
import { correctedSteps, fold } from '../../domain/history.ts'
import type { Ciphertext } from '../../domain/sealed.ts'
import { decodeStream } from '../../store/envelope.ts'
import { deniedBecause } from '../execute.ts'
import { type Answer, idOf, no, type ReadingPorts } from './ports.ts'

/** Which ciphertexts this reader may open: all, the case's own texts, or none. */
export const mayOpen = (seal: Seal, caseSubject: string | undefined) => (cipher: Ciphertext) =>
  seal === 'open' || (seal === 'case-only' && caseSubject !== undefined && cipher.sub === caseSubject)

export function createRights(ports: ReadingPorts) {
  const { log, categories, holderOf } = ports

  /** A case's rights as of now, whatever moment is read. */
  function resourceOf(stream: string): { resource: Resource; state: unknown; steps: readonly Step[] } | undefined {
    const category = categories[categoryOf(stream)]
    if (!category) return undefined
    const events = decodeStream(log.stream(stream), category.decider.events)
    const last = events.at(-1)
    if (!last) return undefined
    const steps = correctedSteps(events)
    const state = fold(category.decider, steps)
    const resource = { ...category.resource(state as never, idOf(stream)), ...holderOf(last.organisation) }
    return { resource, state, steps }
  }

  function accessTo(
    principal: Principal,
    stream: string,
    permission: 'read' | 'history',
  ): { access: AccessDecision; resource?: Resource; state?: unknown; purpose?: string } {
    const found = resourceOf(stream)
    if (!found) return { access: { allow: false, why: 'unknown' } }
    const purpose = purposeOpened(found.steps, principal.person, ports.now())
    const access = decideAccess(principal, {
      permission: `${categoryOf(stream)}.${permission}`,
      resource: found.resource,
      ...(purpose === undefined ? {} : { purpose }),
    })
    return { access, ...found, ...(purpose === undefined ? {} : { purpose }) }
  }

  function noteOpened(principal: Principal, stream: string, seal: Seal, subjects: Iterable<string>, purpose?: string) {
    const opened = [...new Set(subjects)]
    if (seal !== 'withheld' && opened.length > 0)
      ports.accessLog.opened({
        person: principal.person,
        stream,
        subjects: opened,
        ...(purpose === undefined ? {} : { purpose }),
      })
  }

  return {
    accessTo,
    noteOpened,

    /** An evidence file of a case this person may read: its type and whose key opens it. */
    async evidenceOf(
      principal: Principal,
      stream: string,
      sha256: string,
    ): Promise<{ ok: true; subject: string; mediaType: string } | { ok: false; refusal: Refusal }> {
      const { access, state, purpose } = accessTo(principal, stream, 'read')
      if (!access.allow) return no(deniedBecause(access.why))
      const category = categories[categoryOf(stream)]!
      const subject = category.subject(state as never)
      const steps = correctedSteps(decodeStream(log.stream(stream), category.decider.events))
      const added = steps.find(
        (step) => step.type === EVIDENCE_ADDED && (step.data as { sha256: string }).sha256 === sha256,
      )
      if (!added || subject === undefined) return no(refusal('not-found'))
      if (access.seal === 'withheld') return no(refusal('forbidden'))
      noteOpened(principal, stream, access.seal, [subject], purpose)
      return { ok: true, subject, mediaType: (added.data as { mediaType: string }).mediaType }
    },

    /** Whether the person may do this to the case now, and the case's own subject. */
    mayAct(principal: Principal, stream: string, action: string): Answer<{ subject: string | undefined }> {
      const found = resourceOf(stream)
      if (!found) return no(refusal('not-found'))
      const access = decideAccess(principal, {
        permission: `${categoryOf(stream)}.${action}`,
        resource: found.resource,
      })
      if (!access.allow) return no(deniedBecause(access.why))
      const category = categories[categoryOf(stream)]!
      const notNow = category.decider.actions[action]?.when?.(found.state)
      if (notNow) return no(notNow)
      return { ok: true, value: { subject: category.subject(found.state as never) } }
    },
  }
}

export type Rights = ReturnType<typeof createRights>
