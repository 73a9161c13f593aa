/** Corrections of recorded steps, in any case: what they say, what they may touch, and what they come to. */
import type { z } from 'zod'
import { type AnyDecider, type DecideContext, provisionalStep, type Refusal, refusal } from '../domain/decider.ts'
import type { NewEvent, Recorded } from '../domain/event.ts'
import { isCorrection, judgeCorrections } from '../domain/history.ts'
import { sealedText } from '../domain/sealed.ts'
import { type EffectiveTime, sortKey } from '../domain/time.ts'
import { CORRECTION_VERSION } from '../store/envelope.ts'

/** One correction of a recorded step. */
export interface CorrectionBody {
  readonly mode: 'void' | 'replace'
  readonly event: string
  readonly reason: string
  readonly data?: unknown
  readonly effectiveAt?: EffectiveTime
}

/** What of a command its corrections are made from. */
export interface CorrectionRequest {
  readonly body: unknown
  readonly commandId: string
  readonly requestMac: string
}

/**
 * The bodies `check` looks at: the action's own, or for corrections, as `replace:<type>`, the data that are to stand, and as
 * `void:<type>` those of the step that is taken out or comes back.
 */
export function checkedBodies(
  request: Pick<CorrectionRequest, 'body'> & { readonly action: string },
  events: readonly Recorded[],
): { action: string; body: unknown }[] {
  if (request.action !== 'correct') return [request]
  const byId = new Map(events.map((event) => [event.id, event]))
  return (request.body as readonly CorrectionBody[]).flatMap(({ mode, event, data }) => {
    let step = byId.get(event)
    while (step && isCorrection(step)) step = byId.get(step.corrects!.event)
    if (!step) return []
    const touched = { action: `void:${step.type}`, body: step.data }
    return mode === 'replace' ? [touched, { action: `replace:${step.type}`, body: data ?? {} }] : [touched]
  })
}

/** Replaced data with the subjects of the data they replace, where they name none: keys are not re-dealt by a correction. */
function keepSubjects(before: unknown, after: unknown): unknown {
  if (!isRecord(before) || !isRecord(after)) return after
  const kept: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(after)) kept[key] = keepSubjects(before[key], value)
  if (typeof before.subject === 'string' && kept.subject === undefined) kept.subject = before.subject
  return kept
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Corrections of any case: the target's own schema judges a replacement, `guard` judges every step after it. */
export function decideCorrections(
  decider: AnyDecider,
  /** Whether the stream has a subject under which the reason is sealed. */
  sealsText: boolean,
  events: readonly Recorded[],
  request: CorrectionRequest,
  context: DecideContext,
): { ok: true; events: NewEvent[] } | { ok: false; refusal: Refusal } {
  const bodies = request.body as readonly CorrectionBody[]
  const decided: NewEvent[] = []
  const judged: Recorded[] = []
  for (const [place, body] of bodies.entries()) {
    const target = events.find((event) => event.id === body.event)
    if (!target)
      return {
        ok: false,
        refusal: refusal('correction-target-unknown', undefined, { pointer: `/corrections/${place}/event` }),
      }
    const reason = sealsText ? sealedText('narrative', 2000).parse(body.reason) : body.reason
    let data: unknown = { reason }
    if (body.mode === 'replace') {
      const definition = decider.events[target.type]
      if (!definition)
        return {
          ok: false,
          refusal: refusal('correction-target-invalid', undefined, { detail: { event: target.id } }),
        }
      const parsed = (definition.data as z.ZodType).safeParse(keepSubjects(target.data, body.data))
      if (!parsed.success) {
        const issue = parsed.error.issues[0]
        const pointer = `/corrections/${place}/data/${issue?.path.join('/') ?? ''}`
        return { ok: false, refusal: refusal('replacement-invalid', undefined, { pointer }) }
      }
      // Everything sealed in this stream hangs on its subject.
      if ((parsed.data as { subject?: unknown }).subject !== (target.data as { subject?: unknown }).subject) {
        const pointer = `/corrections/${place}/data/subject`
        return { ok: false, refusal: refusal('replacement-invalid', undefined, { pointer }) }
      }
      data = { reason, version: definition.version, data: parsed.data }
    }
    // A replacement without a time of its own keeps the time of the step it replaces; a void happens now.
    const effectiveAt = body.mode === 'replace' ? (body.effectiveAt ?? target.effectiveAt) : undefined
    if (effectiveAt !== undefined && sortKey(effectiveAt) > Date.parse(context.now))
      return {
        ok: false,
        refusal: refusal('effective-in-future', undefined, { pointer: `/corrections/${place}/effectiveAt` }),
      }
    const event: NewEvent = {
      type: body.mode === 'void' ? 'StepVoided' : 'StepReplaced',
      data,
      corrects: { event: body.event, mode: body.mode },
      ...(effectiveAt === undefined ? {} : { effectiveAt }),
      ...(target.basis && body.mode === 'replace' ? { basis: target.basis } : {}),
    }
    decided.push(event)
    const step = provisionalStep(event, context, place)
    judged.push({
      ...step,
      stream: target.stream,
      revision: (events.at(-1)?.revision ?? -1) + 1 + place,
      version: CORRECTION_VERSION,
      commandId: request.commandId,
      requestMac: request.requestMac,
      corrects: event.corrects!,
    } as Recorded)
  }
  const broken = judgeCorrections(decider, events, judged)
  return broken ? { ok: false, refusal: broken } : { ok: true, events: decided }
}
