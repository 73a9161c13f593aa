/** Before a start: what is wrong is named. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binaryEvent, EventStoreDBClient } from '@eventstore/db-client'
import t from 'tap'
import { preflight } from '../../../src/store/eventstoredb/preflight.ts'
import { ClusterStore } from '../../../src/store/eventstoredb/store.ts'
import { parseClusterUrl, redactedAddress } from '../../../src/store/eventstoredb/url.ts'
import { EventStoreDouble } from '../../support/eventstoredb-double/index.ts'
import { BRISK, event, newStream } from './support.ts'

const check = (url: string, patienceMs = 400) => preflight(parseClusterUrl(url), patienceMs)

t.test('a cluster that is well: its version, and which hosts do not answer', async (t) => {
  const double = await EventStoreDouble.start({ nodes: 3 })
  t.teardown(() => double.stop())
  t.match(await check(double.url), { serverVersion: '23.10.8', absent: [] })
  double.nodes[1]!.kill()
  const { absent } = await check(double.url)
  t.match(absent, [/ECONNREFUSED/])
})

t.test('nobody there', async (t) => {
  const double = await EventStoreDouble.start()
  const { url } = double
  double.stop()
  await t.rejects(check(url), { code: 'cluster-unreachable', message: /ECONNREFUSED/ })
  await t.rejects(check('esdb://no-such-host.invalid?tls=false'), { code: 'cluster-unreachable' })
})

t.test('no leader, or one that does not answer', async (t) => {
  const double = await EventStoreDouble.start({ nodes: 3 })
  t.teardown(() => double.stop())
  double.elect(undefined)
  await t.rejects(check(double.url), { code: 'cluster-no-leader' })
  const electing = check(double.url, 10_000)
  double.elect(double.nodes[2])
  t.match(await electing, { serverVersion: '23.10.8' }, 'an election is waited for')
})

t.test('no right to read $all', async (t) => {
  const double = await EventStoreDouble.start()
  t.teardown(() => double.stop())
  double.cues.denied = true
  await t.rejects(check(double.url), { code: 'cluster-access-denied' })
})

t.test('a server too old', async (t) => {
  for (const serverVersion of ['22.10.5', '5.0.11', 'unknown', '']) {
    const double = await EventStoreDouble.start({ serverVersion })
    await t.rejects(check(double.url), { code: 'cluster-server-too-old' }, serverVersion)
    double.stop()
  }
  for (const serverVersion of ['23.10.0', '24.2.0', '25.0.1']) {
    const double = await EventStoreDouble.start({ serverVersion })
    t.match(await check(double.url), { serverVersion })
    double.stop()
  }
})

t.test('TLS: one side has it and the other has not, or the certificate is not trusted', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'duban-tls-'))
  t.teardown(() => rmSync(directory, { recursive: true }))
  const [keyFile, certificateFile] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const made = spawnSync('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', '/CN=duban test', '-addext', 'subjectAltName=IP:127.0.0.1'],
    ...['-keyout', keyFile, '-out', certificateFile],
  ])
  if (made.status !== 0) return t.pass('', { skip: 'no openssl program here: TLS is not tested' })
  const identity = { key: readFileSync(keyFile), certificate: readFileSync(certificateFile) }
  const [secure, plain] = [await EventStoreDouble.start({ identity }), await EventStoreDouble.start()]
  t.teardown(() => {
    secure.stop()
    plain.stop()
  })
  await t.rejects(check(`esdb://127.0.0.1:${secure.node.port}?tls=false`), { code: 'cluster-tls-mismatch' })
  await t.rejects(check(`esdb://u:p@127.0.0.1:${plain.node.port}`), { code: 'cluster-tls-mismatch' })
  await t.rejects(check(secure.url), { code: 'cluster-certificate-refused' })
  // The client's own switch does not turn verification off, whatever it says: that is why the address refuses it.
  const bare = EventStoreDBClient.connectionString(`${secure.url}?tlsVerifyCert=false`)
  await t.rejects(bare.appendToStream(newStream(), [binaryEvent({ type: 'x', data: Buffer.from('x') })]), /certificate/)
  const trusted = `${secure.url}?tlsCAFile=${encodeURIComponent(certificateFile)}`
  t.match(await check(trusted), { serverVersion: '23.10.8' })
  const store = new ClusterStore({ address: parseClusterUrl(trusted), timeouts: BRISK })
  t.teardown(() => store.close())
  t.match(await store.append(newStream(), [event()], 'no_stream'), { ok: true })
  t.equal(secure.node.authorizations.at(-1), `Basic ${Buffer.from('duban:secret').toString('base64')}`)
  t.equal(secure.node.calls.batchAppend, 0)
  writeFileSync(certificateFile, 'no certificate')
})

t.test('addresses are read strictly', async (t) => {
  const refused = (url: string) => {
    try {
      parseClusterUrl(url)
    } catch (error) {
      return (error as { code?: string }).code
    }
    return 'accepted'
  }
  t.equal(refused('esdb://a:1,b:2,c:3?tls=false'), 'accepted')
  t.equal(refused('esdb+discover://cluster.example?tls=false'), 'accepted')
  t.equal(refused('esdb://user:p%40ss@a:2113?tls=true&connectionName=node-1'), 'accepted')
  t.equal(refused('esdb://a:1'), 'cluster-credentials-missing')
  for (const url of [
    '',
    'http://a',
    'esdb://',
    'esdb://a:x?tls=false',
    'esdb://a:99999?tls=false',
    'esdb://a b?tls=false',
  ])
    t.equal(refused(url), 'cluster-url-invalid', url)
  for (const query of [
    'tls=maybe',
    'keepAliveInterval=5',
    'nodePreference=follower',
    'tlsCAFile=/no/such/file',
    'tlsVerifyCert=false',
  ])
    t.equal(refused(`esdb://u:p@a?${query}`), 'cluster-url-invalid', query)
  t.equal(refused('esdb+discover://a,b?tls=false'), 'cluster-url-invalid')
  t.equal(refused('esdb://u:p:q@a'), 'cluster-url-invalid')
  t.notMatch(redactedAddress(parseClusterUrl('esdb://user:secret@a:1,b:2')), /secret|user/)
})
