#!/usr/bin/env node
import { fileURLToPath } from 'node:url'

// Plain JavaScript, so that an old Node says clearly what it lacks instead of stumbling over types.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(
    `duban 需要 Node.js 24 或更高版本，当前为 ${process.version}。请在项目目录中用 npm run 启动（自带 Node 24），或升级 Node.js。`,
  )
  process.exit(2)
}
// Compiled code is kept inside the installation, where nobody else can put his own; where that is read-only, it is compiled each time.
const { enableCompileCache, flushCompileCache } = await import('node:module')
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/duban', import.meta.url)))
// Whoever reads the output may have seen enough, as `head` has.
process.stdout.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
  process.exit()
})
const { main } = await import('../src/cli/main.ts')
await main(process.argv.slice(2))
// A service may run for months before it ends, or be killed.
flushCompileCache()
