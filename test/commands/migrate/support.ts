/** What the tests of a move share: a lived-in data directory, an empty cluster with its vault and evidence, and looking at both. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Test } from 'tap'
import type { RunningPostgres } from '../../../scripts/postgres.ts'
import { problemOfError } from '../../../src/cli/main.ts'
import { type MigrationRequest, migrate } from '../../../src/commands/migrate/index.ts'
import type { PlaceAddress } from '../../../src/commands/migrate/places.ts'
import { openService, type Service } from '../../../src/service.ts'
import { decodeEnvelope } from '../../../src/store/envelope.ts'
import { ClusterStore } from '../../../src/store/eventstoredb/store.ts'
import { parseClusterUrl } from '../../../src/store/eventstoredb/url.ts'
import type { EventLog } from '../../../src/store/port.ts'
import { upload } from '../../fault/upload.ts'
import { BRISK } from '../../store/eventstoredb/support.ts'
import { personal, registration } from '../../support/chain.ts'
import { EventStoreDouble } from '../../support/eventstoredb-double/index.ts'
import { START, startService, temporaryDirectory } from '../../support/service.ts'

type Teardown = Pick<Test, 'teardown'>
const DAY = 86_400_000

export interface House {
  readonly directory: string
  readonly masterKeyFile: string
  /** Token of who registers complaints. */
  readonly token: string
  readonly body: object
  /** Cases, by id: the first has a file, the second's person was erased, the third's restricted. */
  readonly cases: readonly string[]
  readonly file: string
}

/** A data directory with cases, a file, and persons erased and restricted, that nobody has open. */
export async function makeHouse(t: Teardown): Promise<House> {
  const running = await startService(t)
  const cases: string[] = []
  const bodies = [0, 1, 2].map((number) => {
    const body = registration(running)
    const { complainant } = body
    const phone = `1391234567${number}`
    return {
      ...body,
      complainant: { ...complainant, name: `${personal.name}${number}`, phone, identityNumber: undefined },
    }
  })
  for (const [number, body] of bodies.entries()) {
    const made = await running.call('reception', 'POST', '/api/v1/complaints', { body, key: `k${number}` })
    cases.push(made.json.case)
  }
  const added = await running.call('reception', 'POST', `/api/v1/complaints/${cases[0]}/evidence`, {
    ...(await upload('the file')),
    ifMatch: (await running.call('reception', 'GET', `/api/v1/complaints/${cases[0]}`)).json.revision,
  })
  if (added.status !== 200) throw new Error(`no file was taken: ${added.text}`)
  const [file] = await filesIn(running.service)
  const subjects = cases.map((id) => sealedName(running.service.log, id).cipher.sub)
  await running.close()
  const { directory } = running
  const db = new DatabaseSync(join(directory, 'vault.db'))
  eraseIn((sql, ...values) => void db.prepare(sql).run(...values), subjects[1]!)
  db.prepare(`UPDATE subject SET state = 'restricted' WHERE id = ?`).run(subjects[2]!)
  db.close()
  const token = running.people.reception.token
  return { directory, masterKeyFile: join(directory, 'master.key'), token, body: bodies[0]!, cases, file: file! }
}

/** The addresses of all files. */
export async function filesIn({ evidence }: Service): Promise<string[]> {
  const all: string[] = []
  for await (const address of evidence.list()) all.push(address)
  return all
}

/** Closed by the test itself, or else with it. */
function closedWith(t: Teardown, service: Service): Service {
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= service.close()
    return closing
  }
  t.teardown(close)
  return { ...service, close }
}

/** What an erasure leaves of a subject: its keys and blind indexes are gone, tombstones stand. */
function eraseIn(run: (sql: string, ...values: string[]) => void, subject: string): void {
  run(
    `INSERT INTO tombstone (kid, subject, destroyed_at, basis, event, approvers)
      SELECT kid, subject, '2026-03-03T01:00:00.000Z', '个人信息保护法 47', 'e9', '' FROM dek WHERE subject = ?`,
    subject,
  )
  run('DELETE FROM dek WHERE subject = ?', subject)
  run('DELETE FROM blind_index WHERE subject = ?', subject)
  run(`UPDATE subject SET state = 'destroyed' WHERE id = ?`, subject)
}

export interface City {
  readonly double: EventStoreDouble
  readonly vaultUrl: string
  readonly evidence: string
  /** The cluster as a place of a move. */
  place(masterKeyFile: string): Extract<PlaceAddress, { clusterUrl: string }>
  /** SQL on the vault's database. */
  sql(text: string, ...values: unknown[]): Promise<Record<string, unknown>[]>
  /** Erases a subject as a later version's command will. */
  erase(subject: string): Promise<void>
  /** A node of the cluster with a directory of its own. */
  node(masterKeyFile: string, directory?: string): Promise<Service>
  /** A node that need not have caught up. */
  begin(masterKeyFile: string, directory?: string): Promise<Service>
  /** The store itself, without a node. */
  store(): ClusterStore
}

let databases = 0

/** An empty cluster. */
export async function makeCity(t: Teardown, server: RunningPostgres): Promise<City> {
  const double = await EventStoreDouble.start()
  t.teardown(() => double.stop())
  // The nodes' clock stands here too.
  double.ledger.now = () => START + DAY
  const sqlOn = async (url: string, text: string, ...values: unknown[]) => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      return (await client.query(text, values)).rows as Record<string, unknown>[]
    } finally {
      await client.end()
    }
  }
  const name = `city_${process.pid}_${databases++}`
  await sqlOn(server.url, `CREATE DATABASE ${name}`)
  const vaultUrl = server.url.replace(/\/postgres$/, `/${name}`)
  const evidence = join(temporaryDirectory(t), 'shared')
  const sql = (text: string, ...values: unknown[]) => sqlOn(vaultUrl, text, ...values)
  const begin = async (masterKeyFile: string, directory = temporaryDirectory(t)) =>
    closedWith(
      t,
      await openService({
        directory,
        masterKeyFile,
        clusterUrl: double.url,
        vaultUrl,
        evidence,
        evidenceLimit: 1_000_000,
        now: () => START + DAY,
      }),
    )
  return {
    double,
    vaultUrl,
    evidence,
    sql,
    place: (masterKeyFile) => ({ clusterUrl: double.url, vaultUrl, evidence, masterKeyFile, timeouts: BRISK }),
    async erase(subject) {
      const statements: [string, string][] = []
      eraseIn((text, value) => statements.push([text.replace('?', '$1'), value!]), subject)
      for (const [text, value] of statements)
        await sql(`SET search_path = duban_vault; ${text.replace('$1', `'${value}'`)}`)
    },
    begin,
    async node(masterKeyFile, directory) {
      const service = await begin(masterKeyFile, directory)
      const head = await service.store.head()
      if (head !== undefined) await service.reached(head, 10_000)
      await service.projections.catchUp()
      return service
    },
    store() {
      const store = new ClusterStore({ address: parseClusterUrl(double.url), timeouts: BRISK })
      t.teardown(() => store.close())
      return store
    },
  }
}

export const homeOf = (directory: string): Extract<PlaceAddress, { directory: string }> => ({
  directory,
  evidence: join(directory, 'evidence'),
  masterKeyFile: join(directory, 'master.key'),
})

export const move = (from: PlaceAddress, to: PlaceAddress, more: Partial<MigrationRequest> = {}) =>
  migrate({ from, to, now: () => START + DAY, drainMs: 0, ...more })

/** A data directory as the next start of the service opens it. */
export async function openHome(
  t: Teardown,
  directory: string,
  masterKeyFile = join(directory, 'master.key'),
): Promise<Service> {
  mkdirSync(directory, { recursive: true })
  const opened = await openService({ directory, masterKeyFile, evidenceLimit: 1_000_000, now: () => START + DAY })
  const service = closedWith(t, opened)
  await service.projections.catchUp()
  return service
}

/** Every event by index, as text. */
export const linesOf = (log: EventLog): string[] =>
  log
    .read(0, Number.MAX_SAFE_INTEGER)
    .map(({ index, id, stream, revision, type, bytes }) =>
      [index, id, stream, revision, type, Buffer.from(bytes).toString('utf8')].join(' '),
    )

/** Where the complainant's name of a case stands, and its ciphertext. */
export function sealedName(log: EventLog, id: string) {
  const { id: event, stream, data } = decodeEnvelope(log.stream(`complaint-${id}`)[0]!.bytes)
  const { complainant } = data as { complainant: { name: import('../../../src/domain/sealed.ts').Ciphertext } }
  return { event, stream, path: ['complainant', 'name'], cipher: complainant.name }
}

/** How the names of all complainants read, in order. */
export const namesIn = (service: Service, house: House): Promise<unknown[]> =>
  service.vault.open(house.cases.map((id) => sealedName(service.log, id)))

export const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => problemOfError(error).problem.code,
  )
