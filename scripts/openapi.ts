/**
 * Regenerates what is derived from the HTTP contract, `openapi.yaml`: its types, and its JSON form, which the service reads at start
 * since parsing YAML takes fifty times as long. With `--check` it writes nothing and fails if a committed file is another.
 */
import { readFile, writeFile } from 'node:fs/promises'

import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'
import { parse } from 'yaml'

const CONTRACT = new URL('../openapi.yaml', import.meta.url)
const TYPES = new URL('../src/http/contract/openapi.d.ts', import.meta.url)
const JSON_FORM = new URL('../src/http/contract/openapi.json', import.meta.url)
const HEADER = '// Generated from openapi.yaml by scripts/openapi.ts; do not edit.\n\n'

/** What each derived file has to hold. */
async function generate(): Promise<Map<URL, string>> {
  const types = HEADER + astToString(await openapiTS(CONTRACT, { defaultNonNullable: false }))
  const json = JSON.stringify(parse(await readFile(CONTRACT, 'utf8')))
  const options = await resolveConfig(TYPES)
  return new Map([
    [TYPES, await format(types, { ...options, parser: 'typescript' })],
    [JSON_FORM, await format(json, { ...options, parser: 'json' })],
  ])
}

async function main(check: boolean): Promise<number> {
  let stale = 0
  for (const [file, wanted] of await generate()) {
    if ((await readFile(file, 'utf8').catch(() => '')) === wanted) continue
    if (check) console.error(`${file.pathname} does not fit openapi.yaml; regenerate it with: node scripts/openapi.ts`)
    else await writeFile(file, wanted)
    stale += 1
  }
  return check && stale > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--check'))
