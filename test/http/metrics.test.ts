import t from 'tap'
import { buildApp } from '../../src/http/app.ts'
import { createMetrics, listenMetrics } from '../../src/http/metrics.ts'
import { observedStore } from '../../src/store/observed.ts'
import { personal, registration } from '../support/chain.ts'
import { startService } from '../support/service.ts'

t.test('metrics tell of answers, appends, queue, lag, parked streams, board, vault, disk and process', async (t) => {
  const running = await startService(t)
  const metrics = createMetrics()
  metrics.watch(running.service)
  const app = await buildApp({ service: running.service, listening: true, onAnswer: metrics.onAnswer })
  t.teardown(() => app.close())
  const token = running.people.reception.token
  const get = (url: string, method: 'GET' | 'POST' = 'GET') =>
    app.inject({
      method,
      url,
      headers: { authorization: `Bearer ${token}` },
      ...(method === 'POST' ? { payload: registration(running) } : {}),
    })
  const made = await get('/api/v1/complaints', 'POST')
  t.equal(made.statusCode, 201)
  await get(`/api/v1/complaints/${made.json().case}`)
  await get(`/nowhere/${encodeURIComponent(personal.name)}`)
  metrics.onAnswer({ route: '/x', method: 'BREW', status: 405, seconds: 0.1 })
  const store = observedStore(running.service.backend.store, metrics.onAppend)
  const event = { id: 'metrics-1', type: 'Probe', bytes: Buffer.from('{"recordedAt":"2026-03-02T01:00:00.000Z"}') }
  await store.append('probe-1', [event], 'no_stream')
  await store.append('probe-1', [event], 'no_stream')
  await store.append('probe-1', [{ ...event, id: 'metrics-2' }], 7)

  const listener = await listenMetrics(metrics, { host: '127.0.0.1', port: 0 })
  t.teardown(() => listener.close())
  const answer = await fetch(`http://127.0.0.1:${listener.port}/metrics`)
  t.equal(answer.status, 200)
  const text = await answer.text()
  for (const line of [
    /duban_http_request_duration_seconds_count\{route="\/api\/v1\/complaints",method="POST",status="201"\} 1/,
    /duban_http_request_duration_seconds_count\{route="\/api\/v1\/complaints\/:id",method="GET",status="200"\} 1/,
    /duban_http_request_duration_seconds_count\{route="none",method="GET",status="404"\} 1/,
    /duban_http_request_duration_seconds_count\{route="\/x",method="other",status="405"\} 1/,
    /duban_append_duration_seconds_count\{outcome="appended"\} 1/,
    /duban_append_duration_seconds_count\{outcome="repeated"\} 1/,
    /duban_append_duration_seconds_count\{outcome="conflict"\} 1/,
    /duban_events_appended_total 1\n/,
    new RegExp(`duban_events ${running.service.log.size()}\n`),
    /duban_append_queue_length 0\n/,
    /duban_store_refusing 0\n/,
    /duban_projection_lag_events\{model="cases"\} \d+/,
    /duban_projection_parked_streams\{model="cases"\} 0/,
    /duban_projection_halted\{model="cases"\} [01]/,
    /duban_board_pending_rows 0\n/,
    /duban_vault_alarms 0\n/,
    /duban_disk_free_bytes [1-9]/,
    /duban_disk_reserve_bytes 0\n/,
    /duban_clock_behind_seconds 0\n/,
    /duban_clock_refusing 0\n/,
    /nodejs_eventloop_lag_p99_seconds /,
    /process_resident_memory_bytes /,
  ])
    t.match(text, line)
  for (const secret of [
    personal.name,
    encodeURIComponent(personal.name),
    token,
    made.json().case,
    running.people.reception.id,
  ])
    t.notMatch(text, secret, 'no label names a person or a case')
  t.equal((await fetch(`http://127.0.0.1:${listener.port}/`)).status, 404)
  t.equal((await fetch(`http://127.0.0.1:${listener.port}/metrics`, { method: 'POST' })).status, 404)
})
