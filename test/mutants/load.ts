/** Loaded by `node --import` with a mutant's number in `MUTANT`: the named file then reads with its one spot changed. Nothing is written. */
import { registerHooks } from 'node:module'
import { mutants } from './mutants.ts'

const mutant = mutants[Number(process.env.MUTANT)]
if (mutant)
  registerHooks({
    load(url, context, next) {
      const loaded = next(url, context)
      if (!url.endsWith(`/${mutant.file}`)) return loaded
      const source = String(loaded.source)
      if (source.split(mutant.from).length !== 2)
        throw new Error(`${mutant.from} does not stand once in ${mutant.file}`)
      return { ...loaded, source: source.replace(mutant.from, () => mutant.to) }
    },
  })
