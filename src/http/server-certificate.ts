import { constants, createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'

import type { Logger } from 'pino'

import {
  readAuthorities,
  requireApart,
  type AuthorityFile,
  type AuthoritySet,
  type ClientAuthorities,
} from '../auth/certificates/client-authorities.ts'
import { AppError } from '../core/app-error.ts'

export type CertificateErrorCode = 'certificate_unusable'

export interface CertificateFiles {
  certFile: string
  keyFile: string
  /** Where clients may show certificates of their own. */
  clients?: ClientCertificateFiles | undefined
}

/** Authorities of clients' certificates, for each purpose that has any. */
export interface ClientCertificateFiles {
  apiFile: string | undefined
  admissionFile: string | undefined
  /** Told what the files hold, now and whenever they change. */
  authorities: ClientAuthorities
}

/** What a server of `node:tls` is made with. */
interface Credentials {
  cert: Buffer
  key: Buffer
  /** Of clients' certificates. */
  ca?: string[]
  secureOptions?: number
}

const LOOKED_AT_EVERY_MS = 5000

/** The certificate that the server shows, read again when its files change. */
export class ServerCertificate {
  readonly #files: CertificateFiles
  readonly #logger: Logger
  #current: Credentials
  #use: (credentials: Credentials) => void = () => undefined

  /** @throws {AppError} `certificate_unusable` if the files can't be read or don't fit together */
  constructor(files: CertificateFiles, logger: Logger) {
    this.#files = files
    this.#logger = logger
    const { credentials, authorities } = readFiles(files)
    this.#current = credentials
    files.clients?.authorities.replace(authorities)
  }

  get current(): Credentials {
    return this.#current
  }

  onChange(use: (credentials: Credentials) => void): void {
    this.#use = use
  }

  /** Looks for changes by polling, since orchestrators swap such files by renaming links, which watchers miss. */
  watch(): void {
    for (const file of allOf(this.#files)) watchFile(file, { interval: LOOKED_AT_EVERY_MS, persistent: false }, this.reload)
  }

  unwatch(): void {
    for (const file of allOf(this.#files)) unwatchFile(file, this.reload)
  }

  /** Takes over the files if they fit together. Between the writing of one and the other they don't: the old pair stays. */
  readonly reload = (): void => {
    try {
      const { credentials: next, authorities } = readFiles(this.#files)
      if (isSame(next, this.#current)) return
      this.#use(next)
      this.#current = next
      this.#files.clients?.authorities.replace(authorities)
      this.#logger.info({ validTo: new X509Certificate(next.cert).validTo }, 'certificate reloaded')
    } catch (error) {
      this.#logger.error({ err: error }, 'the new certificates do not work; the old ones stay in use')
    }
  }
}

function allOf({ certFile, keyFile, clients }: CertificateFiles): string[] {
  return [certFile, keyFile, clients?.apiFile, clients?.admissionFile].filter((file) => file !== undefined)
}

function isSame(one: Credentials, other: Credentials): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key) && one.ca?.join() === other.ca?.join()
}

function readFiles(files: CertificateFiles): { credentials: Credentials; authorities: AuthoritySet } {
  const { cert, key } = readOwn(files)
  if (!files.clients) return { credentials: { cert, key }, authorities: { api: [], admission: [] } }
  const { ca, authorities } = readClientAuthorities(files.clients)
  return { credentials: { cert, key, ca, secureOptions: WITH_CLIENTS }, authorities }
}

/**
 * A resumed session carries what was found out about a client when it began, without the chain and under the authorities of then; and in a
 * renegotiation a client could show another certificate. So with clients' certificates each connection begins anew, and has one of them.
 */
const WITH_CLIENTS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION

function readOwn({ certFile, keyFile }: CertificateFiles): Pick<Credentials, 'cert' | 'key'> {
  const cert = usable(certFile, () => readFileSync(certFile))
  const certificate = usable(certFile, () => new X509Certificate(cert))
  const key = usable(keyFile, () => readFileSync(keyFile))
  const privateKey = usable(keyFile, () => createPrivateKey(key))
  if (certificate.checkPrivateKey(privateKey)) return { cert, key }
  throw unusable(`The certificate in ${certFile} and the key in ${keyFile} do not belong together.`)
}

function readClientAuthorities({ apiFile, admissionFile }: ClientCertificateFiles): { ca: string[]; authorities: AuthoritySet } {
  const read = (file: string | undefined): AuthorityFile =>
    file === undefined ? { authorities: [], all: [] } : usable(file, () => readAuthorities(readFileSync(file, 'utf8')))
  const [api, admission] = [read(apiFile), read(admissionFile)]
  const authorities = { api: api.authorities, admission: admission.authorities }
  if (admissionFile !== undefined) usable(admissionFile, () => requireApart(authorities))
  return { ca: [...api.all, ...admission.all].map(String), authorities }
}

function usable<Value>(file: string, read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    // OpenSSL's words never quote the file.
    throw unusable(`${file} is not usable: ${(cause as Error).message}.`, cause)
  }
}

function unusable(message: string, cause?: unknown): AppError<CertificateErrorCode> {
  return new AppError('certificate_unusable', message, {
    remedy:
      'PORTCULLIS_TLS_CERT_FILE wants the certificate with its chain in PEM, PORTCULLIS_TLS_KEY_FILE its private key in PEM without a passphrase; PORTCULLIS_CLIENT_CA_FILE and PORTCULLIS_ADMISSION_CLIENT_CA_FILE want certificates of different authorities in PEM.',
    cause,
  })
}
