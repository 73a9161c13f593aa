#!/usr/bin/env node
// Plain JavaScript, so that an old Node says clearly what it lacks instead of stumbling over types.
const major = Number(process.versions.node.split('.')[0])
if (major < 24) {
  console.error(`duban 需要 Node.js 24 或更高版本，当前为 ${process.version}。请在项目目录中用 npm run 启动（自带 Node 24），或升级 Node.js。`)
  process.exit(2)
}
const { main } = await import('../src/cli/main.ts')
await main(process.argv.slice(2))
