import { createHttpApp } from '../../../src/http/app.ts'
import { DEFAULT_LISTEN_SETTINGS, HttpServer, type ListenSettings } from '../../../src/http/server.ts'
import type { HttpSettings } from '../../../src/http/ports.ts'
import { Client } from '../../support/client.ts'
import { ADMIN, stubDependencies, type Stub } from './stub-dependencies.ts'

export interface Listening extends Stub, AsyncDisposable {
  server: HttpServer
  url: string
  port: number
  client: Client
}

/** The application over the stub domain, on a port of the loopback interface. */
export async function listen(settings: Partial<HttpSettings> = {}, listenSettings: Partial<ListenSettings> = {}): Promise<Listening> {
  const stub = stubDependencies(settings)
  const { dependencies } = stub
  const server = new HttpServer(
    createHttpApp(dependencies),
    { ...DEFAULT_LISTEN_SETTINGS, host: '127.0.0.1', port: 0, tls: undefined, ...listenSettings },
    dependencies.lifecycle,
    dependencies.logger,
  )
  const { url, port } = await server.listen()
  return {
    ...stub,
    server,
    url,
    port,
    client: new Client(url, ADMIN),
    [Symbol.asyncDispose]: async () => {
      await server.close(0)
    },
  }
}
