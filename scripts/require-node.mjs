// Preloaded with `node --import` before any TypeScript. Plain JavaScript on purpose: it must run on a Node that cannot read a .ts file.
const oldest = 26
if (Number.parseInt(process.versions.node, 10) < oldest) {
  process.stderr.write(
    `Portcullis needs Node ${oldest} or newer, and this is Node ${process.versions.node} (${process.execPath}).\n` +
      `\`npm ci\` brings Node 26 as an optional package and npm scripts run on it; on a platform without that package install Node 26 yourself.\n`,
  )
  process.exit(1)
}
