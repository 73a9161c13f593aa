/** Bodies made from the JSON schemas of the interface's own description: the least that each schema takes. */

// biome-ignore lint/suspicious/noExplicitAny: JSON schemas are walked as they come
export type Schema = any

/** What a field of a name holds, where the schema alone does not say. */
export type Named = Readonly<Record<string, unknown>>

const patterned: readonly string[] = [
  '2026-03-01',
  '2026-03-01T09:00:00+08:00',
  'a'.repeat(64),
  '15d',
  '990121',
  'a1',
  'text/plain',
  '2026',
  '1',
  'star-1@1',
  'A',
]

/** A value of a schema; undefined where none was found. */
export function sample(schema: Schema, named: Named, name = ''): unknown {
  if (Object.hasOwn(named, name)) return named[name]
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return schema.enum[0]
  for (const choice of ['anyOf', 'oneOf'])
    if (schema[choice])
      return schema[choice].map((each: Schema) => sample(each, named, name)).find((each: unknown) => each !== undefined)
  if (schema.allOf) return Object.assign({}, ...schema.allOf.map((each: Schema) => sample(each, named, name) as object))
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  switch (type) {
    case 'object': {
      const object: Record<string, unknown> = {}
      for (const key of schema.required ?? []) {
        const property = schema.properties?.[key]
        if (property?.default === undefined && property) object[key] = sample(property, named, key)
      }
      return object
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => sample(schema.items ?? {}, named, name))
    case 'string':
      if (schema.format === 'uuid') return '00000000-0000-4000-8000-00000000abcd'
      if (schema.pattern) return patterned.find((text) => new RegExp(schema.pattern, 'u').test(text))
      return /date/.test(schema.format ?? '') || /(On|From|Until|At|Day|date)$/.test(name) ? '2026-03-01' : '字'
    case 'integer':
    case 'number':
      return Math.max(schema.minimum ?? 0, 0)
    case 'boolean':
      return false
    default:
      return undefined
  }
}
