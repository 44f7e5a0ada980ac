// Preloaded with `node --import` before any TypeScript. Plain JavaScript on purpose: it must run on a Node that cannot read a .ts file.
import module from 'node:module'
import { fileURLToPath } from 'node:url'

const oldest = 26
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `Portcullis needs Node ${oldest} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      `\`npm ci\` brings Node 26 as an optional package and npm scripts run on it; on a platform without that package install Node 26 yourself.\n`,
  )
  process.exit(1)
}

// Keeps the stripped and compiled form of our TypeScript: the next start is quicker, and no thread loads the compiler. Where nothing can be written, nothing is kept.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/portcullis', import.meta.url))
module.enableCompileCache(process.env.NODE_COMPILE_CACHE)
