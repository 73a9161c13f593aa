/** The county of the demonstration: a province, a city, a county bureau with its centre and judicial offices, offices, workers, people. */
import type { Role } from '../domain/access.ts'
import type { Actor } from '../domain/event.ts'
import { type CivilDate, civilDate, dayNumber, startOfDayMs } from '../domain/time.ts'
import { givenNames, surnames, towns } from './names.ts'
import type { Random } from './random.ts'
import type { Simulation } from './simulation.ts'

export interface Person {
  readonly id: string
  readonly name: string
  readonly role: Role
  readonly organisation: string
}

export interface County {
  readonly province: string
  readonly city: string
  readonly bureau: string
  readonly centre: string
  readonly offices: readonly string[]
  /** Workers by office, as licensed. */
  readonly workers: ReadonlyMap<string, readonly string[]>
  readonly people: readonly Person[]
}

const operator: Actor = { operator: true }

/** Roles of the county and how many hold each; then those of city and province. */
const staffing: readonly (readonly [Role, number, 'bureau' | 'city' | 'province'])[] = [
  ['administrator', 1, 'bureau'],
  ['reception', 3, 'bureau'],
  ['centre-director', 1, 'bureau'],
  ['investigator', 8, 'bureau'],
  ['bureau-leader', 3, 'bureau'],
  ['leading-group', 1, 'bureau'],
  ['supervision-officer', 2, 'bureau'],
  ['grassroots-section', 2, 'bureau'],
  ['legal-reviewer', 1, 'bureau'],
  ['hearing-chair', 1, 'bureau'],
  ['privacy-officer', 1, 'bureau'],
  ['city-decider', 1, 'city'],
  ['disciplinary-committee', 1, 'city'],
  ['auditor', 1, 'province'],
]

/** Registers everything on the first day. */
export async function foundCounty(
  simulation: Simulation,
  random: Random,
  offices: number,
  day: CivilDate,
): Promise<County> {
  let recordedMs = startOfDayMs(day) + 8 * 3_600_000
  const next = () => (recordedMs += 1_000)
  const id = (stream: string) => stream.slice(stream.indexOf('-') + 1)
  const organisation = (
    code: string,
    name: string,
    abbreviation: string,
    kind: string,
    division: string,
    parent?: string,
  ) =>
    id(
      simulation.act({
        category: 'organisation',
        action: 'register',
        body: { code, name, abbreviation, kind, division, ...(parent === undefined ? {} : { parent }) },
        actor: operator,
        organisation: parent ?? '',
        recordedMs: next(),
      }),
    )
  const province = organisation('YL', '云岭省司法厅', '云司', 'province-department', '990000')
  const city = organisation('YLQY', '清源市司法局', '清司', 'city-bureau', '990100', province)
  const bureau = organisation('YLQYAH', '安和县司法局', '安司', 'county-bureau', '990121', city)
  const centre = organisation(
    'YLQYAHZX',
    '安和县公共法律服务中心',
    '安法中',
    'public-legal-service-centre',
    '990121',
    bureau,
  )
  const station = organisation('YLQYAHQS', '青石司法所', '青司所', 'judicial-office', '990121001000', bureau)
  await simulation.flush()

  const usedNames = new Set<string>()
  const invent = (): string => {
    for (;;) {
      const name = random.pick(surnames) + random.pick(givenNames)
      if (usedNames.has(name)) continue
      usedNames.add(name)
      return name
    }
  }
  const streams: string[] = []
  const workers = new Map<string, string[]>()
  for (let i = 0; i < offices; i++) {
    const town = towns[i % towns.length]!
    const name = `安和县${town}${i < towns.length ? '' : `第${Math.floor(i / towns.length) + 1}`}法律服务所`
    const registeredOn = civilDate(dayNumber(day) - random.between(400, 4_000))
    const office = simulation.act({
      category: 'office',
      action: 'register',
      body: {
        kind: 'legal-service-office',
        name,
        division: `990121${String(1 + (i % towns.length)).padStart(3, '0')}000`,
        licence: `云安基服〔${registeredOn.slice(0, 4)}〕${i + 1}号`,
        organisation: bureau,
        registeredOn,
        address: `安和县${town}${i % 2 === 0 ? '镇' : '乡'}中心街${random.between(1, 180)}号`,
      },
      actor: operator,
      organisation: bureau,
      recordedMs: next(),
    })
    streams.push(office)
    const here: string[] = []
    for (let n = random.between(3, 7); n > 0; n--) {
      const licensedOn = civilDate(dayNumber(day) - random.between(30, 390))
      here.push(
        id(
          simulation.act({
            category: 'worker',
            action: 'license',
            body: { name: invent(), licence: `基法执${990000 + i * 10 + n}`, office: id(office), licensedOn },
            actor: operator,
            organisation: bureau,
            recordedMs: next(),
          }),
        ),
      )
    }
    workers.set(id(office), here)
  }

  const people: Person[] = []
  const place = { bureau, city, province }
  const enrol = (role: Role, where: string, office?: string): void => {
    const name = invent()
    const stream = simulation.act({
      category: 'person',
      action: 'register',
      body: { name, organisation: where },
      actor: operator,
      organisation: where,
      recordedMs: next(),
    })
    simulation.act({
      category: 'person',
      stream,
      action: 'grantRole',
      body: { role, organisation: where, ...(office === undefined ? {} : { office }) },
      actor: operator,
      organisation: where,
      recordedMs: next(),
    })
    people.push({ id: id(stream), name, role, organisation: where })
  }
  for (const [role, count, where] of staffing) for (let n = 0; n < count; n++) enrol(role, place[where])
  enrol('judicial-office', station)
  enrol('office-account', bureau, id(streams[0]!))
  await simulation.flush()
  return { province, city, bureau, centre, offices: streams.map(id), workers, people }
}
