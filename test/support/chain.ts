/** A whole complaint over HTTP, from registration to the archive, each step by the person whose step it is. */
import type { Answer, TestService, Who } from './service.ts'

/** Texts of everything personal in the chain; every value is unique, so that a search finds it. */
export const personal = {
  name: '投诉人甲乙丙',
  identityNumber: '110101199003074477',
  phone: '13912345678',
  address: '青石镇虚构路七号',
  matter: '私自收取费用且不开收据之事项',
  request: '请求退还全部费用之诉求',
} as const

export const registration = (service: TestService) => ({
  channel: 'visit',
  kind: 'private-acceptance-or-fees',
  respondentOffice: service.county.office,
  respondentWorker: service.county.worker,
  complainant: {
    name: personal.name,
    identityNumber: personal.identityNumber,
    phone: personal.phone,
    address: personal.address,
  },
  matter: personal.matter,
  request: personal.request,
})

export interface ChainStep {
  readonly by: Who
  readonly action: string
  readonly body: object
}

/** Texts that the chain writes, sealed every one. */
export const texts = [
  '补充收据原件',
  '服务经过之书面说明',
  '申辩所述之内容',
  '调查所得之笔录',
  '查明事项之概述',
  '查明事由之概述',
  '查证之事实全文',
  '主任意见全文',
  '处理结果全文',
  '处理依据全文',
  '答复意见全文',
] as const

/** The steps after registration. */
export function chainSteps({ people, county }: TestService): ChainStep[] {
  const investigators = [people.investigator.id, people.investigator2.id]
  return [
    { by: 'reception', action: 'request-supplement', body: { items: [texts[0]] } },
    { by: 'reception', action: 'receive-supplement', body: {} },
    { by: 'centre-director', action: 'accept', body: {} },
    { by: 'centre-director', action: 'notify', body: { about: 'acceptance', method: 'letter' } },
    { by: 'centre-director', action: 'assign-investigators', body: { investigators } },
    { by: 'investigator', action: 'request-handler-report', body: {} },
    { by: 'office-account', action: 'file-handler-report', body: { worker: county.worker, report: texts[1] } },
    { by: 'office-account', action: 'file-defence', body: { text: texts[2] } },
    { by: 'investigator', action: 'add-note', body: { text: texts[3] } },
    {
      by: 'investigator2',
      action: 'conclude',
      body: { investigators, matter: texts[4], grounds: texts[5], verifiedFacts: texts[6], proposed: 'substantiated' },
    },
    { by: 'centre-director', action: 'give-opinion', body: { opinion: texts[7], proposed: 'substantiated' } },
    { by: 'centre-director', action: 'report-to-leader', body: { leader: people['bureau-leader'].id } },
    {
      by: 'bureau-leader',
      action: 'decide-at-meeting',
      body: {
        meetingNumber: '2026年第3次',
        attendees: [people['bureau-leader'].id, people.leader2.id, people.leader3.id],
        outcome: 'substantiated',
        throughFault: true,
        subjectiveFault: false,
        graveSocialImpact: false,
        graveLoss: false,
        cooperation: { reportInTime: true, materialsHandedOver: true, rectified: false, activelyHandled: true },
        measures: [{ kind: 'rectification-order', due: '2026-06-30' }],
        result: texts[8],
        basis: texts[9],
      },
    },
    { by: 'centre-director', action: 'reply', body: { method: 'letter', text: texts[10] } },
    { by: 'centre-director', action: 'close', body: {} },
    { by: 'centre-director', action: 'archive', body: { retention: '30y' } },
  ]
}

/** Registers a complaint. */
export const register = (service: TestService, more: object = {}, key?: string): Promise<Answer> =>
  service.call('reception', 'POST', '/api/v1/complaints', {
    body: { ...registration(service), ...more },
    ...(key === undefined ? {} : { key }),
  })

/** Runs the chain up to and with the named action (default: to its end), failing loudly. @returns id, number and last revision */
export async function runChain(
  service: TestService,
  until?: string,
): Promise<{ id: string; number: string; revision: number }> {
  const opened = await register(service)
  if (opened.status !== 201) throw new Error(`register: ${opened.text}`)
  const { case: id, number } = opened.json
  let revision: number = opened.json.revision
  if (until === 'register') return { id, number, revision }
  for (const { by, action, body } of chainSteps(service)) {
    const answer = await service.call(by, 'POST', `/api/v1/complaints/${id}/${action}`, { body, ifMatch: revision })
    if (answer.status !== 200) throw new Error(`${action} by ${by}: ${answer.text}`)
    revision = answer.json.revision
    if (action === until) break
  }
  return { id, number, revision }
}
