/** A new installation: its first organisation, its administrator, and the one token that lets him in. */
import type { Principal } from '../domain/access.ts'
import { errors } from '../domain/catalogue/errors.ts'
import type { Category, CommandRequest, CommandResult } from './execute.ts'
import { commandIdFor } from './ids.ts'

export interface FirstOrganisation {
  /** Code unique in the installation. */
  readonly code: string
  readonly name: string
  /** Stands in case numbers; default: the code. */
  readonly abbreviation?: string
  /** Division code, GB/T 2260. */
  readonly division: string
  readonly kind: string
  /** Name of the first administrator. */
  readonly administrator: string
}

export interface Initialised {
  readonly organisation: string
  readonly person: string
  readonly token: string
}

/** What making an installation needs of the service. */
export interface InitialisePorts {
  readonly execute: (request: CommandRequest) => Promise<CommandResult>
  readonly finish: (category: string, result: CommandResult & { ok: true }) => Promise<unknown>
  readonly operator: Principal
  readonly categories: Readonly<Record<string, Category>>
  readonly newToken: (person: string) => { token: string; hash: string; text: string }
}

/** A first step that was refused: its refusal is the reason nothing was made. */
export class InitialiseRefused extends Error {
  readonly code: string
  constructor(code: string) {
    super(code)
    this.code = code
  }
}

const isErrorCode = (text: string | undefined): text is keyof typeof errors =>
  text !== undefined && Object.hasOwn(errors, text)

interface OperatorCommand {
  readonly stream?: string
  readonly organisation?: string
  readonly commandId: string
  readonly effectiveAt?: string
}

/** Runs one command as the operator and waits until the directory knows of it. @throws InitialiseRefused, also where the body is not the action's */
export async function asOperator(
  ports: InitialisePorts,
  category: string,
  action: string,
  body: unknown,
  more: OperatorCommand,
): Promise<string> {
  const { stream } = await run(ports, category, action, body, more)
  return stream.slice(stream.indexOf('-') + 1)
}

async function run(
  ports: InitialisePorts,
  category: string,
  action: string,
  body: unknown,
  more: OperatorCommand,
): Promise<CommandResult & { ok: true }> {
  const parsed = ports.categories[category]?.decider.actions[action]?.body.safeParse(body)
  if (!parsed?.success) {
    const said = parsed?.error.issues[0]?.message
    throw new InitialiseRefused(isErrorCode(said) ? said : 'invalid-request')
  }
  const result = await ports.execute({
    category,
    action,
    body: parsed.data,
    requestMac: '',
    principal: ports.operator,
    ...more,
  })
  if (!result.ok) throw new InitialiseRefused(result.refusal.code)
  await ports.finish(category, result)
  return result
}

/** Makes the first organisation, person, role and token. The same first organisation asked for twice is made once. */
export async function createInstallation(ports: InitialisePorts, first: FirstOrganisation): Promise<Initialised> {
  const { code, name, abbreviation, division, kind, administrator } = first
  const organisationCommand = commandIdFor('init', 'organisation', code)
  const organisation = await asOperator(
    ports,
    'organisation',
    'register',
    { code, name, division, kind, ...(abbreviation === undefined ? {} : { abbreviation }) },
    { commandId: organisationCommand },
  )
  const person = await asOperator(
    ports,
    'person',
    'register',
    { name: administrator, organisation },
    { commandId: commandIdFor('init', 'person', code) },
  )
  const stream = `person-${person}`
  const role = { role: 'administrator', organisation }
  await asOperator(ports, 'person', 'grantRole', role, { stream, commandId: commandIdFor('init', 'role', code) })
  // One command for one installation: of two nodes that make it at once, one shows the token that counts.
  const made = ports.newToken(person)
  const token = { token: made.token, hash: made.hash }
  const commandId = commandIdFor('init', 'token', code)
  const { repeated } = await run(ports, 'person', 'issueToken', token, { stream, commandId })
  if (repeated) throw new InitialiseRefused('token-shown-once')
  return { organisation, person, token: made.text }
}
