/**
 * Regenerates the types of the HTTP contract: `openapi.yaml` → `src/http/contract/openapi.d.ts`.
 * With `--check` it writes nothing and fails if the committed file is another.
 */
import { readFile, writeFile } from 'node:fs/promises'

import openapiTS, { astToString } from 'openapi-typescript'
import { format, resolveConfig } from 'prettier'

const CONTRACT = new URL('../openapi.yaml', import.meta.url)
const TYPES = new URL('../src/http/contract/openapi.d.ts', import.meta.url)
const HEADER = '// Generated from openapi.yaml by scripts/openapi.ts; do not edit.\n\n'

async function generate(): Promise<string> {
  const source = HEADER + astToString(await openapiTS(CONTRACT, { defaultNonNullable: false }))
  return format(source, { ...(await resolveConfig(TYPES)), parser: 'typescript' })
}

async function main(check: boolean): Promise<number> {
  const wanted = await generate()
  if (!check) {
    await writeFile(TYPES, wanted)
    return 0
  }
  const committed = await readFile(TYPES, 'utf8').catch(() => '')
  if (committed === wanted) return 0
  console.error('src/http/contract/openapi.d.ts does not fit openapi.yaml; regenerate it with: node scripts/openapi.ts')
  return 1
}

process.exitCode = await main(process.argv.includes('--check'))
