/** A bare Fastify route over the embedded store: takes JSON, appends one event, answers. No rights, no rules, no read models. */
import Fastify from 'fastify'
import { v4 } from 'uuid'
import { instantOfMs } from '../../../src/domain/time.ts'
import { encodeEnvelope } from '../../../src/store/envelope.ts'
import { openEmbeddedStore } from '../../../src/store/sqlite/index.ts'

const [port, directory] = process.argv.slice(2) as [string, string]
const { store, close } = openEmbeddedStore(directory)
const app = Fastify()
const organisation = v4()
const actor = { person: v4(), role: 'centre-director', organisation }

app.get('/ready', async () => ({ ok: true }))

/** The stream's next event, of the size that the command under test records. */
app.post('/streams/:stream/events', async (request, reply) => {
  const { stream } = request.params as { stream: string }
  const expected = Number(/\d+/.exec(request.headers['if-match'] ?? '')?.[0])
  const at = instantOfMs(Date.now())
  const id = v4()
  const bytes = encodeEnvelope({
    id,
    stream,
    revision: expected + 1,
    type: 'HandlerReportRequested',
    version: 1,
    recordedAt: at,
    effectiveAt: at,
    organisation,
    actor,
    commandId: v4(),
    requestMac: 'x'.repeat(43),
    correlationId: v4(),
    basis: { policy: 'limits@0' },
    data: request.body,
  })
  const result = await store.append(stream, [{ id, type: 'HandlerReportRequested', bytes }], expected)
  if (!result.ok) return reply.code(412).send(result)
  return { revision: result.revision, index: result.index }
})

process.once('SIGTERM', async () => {
  await app.close()
  await close()
})
await app.listen({ host: '127.0.0.1', port: Number(port) })
