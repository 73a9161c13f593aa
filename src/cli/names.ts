/** Names beside ids in what people read on the terminal: as far as the reader may see them. */
import type { Client } from './client.ts'
import { Refused } from './exit.ts'

async function namesFrom(client: Client, path: string): Promise<ReadonlyMap<string, string>> {
  try {
    const { json } = await client.request('GET', path)
    const { items } = json as { items: readonly { id: string; name: string }[] }
    return new Map(items.map(({ id, name }) => [id, name]))
  } catch (error) {
    // Who may not read the register sees ids.
    if (error instanceof Refused) return new Map()
    throw error
  }
}

/** Names of offices by id. */
export const officeNames = (client: Client) => namesFrom(client, '/api/v1/offices')

/** Names of people who work with the service, by id. */
export const personNames = (client: Client) => namesFrom(client, '/api/v1/persons')
