import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'

import type { Logger } from 'pino'

import { AppError } from '../core/app-error.ts'
import type { Lifecycle } from './lifecycle.ts'
import { ServerCertificate, type CertificateFiles } from './server-certificate.ts'

export type ListenErrorCode = 'address_in_use' | 'address_unusable'

/** Where and how to listen. */
export interface ListenSettings {
  host: string
  /** 0 lets the system choose. */
  port: number
  /** Listens with HTTPS if set. */
  tls: CertificateFiles | undefined
  /** Milliseconds for the head of a request to arrive: what a slow sender may hold a connection with. */
  headersTimeoutMs: number
  /** Milliseconds for a whole request to arrive; longer than the longest body may take. */
  requestTimeoutMs: number
  /** Milliseconds that an idle connection is kept for its next request. */
  keepAliveTimeoutMs: number
  /** Open connections; the next one is dropped. */
  maxConnections: number
}

/** What holds where nothing else is said. */
export const DEFAULT_LISTEN_SETTINGS = {
  headersTimeoutMs: 15_000,
  requestTimeoutMs: 330_000,
  keepAliveTimeoutMs: 65_000,
  maxConnections: 4096,
} as const

const MAX_HEADERS = 100
/** Room for a JWT of 12 KiB as a Basic password, which base64 makes 16. */
const MAX_HEADER_BYTES = 24 * 1024
const CONNECTIONS_CHECKED_EVERY_MS = 1000

type Application = (request: IncomingMessage, response: ServerResponse) => void

/** Listens, and stops without losing what it accepted. */
export class HttpServer {
  readonly #server: Server
  readonly #settings: ListenSettings
  readonly #lifecycle: Lifecycle
  readonly #certificate: ServerCertificate | undefined

  /** @throws {AppError} `certificate_unusable` */
  constructor(application: Application, settings: ListenSettings, lifecycle: Lifecycle, logger: Logger) {
    const limits = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: settings.headersTimeoutMs,
      requestTimeout: settings.requestTimeoutMs,
      keepAliveTimeout: settings.keepAliveTimeoutMs,
      connectionsCheckingInterval: CONNECTIONS_CHECKED_EVERY_MS,
      noDelay: true,
    }
    this.#settings = settings
    this.#lifecycle = lifecycle
    if (settings.tls) {
      this.#certificate = new ServerCertificate(settings.tls, logger)
      // Nobody has to show a certificate, and a bad one ends no connection: who has a token needs none.
      const clients = settings.tls.clients ? { requestCert: true, rejectUnauthorized: false } : {}
      const server = createHttpsServer({ ...limits, ...this.#certificate.current, ...clients }, application)
      this.#certificate.onChange((credentials) => server.setSecureContext(credentials))
      this.#server = server
    } else {
      this.#server = createHttpServer(limits, application)
    }
    this.#server.maxHeadersCount = MAX_HEADERS
    this.#server.maxConnections = settings.maxConnections
    this.#server.on('checkContinue', application)
    this.#server.on('clientError', refuseUnreadable)
  }

  /**
   * Starts to listen.
   * @returns the address to reach it under
   * @throws {AppError} `address_in_use` or `address_unusable`
   */
  async listen(): Promise<{ url: string; port: number }> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const refuse = (error: NodeJS.ErrnoException): void => reject(notListening(error, this.#settings))
    this.#server.once('error', refuse)
    this.#server.listen({ host: this.#settings.host, port: this.#settings.port, backlog: 1024 }, resolve)
    await promise
    this.#server.off('error', refuse)
    this.#certificate?.watch()
    const { address, family, port } = this.#server.address() as AddressInfo
    const host = family === 'IPv6' ? `[${address}]` : address
    return { url: `${this.#settings.tls ? 'https' : 'http'}://${host}:${port}`, port }
  }

  /** Reads certificate and key again; new connections use them, open ones go on. A pair that doesn't work is logged and not used. */
  reloadCertificate(): void {
    this.#certificate?.reload()
  }

  /**
   * Stops accepting, ends idle connections and waits for the requests in progress.
   * @param deadlineMs after this long what still runs is cut off
   * @returns false if something had to be cut off
   */
  async close(deadlineMs: number): Promise<boolean> {
    this.#certificate?.unwatch()
    this.#lifecycle.drain()
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#server.closeIdleConnections()
    const finished = await Promise.race([this.#lifecycle.idle().then(() => true), after(deadlineMs)])
    this.#server.closeAllConnections()
    await closed
    return finished
  }
}

function notListening(cause: NodeJS.ErrnoException, { host, port }: ListenSettings): AppError<ListenErrorCode> {
  if (cause.code === 'EADDRINUSE') {
    return new AppError('address_in_use', `${host}:${port} is in use by another program.`, {
      remedy: 'Stop that one, or set PORTCULLIS_PORT to a free port (0 takes any).',
      cause,
    })
  }
  return new AppError('address_unusable', `Listening on ${host}:${port} is not possible: ${cause.message}.`, {
    remedy: 'Set PORTCULLIS_HOST to an address of this machine, and PORTCULLIS_PORT to a port that this user may take (1024 or above).',
    cause,
  })
}

async function after(ms: number): Promise<false> {
  const { promise, resolve } = Promise.withResolvers<false>()
  setTimeout(() => resolve(false), ms).unref()
  return promise
}

/** Answers what isn't readable as HTTP: no request exists that the application could see. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, title] = UNREADABLE[error.code ?? ''] ?? ([400, 'Bad Request'] as const)
  const body = JSON.stringify({ type: 'about:blank', title, status })
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
    () => socket.destroy(),
  )
}

const UNREADABLE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, 'Payload Too Large'],
}
