import { readFileSync } from 'node:fs'
import t from 'tap'
import { type ConfigInvalid, configSchema, readConfig, redacted } from '../src/config.ts'
import { errors } from '../src/domain/catalogue/errors.ts'
import { createMetrics } from '../src/http/metrics.ts'
import { parseClusterUrl } from '../src/store/eventstoredb/url.ts'

const page = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8')
const rows = (head: RegExp): string[][] => {
  const lines = page.split('\n')
  const start = lines.findIndex((line) => head.test(line))
  const table = lines.slice(start + 2)
  return table
    .slice(
      0,
      table.findIndex((line) => !line.startsWith('|')),
    )
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}
const names = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name!)

t.test('the configuration table names every variable that is read, and its default', (t) => {
  const table = rows(/^\| variable \|/)
  const defaults = configSchema.parse({}) as Record<string, unknown>
  t.same(table.flatMap(([name]) => names(name!)).sort(), Object.keys(configSchema.shape).sort())
  for (const [name, value] of table) {
    const variable = names(name!)[0]!
    t.equal(names(value!)[0], defaults[variable] === undefined ? undefined : String(defaults[variable]), variable)
  }
  t.end()
})

t.test('every 5xx code says what to do, and no other code is named', (t) => {
  const table = rows(/^\| code \| what it means/)
  const codes = Object.entries(errors).flatMap(([code, { status }]) => (status >= 500 ? [code] : []))
  t.same(table.flatMap(([code]) => names(code!)).sort(), codes.sort())
  for (const [code, , act] of table) t.ok(act, `${code} has something to do`)
  t.end()
})

t.test('every alert names a metric that there is', async (t) => {
  const known = (await createMetrics().registry.getMetricsAsJSON()).map(({ name }) => name)
  const named = rows(/^\| metric \|/).flatMap(([metric]) => names(metric!))
  for (const name of named) if (name !== 'up') t.ok(known.includes(name), name)
  for (const name of known)
    if (
      name.startsWith('duban_') &&
      !['duban_events', 'duban_events_appended_total', 'duban_disk_reserve_bytes'].includes(name)
    )
      t.ok(named.includes(name), `${name} has its alert`)
})

t.test('the example of a cluster sets what the program reads, and an address that it takes', (t) => {
  const compose = readFileSync(new URL('../compose.yaml', import.meta.url), 'utf8')
  const service = /^x-duban-environment: .*\n((?: {2}.*\n)+)/m.exec(compose)![1]!
  const set = Object.fromEntries(
    [...service.matchAll(/^ {2}([A-Z_]+): (.*)$/gm)].map(([, name, value]) => [name!, value!]),
  )
  for (const name of Object.keys(set)) t.ok(name in configSchema.shape, `${name} is read`)
  for (const name of ['EVENTSTORE_URL', 'VAULT_URL', 'DUBAN_EVIDENCE', 'DUBAN_MASTER_KEY_FILE'])
    t.ok(set[name], `${name} is set`)
  const config = readConfig(set)
  const address = parseClusterUrl(config.clusterUrl!.replace(/\?.*/, ''))
  t.match(address, {
    tls: true,
    hosts: [{ address: 'eventstore1' }, { address: 'eventstore2' }, { address: 'eventstore3' }],
  })
  const servers = [...compose.matchAll(/^ {2}(eventstore\d):$/gm)].map(([, name]) => name)
  t.same(
    servers,
    address.hosts.map((host) => host.address),
  )
  t.end()
})

t.test('what is printed at start holds no secret', (t) => {
  const secret = 'esdb://admin:changeit@cluster:2113'
  const config = readConfig({
    DUBAN_MASTER_KEY_FILE: '/safe/master.key',
    EVENTSTORE_URL: secret,
    VAULT_URL: 'postgres://duban:changeit@db/vault',
  })
  t.notMatch(JSON.stringify(redacted(config)), /changeit|\/safe/)
  t.equal(config.clusterUrl, secret)
  t.end()
})

t.test('a value that cannot be used is named without being repeated', (t) => {
  const thrown = t.throws(() =>
    readConfig({ DUBAN_PORT: 'hush-hush', DUBAN_DISK_RESERVE_MB: '-1' }),
  ) as unknown as ConfigInvalid
  t.same(
    thrown.variables.map(({ pointer }) => pointer),
    ['DUBAN_PORT', 'DUBAN_DISK_RESERVE_MB'],
  )
  t.notMatch(thrown.message, /hush/)
  t.end()
})
