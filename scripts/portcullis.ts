/**
 * `npm run portcullis -- apply -f DIR [--dry-run]` and `npm run portcullis -- export -f DIR`: policy as code, at a running service.
 * Exit codes: 0 done, 1 refused or failed, 3 it waits for a second person, 64 wrong usage (EX_USAGE of sysexits.h).
 */
import { parseArgs } from 'node:util'

import { ApiClient, readToken } from './lib/api-client.ts'
import { apply } from './lib/apply.ts'
import { exportResources } from './lib/export.ts'

const USAGE = `Usage: npm run portcullis -- apply -f DIR [--dry-run] [--prune] [--set NAME] [--commit SHA] [--url URL]
       npm run portcullis -- export -f DIR [--url URL]

  -f, --directory DIR  the documents: files that end in .yaml or .yml, also in folders below
  --dry-run            only say what would change
  --prune              remove what was applied with this set before and has no document any more
  --set NAME           what the documents belong to; by default "default"
  --commit SHA         where they come from; by default the commit of the repository in which the directory lies
  --url URL            the service; by default PORTCULLIS_URL, or http://127.0.0.1:8080

The token is that of PORTCULLIS_TOKEN, or of the file PORTCULLIS_TOKEN_FILE.
`

const WRONG_USAGE = 64

const OPTIONS = {
  directory: { type: 'string', short: 'f' },
  'dry-run': { type: 'boolean' },
  prune: { type: 'boolean' },
  set: { type: 'string' },
  commit: { type: 'string' },
  url: { type: 'string' },
} as const

if (import.meta.main) process.exitCode = await main(process.argv.slice(2), process.env, (line) => process.stdout.write(`${line}\n`))

/** Runs a command and returns its exit code. */
export async function main(args: string[], env: NodeJS.ProcessEnv, write: (line: string) => void): Promise<number> {
  const usage = readUsage(args)
  if (typeof usage === 'string') {
    write(`${USAGE}\n${usage}`)
    return WRONG_USAGE
  }
  const { command, values, directory } = usage
  try {
    const client = new ApiClient(values.url ?? env['PORTCULLIS_URL'] ?? 'http://127.0.0.1:8080', readToken(env))
    if (command === 'export') return await exportResources(client, directory, write)
    const { set = 'default', commit, prune = false } = values
    return await apply(client, { directory, set, commit, dryRun: values['dry-run'] === true, prune }, write)
  } catch (error) {
    write(error instanceof Error ? error.message : String(error))
    return 1
  }
}

function readUsage(args: string[]) {
  try {
    const { positionals, values } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
    const [command, ...more] = positionals
    if ((command !== 'apply' && command !== 'export') || more.length > 0) return 'Name one command: apply or export.'
    return values.directory === undefined ? 'Name the directory: -f DIR.' : { command, values, directory: values.directory }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
