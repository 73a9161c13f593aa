/**
 * 质量监督卡 by a public one-time link: pages without script, names or numbers of cases. Whoever has the link fills it in once; a wrong, an old
 * and a used link look the same.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { tokenHash } from '../../commands/facts.ts'
import { commandIdFor } from '../../commands/ids.ts'
import { cardTexts, dimensionTerms } from '../../domain/catalogue/return-visit.ts'
import { dimensions } from '../../domain/return-visit/fields.ts'
import { type CardState, qualityCardDecider } from '../../domain/return-visit/index.ts'
import { dateOf, instantOfMs } from '../../domain/time.ts'
import type { Service } from '../../service.ts'
import { escapeHtml, page } from '../page.ts'

/** Requests a minute from one address: a link is opened and sent once or twice. */
const PER_MINUTE = 20
/** A form of a few fields. */
const BODY_LIMIT = 16 * 1024
const html = 'text/html; charset=utf-8'
const params = z.object({ token: z.string().min(1).max(200) })

export async function cardRoutes(app: FastifyInstance, service: Service): Promise<void> {
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: BODY_LIMIT },
    (_request: FastifyRequest, text: string | Buffer, done: (error: null, body: unknown) => void) =>
      done(null, Object.fromEntries(new URLSearchParams(String(text)))),
  )
  const config = { public: true, rateLimit: { max: PER_MINUTE, timeWindow: 60_000 } } as const

  /** The card that a link opens now, or nothing. */
  async function cardOf(
    token: string,
  ): Promise<{ stream: string; hash: string; expiresOn: string | undefined } | undefined> {
    const hash = tokenHash(token)
    const stream = service.reading.queries.streamOfKey('qualitycard', hash)
    if (stream === undefined) return undefined
    const { state } = await service.load(stream, qualityCardDecider)
    const { status, tokenHash: kept, expiresOn } = state as CardState
    const good = status === 'issued' && kept === hash
    return good && (expiresOn === undefined || dateOf(instantOfMs(service.now())) <= expiresOn)
      ? { stream, hash, expiresOn }
      : undefined
  }

  const invalid = (reply: FastifyReply) =>
    reply
      .code(404)
      .type(html)
      .send(page(cardTexts.title, `<h1>${cardTexts.title}</h1><p>${cardTexts.invalid}</p>`))

  app.get(
    '/cards/:token',
    {
      config,
      schema: { tags: ['质量监督卡'], summary: '填写质量监督卡（一次性链接）', operationId: 'card.show', params },
    },
    async (request, reply) => {
      const card = await cardOf((request.params as { token: string }).token)
      return card ? reply.type(html).send(form(card.expiresOn)) : invalid(reply)
    },
  )

  app.post(
    '/cards/:token',
    {
      config,
      schema: { tags: ['质量监督卡'], summary: '交回质量监督卡（一次）', operationId: 'card.return', params },
    },
    async (request, reply) => {
      const { token } = request.params as { token: string }
      const card = await cardOf(token)
      if (!card) return invalid(reply)
      const sent = (request.body ?? {}) as Sent
      const answer = answerOf(sent, card.hash)
      if (!answer)
        return reply
          .code(422)
          .type(html)
          .send(form(card.expiresOn, sent, cardTexts.incomplete))
      const result = await service.execute({
        category: 'qualitycard',
        stream: card.stream,
        action: 'return',
        body: answer,
        commandId: commandIdFor('quality-card', card.hash),
        requestMac: service.requestMac('POST', '/cards', request.body),
        principal: { person: '', grants: [] },
        reactor: 'quality-card',
        correlationId: request.id,
      })
      if (!result.ok) return invalid(reply)
      if (result.position !== undefined) await service.reached(result.position, 5_000)
      return reply.type(html).send(page(cardTexts.title, `<h1>${cardTexts.title}</h1><p>${cardTexts.thanks}</p>`))
    },
  )
}

/** What was filled in, as the card takes it; nothing where something is missing or out of range. */
function answerOf(sent: Sent, hash: string): unknown {
  const given = dimensions.filter((name) => sent[name] !== undefined && sent[name] !== '')
  if ((sent.satisfied !== 'yes' && sent.satisfied !== 'no') || (given.length > 0 && given.length < dimensions.length))
    return undefined
  const text = sent.text?.trim() ?? ''
  const parsed = (qualityCardDecider.actions.return!.body as z.ZodType).safeParse({
    form: 'link',
    tokenHash: hash,
    satisfied: sent.satisfied === 'yes',
    ...(given.length === 0 ? {} : { scores: Object.fromEntries(given.map((name) => [name, Number(sent[name])])) }),
    ...(text === '' ? {} : { text }),
  })
  return parsed.success ? parsed.data : undefined
}

type Sent = Readonly<Record<string, string>>

function radio(sent: Sent, name: string, value: string, label: string, required = false): string {
  const marks = `${sent[name] === value ? ' checked' : ''}${required ? ' required' : ''}`
  return `<label><input type="radio" name="${name}" value="${value}"${marks}> ${escapeHtml(label)}</label>`
}

/** The form with what was already filled in: nothing is written twice because something was missing. */
function form(expiresOn: string | undefined, sent: Sent = {}, wrong?: string): string {
  const { title, intro, until, satisfied, yes, no, scale, points, text, send } = cardTexts
  const scores = [5, 4, 3, 2, 1].map((score) => [String(score), `${score} ${points[score - 1]}`] as const)
  return page(
    title,
    [
      `<h1>${title}</h1><p>${intro}</p>`,
      expiresOn === undefined ? '' : `<p>${until}<time>${escapeHtml(expiresOn)}</time></p>`,
      wrong === undefined ? '' : `<p role="alert"><strong>${wrong}</strong></p>`,
      '<form method="post">',
      `<fieldset><legend>${satisfied}</legend>${radio(sent, 'satisfied', 'yes', yes, true)}${radio(sent, 'satisfied', 'no', no, true)}</fieldset>`,
      `<p>${scale}</p>`,
      ...dimensions.map((name) => {
        const choices = scores.map(([value, label]) => radio(sent, name, value, label))
        return `<fieldset><legend>${dimensionTerms[name]}</legend>${choices.join('')}</fieldset>`
      }),
      `<p><label for="text">${text}</label><textarea id="text" name="text" maxlength="2000">${escapeHtml(sent.text ?? '')}</textarea></p>`,
      `<button>${send}</button></form>`,
    ].join(''),
  )
}
