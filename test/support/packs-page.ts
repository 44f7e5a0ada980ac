import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What systems outside answer to a path: the text of a reply. */
export type Replies = (path: string) => string | undefined

/** Stands in for the systems whose replies are evidence: by HTTP, and behind commands such as `gh api PATH`. */
export interface OutsideWorld extends Disposable {
  url: string
  /** A folder for PATH that holds the commands. */
  commands: string
}

/** @param tools commands that print the reply to their last argument, if it is a path */
export async function outsideWorld(replies: Replies, tools: readonly string[]): Promise<OutsideWorld> {
  const server: Server = createServer((request, response) => {
    const reply = replies(decodeURIComponent((request.url ?? '').slice(1)))
    response.writeHead(reply === undefined ? 404 : 200, { 'content-type': 'application/json' }).end(reply)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const commands = mkdtempSync(join(tmpdir(), 'portcullis-commands-'))
  for (const tool of tools) {
    writeFileSync(join(commands, tool), `#!/bin/bash\nexec curl -sSf --globoff "${url}/\${@: -1}"\n`)
    chmodSync(join(commands, tool), 0o755)
  }
  return {
    url,
    commands,
    [Symbol.dispose]: () => {
      server.close()
      rmSync(commands, { recursive: true })
    },
  }
}
