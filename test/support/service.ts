/** A whole service on a temporary directory: injected clock, a founded county, one person per role with a token, `inject` for requests. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { commandIdFor } from '../../src/commands/ids.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import { type Role, roles } from '../../src/domain/access.ts'
import { buildApp } from '../../src/http/app.ts'
import { createLogger } from '../../src/logging.ts'
import { openService, type Service, type ServiceOptions } from '../../src/service.ts'

/** Where the test clock stands when a service is made: a Monday morning in Shanghai. */
export const START = Date.parse('2026-03-02T01:00:00.000Z')

export interface TestPerson {
  readonly id: string
  readonly token: string
}
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: answers are compared field by field
  readonly json: any
  readonly text: string
}
export interface Call {
  readonly body?: unknown
  /** Sent as it is; with `headers['content-type']`. */
  readonly payload?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
  readonly ifMatch?: number
  readonly key?: string
}

/** Who works here, by role; `investigator2`, `leader2` and so on are further people of the same role. */
export type Who = Role | 'investigator2' | 'leader2' | 'leader3' | 'elsewhere' | 'administrator2' | 'reader' | 'nobody'

export interface County {
  readonly province: string
  readonly city: string
  readonly bureau: string
  /** Another county of the same city. */
  readonly other: string
  readonly committee: string
  readonly office: string
  readonly worker: string
}

export interface TestService {
  readonly directory: string
  readonly service: Service
  readonly app: FastifyInstance
  readonly county: County
  readonly people: Readonly<Record<Who, TestPerson>>
  /** Everything the service logged, level trace. */
  readonly log: string[]
  readonly clock: { ms: number }
  /** A request as a person, or with an unknown or no token (`undefined`). */
  call(who: Who | undefined, method: string, url: string, call?: Call): Promise<Answer>
  /** Closes and opens the same directory again: a restart. */
  restart(): Promise<void>
  close(): Promise<void>
}

/** A directory that is gone after the test. */
export function temporaryDirectory(t: Pick<Test, 'teardown'>): string {
  const directory = mkdtempSync(join(tmpdir(), 'duban-service-'))
  t.teardown(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

const TICK_MS = 1_000

/** Opens a service and founds its county. */
export async function startService(
  t: Pick<Test, 'teardown'>,
  more: {
    evidenceLimit?: number
    importLimit?: number
    backups?: string
    diskReserve?: number
    freeBytes?: () => number
    /** Default: a temporary one. */
    directory?: string
    /** Anything else that a service is opened with. */
    options?: Partial<ServiceOptions>
    /** Shared by the nodes of a cluster. Default: a clock of its own at {@link START}. */
    clock?: { ms: number }
    /** The county that is there already. Default: it is founded. */
    founded?: Pick<TestService, 'county' | 'people'>
    /** Default true: the read models hold what there is before the service is given to the test. */
    caughtUp?: boolean
  } = {},
): Promise<TestService> {
  const directory = more.directory ?? temporaryDirectory(t)
  const clock = more.clock ?? { ms: START }
  const log: string[] = []
  const logger = createLogger('trace', { write: (line: string) => void log.push(line) })
  const open = async () => {
    const service = await openService({
      directory,
      masterKeyFile: join(directory, 'master.key'),
      evidenceLimit: more.evidenceLimit ?? 5 * 1024 * 1024,
      ...(more.importLimit === undefined ? {} : { importLimit: more.importLimit }),
      ...(more.backups === undefined ? {} : { backups: more.backups }),
      ...(more.diskReserve === undefined ? {} : { diskReserve: more.diskReserve }),
      ...(more.freeBytes === undefined ? {} : { freeBytes: more.freeBytes }),
      logger,
      now: () => clock.ms,
      ...more.options,
    })
    if (more.caughtUp !== false) await service.caughtUp()
    const app = await buildApp({ service, logger, listening: true, requestsPerMinute: 1_000_000, overloadedAfterMs: 0 })
    await app.ready()
    return { service, app }
  }
  let running = await open()
  const { county, people } = more.founded ?? (await found(running.service))
  let closed = false
  const close = async () => {
    if (closed) return
    closed = true
    await running.app.close()
    await running.service.close()
  }
  t.teardown(close)
  return {
    directory,
    get service() {
      return running.service
    },
    get app() {
      return running.app
    },
    county,
    people,
    log,
    clock,
    async call(who, method, url, { body, payload, headers, ifMatch, key } = {}) {
      clock.ms += TICK_MS
      const response = await running.app.inject({
        method: method as 'GET',
        url,
        headers: {
          ...(who === undefined ? {} : { authorization: `Bearer ${people[who].token}` }),
          ...(ifMatch === undefined ? {} : { 'if-match': `"${ifMatch}"` }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
          ...headers,
        },
        ...(payload === undefined ? (body === undefined ? {} : { payload: body as object }) : { payload }),
      })
      return {
        status: response.statusCode,
        headers: response.headers as Record<string, string | undefined>,
        text: response.body,
        json: /json/.test(String(response.headers['content-type'])) ? JSON.parse(response.body) : undefined,
      }
    },
    async restart() {
      await running.app.close()
      await running.service.close()
      running = await open()
    },
    close,
  }
}

/** Registers the county as the operator does on the first day. */
async function found(service: Service): Promise<{ county: County; people: Record<Who, TestPerson> }> {
  let command = 0
  const act = (
    category: string,
    action: string,
    body: unknown,
    more: { stream?: string; organisation?: string } = {},
  ) => asOperator(service, category, action, body, { ...more, commandId: commandIdFor('test', String(command++)) })
  const organisation = (code: string, name: string, kind: string, division: string, parent?: string) =>
    act('organisation', 'register', {
      code,
      name,
      abbreviation: code,
      kind,
      division,
      ...(parent === undefined ? {} : { parent }),
    })
  const province = await organisation('P', '云岭省司法厅', 'province-department', '990000')
  const city = await organisation('C', '清源市司法局', 'city-bureau', '990100', province)
  const bureau = await organisation('A', '安和县司法局', 'county-bureau', '990121', city)
  const other = await organisation('B', '临溪县司法局', 'county-bureau', '990122', city)
  const committee = await organisation('D', '惩戒委员会', 'disciplinary-committee', '990100', city)
  const office = await act('office', 'register', {
    kind: 'legal-service-office',
    name: '青石法律服务所',
    division: '990121001000',
    licence: '云安基服1号',
    organisation: bureau,
    registeredOn: '2020-01-01',
    address: '青石镇中心街1号',
  })
  const worker = await act('worker', 'license', {
    name: '执业者',
    licence: '基法执1',
    office,
    licensedOn: '2021-01-01',
  })
  const enrol = async (role: Role | undefined, where: string, name: string): Promise<TestPerson> => {
    const id = await act('person', 'register', { name, organisation: where })
    const stream = `person-${id}`
    if (role !== undefined) {
      const grant = { role, organisation: where, ...(role === 'office-account' ? { office } : {}) }
      await act('person', 'grantRole', grant, { stream })
    }
    const made = service.newToken(id)
    await act('person', 'issueToken', { token: made.token, hash: made.hash }, { stream })
    return { id, token: made.text }
  }
  const place: Partial<Record<Role, string>> = {
    'city-decider': city,
    'disciplinary-committee': committee,
    auditor: province,
  }
  const people = {} as Record<Who, TestPerson>
  for (const role of roles) people[role] = await enrol(role, place[role] ?? bureau, `人员-${role}`)
  people.investigator2 = await enrol('investigator', bureau, '调查员二')
  people.leader2 = await enrol('bureau-leader', bureau, '局领导二')
  people.leader3 = await enrol('bureau-leader', bureau, '局领导三')
  people.elsewhere = await enrol('centre-director', other, '外县主任')
  people.administrator2 = await enrol('administrator', other, '外县管理员')
  people.reader = await enrol('centre-director', bureau, '中心副主任')
  people.nobody = await enrol(undefined, bureau, '无角色者')
  await service.projections.catchUp()
  return { county: { province, city, bureau, other, committee, office, worker }, people }
}
