import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { WORKLOAD_SECRET, type ProviderEvent, type ProviderOptions, type ProviderOrder } from './protocol.ts'

/** A real OpenID provider on the loopback interface, in a process of its own. */
export interface OpenIdProvider extends AsyncDisposable {
  /** As it stands in tokens; discovery is below it. */
  issuer: string
  /** A workload's token (RFC 9068) for an audience, by client credentials (RFC 6749, section 4.4) with a resource indicator (RFC 8707). */
  workloadToken(client: string, audience: string): Promise<string>
  /** From now on a new key signs; those before it stay published. */
  rotate(): Promise<void>
  /** Publishes no key but the newest. */
  retire(): Promise<void>
  /** Lets it answer nothing until `resume`, with its port still open. */
  pause(): void
  resume(): void
}

export async function startOpenIdProvider(options: ProviderOptions): Promise<OpenIdProvider> {
  const child = fork(join(import.meta.dirname, 'provider-process.ts'), [JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const said: Buffer[] = []
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk))
  const ended = once(child, 'exit')
  const died = ended.then(() => {
    throw new Error(`the OpenID provider ended: ${Buffer.concat(said).toString()}`)
  })
  died.catch(() => undefined)
  const [first] = (await Promise.race([once(child, 'message'), died])) as [ProviderEvent]
  if (!('issuer' in first)) throw new Error('the OpenID provider did not begin with its issuer')
  const { issuer } = first

  let orders = 0
  const order = async (what: ProviderOrder['order']): Promise<void> => {
    const id = ++orders
    const done = new Promise<void>((resolve) => {
      const listen = (event: ProviderEvent): void => {
        if (!('done' in event) || event.done !== id) return
        child.off('message', listen)
        resolve()
      }
      child.on('message', listen)
    })
    child.send({ id, order: what })
    await Promise.race([done, died])
  }
  return {
    issuer,
    workloadToken: (client, audience) => fetchToken(issuer, client, audience),
    rotate: () => order('rotate'),
    retire: () => order('retire'),
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

async function fetchToken(issuer: string, client: string, audience: string): Promise<string> {
  const reply = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${client}:${encodeURIComponent(WORKLOAD_SECRET)}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
  })
  const body = (await reply.json()) as { access_token?: string; error_description?: string }
  if (body.access_token === undefined) throw new Error(`no token: ${reply.status} ${body.error_description}`)
  return body.access_token
}
