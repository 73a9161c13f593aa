/** What a demo prints when it has started: tokens for everybody, and things worth trying. */
import { commandIdFor } from '../commands/ids.ts'
import { asOperator } from '../commands/initialise.ts'
import { roleTerms } from '../domain/catalogue/registry.ts'
import { term } from '../domain/catalogue/terms.ts'
import type { Service } from '../service.ts'

export interface DemoToken {
  readonly role: string
  readonly name: string
  readonly token: string
}

/** A fresh token for one person of each role; a demo's only. */
export async function demoTokens(service: Service): Promise<DemoToken[]> {
  const tokens: DemoToken[] = []
  const seen = new Set<string>()
  for (const person of service.people.persons()) {
    const role = person.grants[0]?.role
    if (role === undefined || seen.has(role)) continue
    seen.add(role)
    const made = service.newToken(person.id)
    await asOperator(
      service,
      'person',
      'issueToken',
      { token: made.token, hash: made.hash },
      {
        stream: `person-${person.id}`,
        commandId: commandIdFor('demo-token', made.token),
      },
    )
    tokens.push({ role: term(roleTerms, role), name: person.name, token: made.text })
  }
  return tokens
}

/** Something worth trying: what it shows, and what to type. */
export interface Try {
  readonly shows: string
  /** Lines for a shell, to be pasted as they are. */
  readonly lines: readonly string[]
}

/** Things worth trying, with an address and a token that work: from one star back to the event that cost it. */
export function triesOf(service: Service, address: string, tokens: readonly DemoToken[]): Try[] {
  const token = (role: string) => tokens.find((each) => each.role === term(roleTerms, role))?.token ?? ''
  const start: Try = {
    shows: '在另一个终端、同一目录，先执行这两行（以审计员的身份）',
    lines: [`export DUBAN_TOKEN=${token('auditor')}`, `duban() { npm run -s duban -- --url ${address} "$@"; }`],
  }
  const general: Try[] = [
    start,
    { shows: '星级排名', lines: ['duban rate --rank'] },
    { shows: '督办看板上最急的', lines: ['duban board --light red'] },
    { shows: '督办事项各到了哪一步', lines: ['duban board --category supervision'] },
  ]
  const browse: Try = { shows: `在浏览器打开 ${address}/docs，点 Authorize，粘贴任一令牌，试用全部接口`, lines: [] }
  const affected = service.rating.affected({})
  const lost = affected.ok
    ? affected.value.find(({ from, to, causes }) => to < from && causes.some(({ cause }) => cause === 'late-evidence'))
    : undefined
  const cause = lost?.causes.find((each) => each.cause === 'late-evidence')
  if (!lost || !cause || cause.index === null) return [...general, browse]
  const { office, effectiveAt } = lost
  const name = service.people.office(office)?.name ?? office
  const [before, after] = [cause.index - 1, cause.index]
  return [
    ...general,
    { shows: '哪些已公布的星级后来站不住了，因为哪条记录', lines: ['duban affected'] },
    {
      shows: `${name}少了哪颗星、凭哪条记录：未获得的星在最前`,
      lines: [`duban rate --office ${office} --effective-at ${effectiveAt}`],
    },
    {
      shows: `那条记录（序号 ${after}）是谁登记的：发生在前，登记在后，标有“补录”`,
      lines: [`duban history ${office} --category record`],
    },
    {
      shows: '登记之前与之后各是几星',
      lines: [`duban compare asOf=${before},effectiveAt=${effectiveAt} asOf=${after},effectiveAt=${effectiveAt}`],
    },
    {
      shows: '该所的档案在这两个时点的差别',
      lines: [`duban diff ${office} asOf=${before} asOf=${after} --category record`],
    },
    browse,
  ]
}
