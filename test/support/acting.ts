/** Acting on one case of any category over HTTP, and people whom the founded county does not have. */
import { commandIdFor } from '../../src/commands/ids.ts'
import { asOperator } from '../../src/commands/initialise.ts'
import type { County, TestPerson, TestService, Who } from './service.ts'

/** Somebody more, who is not in the county of every test. */
export async function enrol(
  { service }: TestService,
  role: string,
  organisation: string,
  name: string,
): Promise<TestPerson> {
  const act = (action: string, body: object, more: { stream?: string } = {}) =>
    asOperator(service, 'person', action, body, { ...more, commandId: commandIdFor('penalties', name, action) })
  const id = await act('register', { name, organisation })
  const stream = `person-${id}`
  await act('grantRole', { role, organisation }, { stream })
  const made = service.newToken(id)
  await act('issueToken', { token: made.token, hash: made.hash }, { stream })
  await service.projections.catchUp()
  return { id, token: made.text }
}

/** Acts on one case, step by step, each at its day. */
export function acting(service: TestService, path: string) {
  let url = path
  let revision: number | undefined
  const day = (date: string) => {
    service.clock.ms = Date.parse(`${date}T01:00:00Z`)
  }
  const send = async (who: Who | TestPerson, action: string, body: object) => {
    const person = typeof who === 'string' ? service.people[who] : who
    const headers = { authorization: `Bearer ${person.token}` }
    const answer = await service.call(undefined, 'POST', action === '' ? url : `${url}/${action}`, {
      body,
      headers,
      ...(revision === undefined ? {} : { ifMatch: revision }),
    })
    if (answer.status < 300) {
      revision = answer.json.revision
      if (action === '' || path === url) url = `${path}/${answer.json.case}`
    }
    return answer
  }
  return {
    day,
    url: () => url,
    /** Revision of the case as it was last answered. */
    revision: () => revision!,
    did: async (who: Who | TestPerson, action: string, body: object) => {
      const answer = await send(who, action, body)
      if (answer.status >= 300) throw new Error(`${action}: ${answer.text}`)
      return answer.json
    },
    refused: async (who: Who | TestPerson, action: string, body: object): Promise<string> =>
      (await send(who, action, body)).json.code,
  }
}

/** A penalty case against the county's worker, as the section files it. */
export const filing = ({ office, worker }: County) => ({
  source: 'inspection',
  respondent: 'worker',
  respondentOffice: office,
  respondentWorker: worker,
  kind: 'private-acceptance-or-fees',
  law: 'order-138',
  actOn: '2025-06-01',
  matter: '私自收费',
})

/** The same matter referred to the committee. */
export const referral = ({ office, worker }: County) => ({
  respondent: 'worker',
  respondentOffice: office,
  respondentWorker: worker,
  kind: 'private-acceptance-or-fees',
  matter: '私自收费',
})
