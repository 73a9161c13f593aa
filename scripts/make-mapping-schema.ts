/** Writes examples/mapping.schema.json, the published schema of ledger mappings, from the one the program uses. */
import { writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { mappingSchema } from '../src/ledger/mapping.ts'

const schema = { title: 'Ledger mapping', ...z.toJSONSchema(mappingSchema, { io: 'input' }) }
await writeFile(new URL('../examples/mapping.schema.json', import.meta.url), `${JSON.stringify(schema, null, 2)}\n`)
