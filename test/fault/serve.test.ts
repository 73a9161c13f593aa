/** The service as people run it: killed under load, restored from a backup that was made meanwhile, with the key and without. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { createBackup } from '../../src/commands/backup.ts'
import { restoreBackup } from '../../src/commands/restore.ts'
import { verify } from '../../src/commands/verify.ts'
import { openService } from '../../src/service.ts'
import { decodeEnvelope } from '../../src/store/envelope.ts'
import { registration } from '../support/chain.ts'
import { startService } from '../support/service.ts'
import { patient, temporary } from './harness.ts'

patient(t)
t.beforeEach(patient)

const bin = fileURLToPath(new URL('../../bin/duban.js', import.meta.url))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

/** Starts the service and waits until it is ready. */
async function serve(directory: string, more: NodeJS.ProcessEnv = {}) {
  const port = await freePort()
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', bin, 'serve', '--data', directory],
    {
      stdio: 'ignore',
      env: {
        ...process.env,
        DUBAN_PORT: String(port),
        DUBAN_DISK_RESERVE_MB: '0',
        DUBAN_REQUESTS_PER_MINUTE: '1000000',
        ...more,
      },
    },
  )
  const gone = once(child, 'exit')
  const url = `http://127.0.0.1:${port}`
  for (let ready = false; !ready; ) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`)
    ready = await fetch(`${url}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    )
    if (!ready) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  return { url, child, gone }
}

t.test(
  'a backup made under load, restored after kill -9: verifies, sealed fields open with the key and not without',
  async (t) => {
    const founded = await startService(t)
    const body = registration(founded)
    const token = founded.people.reception.token
    await founded.close()
    const scratch = temporary(t)
    const directory = join(scratch, 'data')
    cpSync(founded.directory, directory, { recursive: true })
    const { url, child, gone } = await serve(directory)
    t.teardown(() => child.kill('SIGKILL'))

    const acknowledged: { id: string; index: number }[] = []
    let [writing, next] = [true, 0]
    const writers = Array.from({ length: 4 }, async () => {
      while (writing) {
        const headers = {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': `k${next++}`,
        }
        try {
          const answer = await fetch(`${url}/api/v1/complaints`, {
            method: 'POST',
            headers,
            body: JSON.stringify(body),
          })
          if (answer.status !== 201) continue
          const { case: id, index } = (await answer.json()) as { case: string; index: number }
          acknowledged.push({ id, index })
        } catch {
          return
        }
      }
    })
    const until = async (count: number) => {
      while (acknowledged.length < count) await new Promise((resolve) => setTimeout(resolve, 20))
    }
    await until(10)
    const target = join(scratch, 'backup')
    const before = acknowledged.length
    const report = await createBackup({ directory, version: 'test', now: Date.now }, target)
    const during = acknowledged.length
    await until(during + 10)
    child.kill('SIGKILL')
    await gone
    writing = false
    await Promise.all(writers)

    const opened = async (where: string) => {
      const service = await openService({
        directory: where,
        masterKeyFile: join(where, 'master.key'),
        evidenceLimit: 1_000_000,
      })
      t.teardown(() => service.close().catch(() => {}))
      await service.projections.catchUp()
      const { log, vault, evidence, projections } = service
      t.equal((await verify({ log, vault, evidence, rebuild: () => projections.rebuild() })).ok, true)
      const names = new Set<unknown>()
      for (const event of log.read(0, 1e9)) {
        if (event.type !== 'ComplaintRegistered') continue
        const envelope = decodeEnvelope(event.bytes)
        const { name } = (envelope.data as { complainant: { name: never } }).complainant
        const place = { event: envelope.id, stream: envelope.stream, path: ['complainant', 'name'] }
        names.add(JSON.stringify((await vault.open([{ ...place, cipher: name }]))[0]))
      }
      return { service, names: [...names] }
    }

    const killed = await opened(directory)
    const missing = acknowledged.filter(
      ({ id, index }) => !killed.service.log.stream(`complaint-${id}`).some((event) => event.index === index),
    )
    t.equal(missing.length, 0, `${acknowledged.length} acknowledged before the kill, all there`)
    t.same(killed.names, [JSON.stringify(body.complainant.name)])

    const restore = (where: string, masterKey?: string) =>
      restoreBackup({
        backup: target,
        directory: where,
        masterKeyFile: join(where, 'master.key'),
        ...(masterKey === undefined ? {} : { masterKey }),
        force: false,
        now: Date.now,
      })
    const withKey = join(scratch, 'with')
    t.equal((await restore(withKey, join(directory, 'master.key'))).masterKey, 'in place')
    const restored = await opened(withKey)
    t.equal(restored.service.log.size(), report.events)
    const kept = acknowledged
      .slice(0, before)
      .filter(({ id }) => restored.service.log.stream(`complaint-${id}`).length > 0)
    t.equal(
      kept.length,
      before,
      `${before} acknowledged before the backup, all in it; ${during - before} more while it was made`,
    )
    t.same(restored.names, [JSON.stringify(body.complainant.name)])

    const without = join(scratch, 'without')
    t.equal((await restore(without)).masterKey, 'missing')
    t.same((await opened(without)).names, [JSON.stringify({ unavailable: true })])
  },
)
