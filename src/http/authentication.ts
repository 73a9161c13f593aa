/** Who asks: a bearer token names the person; the directory says what he is now. */
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Principal } from '../domain/access.ts'
import { fail } from './problem.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for every route that does not declare itself public. */
    principal: Principal
  }
  interface FastifyContextConfig {
    /** Routes are denied without a person unless they say so here. */
    public?: true
  }
}

/** Finds the person of a bearer token; undefined where it is unknown, revoked, expired, or its person disabled. */
export type Authenticate = (token: string) => Principal | undefined

/** Who asks, as the directory knows him now. @param local assumed where no token is given */
export function principalOf(
  request: FastifyRequest,
  authenticate: Authenticate,
  local: Principal | undefined,
): Principal | undefined {
  const header = request.headers.authorization
  if (header === undefined && local) return local
  const token = /^Bearer ([\x21-\x7e]{1,400})$/.exec(header ?? '')?.[1]
  return token === undefined ? undefined : authenticate(token)
}

/**
 * Refuses every request without a valid token, unless its route is public.
 * @param local the person assumed where no token is given: only for requests of this very process (the terminal)
 */
export function installAuthentication(app: FastifyInstance, authenticate: Authenticate, local?: Principal): void {
  app.decorateRequest('principal', null as unknown as Principal)
  app.addHook('onRequest', async (request: FastifyRequest) => {
    if (request.routeOptions.config.public || request.is404) return
    const principal = principalOf(request, authenticate, local)
    if (!principal) fail('unauthenticated')
    else request.principal = principal
  })
}
