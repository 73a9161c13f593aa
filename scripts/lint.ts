/** Runs biome from its platform package, which carries the program without an install script. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

const biome = `node_modules/@biomejs/cli-linux-${process.arch}/biome`
if (!existsSync(biome)) {
  console.error(`SKIPPED lint: no biome for ${process.platform}-${process.arch}`)
  process.exit(0)
}
process.exit(spawnSync(biome, ['check', ...process.argv.slice(2)], { stdio: 'inherit' }).status ?? 1)
