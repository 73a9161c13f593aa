/**
 * Service nodes on one cluster (the double), one vault (PostgreSQL) and one evidence directory, as compose.yaml lays them out. They run
 * in the test's own process, each with a directory of its own.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Test } from 'tap'
import type { RunningPostgres } from '../../scripts/postgres.ts'
import { createMasterKey } from '../../src/trust/vault/master-key.ts'
import { EventStoreDouble } from './eventstoredb-double/index.ts'
import { Gate } from './gate.ts'
import { START, startService, type TestService, temporaryDirectory } from './service.ts'

export interface TestCluster {
  readonly double: EventStoreDouble
  /** Stands before the vault's database. */
  readonly vault: Gate
  readonly clock: { ms: number }
  /** Opens a node: the first one founds the county. `directory`: that of an earlier node; `caughtUp` false: as it starts. */
  node(more?: { directory?: string; caughtUp?: boolean; vaultUrl?: string }): Promise<TestService>
  readonly vaultUrl: string
}

let databases = 0

/** A cluster with an empty vault. */
export async function startCluster(t: Test, postgres: RunningPostgres, nodes = 1): Promise<TestCluster> {
  const name = `cluster_${databases++}`
  const client = new pg.Client({ connectionString: postgres.url })
  await client.connect()
  await client.query(`CREATE DATABASE ${name}`)
  await client.end()
  const url = postgres.url.replace(/\/postgres$/, `/${name}`)
  const vault = await Gate.to(Number(new URL(url).port))
  const double = await EventStoreDouble.start({ nodes })
  const shared = temporaryDirectory(t)
  const masterKeyFile = join(shared, 'master.key')
  createMasterKey(masterKeyFile, randomBytes)
  const clock = { ms: START }
  let founded: Pick<TestService, 'county' | 'people'> | undefined
  // After the nodes: they close while what they are on is still there.
  const ends: (() => Promise<void>)[] = []
  t.teardown(async () => {
    for (const end of ends) await end()
    await vault.shut()
    double.stop()
  })
  return {
    double,
    vault,
    clock,
    vaultUrl: vault.through(url),
    async node(more = {}) {
      const service = await startService(
        { teardown: () => {} },
        {
          directory: more.directory ?? temporaryDirectory(t),
          clock,
          ...(more.caughtUp === undefined ? {} : { caughtUp: more.caughtUp }),
          ...(founded ? { founded } : {}),
          options: {
            clusterUrl: double.url,
            vaultUrl: more.vaultUrl ?? vault.through(url),
            evidence: join(shared, 'evidence'),
            masterKeyFile,
            machineNow: Date.now,
          },
        },
      )
      founded ??= { county: service.county, people: service.people }
      ends.push(() => service.close())
      return service
    },
  }
}

/** Waits for something to be so; the test's own time-out bounds it. */
export async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10))
}

/**
 * The mirror and every row of the read models of a node, once they hold so many events: what has to be equal on all nodes, row by row.
 */
export async function contentsOf({ service, directory }: TestService, size: number): Promise<Record<string, string[]>> {
  await until(() => service.log.size() >= size)
  await service.projections.catchUp()
  await service.board.caughtUp()
  const contents: Record<string, string[]> = {
    mirror: service.log
      .read(0, size)
      .map(({ index, stream, revision, id, type, position, bytes }) =>
        [index, stream, revision, id, type, position, Buffer.from(bytes).toString()].join(' '),
      ),
    persons: service.people.persons().map((person) => JSON.stringify(person)),
    organisations: service.people.organisations().map((each) => JSON.stringify(each)),
  }
  for (const file of ['readmodels.db', 'board.db']) {
    const db = new DatabaseSync(join(directory, file), { readOnly: true })
    try {
      for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
        if (!/_g\d+_|^items$/.test(String(name))) continue
        const rows = db.prepare(`SELECT * FROM ${name}`).all() as Record<string, unknown>[]
        // The number of a row of the board is its own file's.
        const own = file === 'board.db' ? rows.map(({ id: _, ...row }) => row) : rows
        contents[String(name).replace(/_g\d+_/, '.')] = own
          .map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
          .sort()
      }
    } finally {
      db.close()
    }
  }
  return contents
}
