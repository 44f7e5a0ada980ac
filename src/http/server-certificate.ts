import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'

import type { Logger } from 'pino'

import { AppError } from '../core/app-error.ts'

export type CertificateErrorCode = 'certificate_unusable'

export interface CertificateFiles {
  certFile: string
  keyFile: string
}

interface Credentials {
  cert: Buffer
  key: Buffer
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
    this.#current = readCredentials(files)
  }

  get current(): Credentials {
    return this.#current
  }

  onChange(use: (credentials: Credentials) => void): void {
    this.#use = use
  }

  /** Looks for changes by polling, since orchestrators swap such files by renaming links, which watchers miss. */
  watch(): void {
    for (const file of [this.#files.certFile, this.#files.keyFile]) {
      watchFile(file, { interval: LOOKED_AT_EVERY_MS, persistent: false }, this.reload)
    }
  }

  unwatch(): void {
    for (const file of [this.#files.certFile, this.#files.keyFile]) unwatchFile(file, this.reload)
  }

  /** Takes over the files if they fit together. Between the writing of one and the other they don't: the old pair stays. */
  readonly reload = (): void => {
    try {
      const next = readCredentials(this.#files)
      if (next.cert.equals(this.#current.cert) && next.key.equals(this.#current.key)) return
      this.#use(next)
      this.#current = next
      this.#logger.info({ validTo: new X509Certificate(next.cert).validTo }, 'certificate reloaded')
    } catch (error) {
      this.#logger.error({ err: error }, 'the new certificate does not work; the old one stays in use')
    }
  }
}

function readCredentials({ certFile, keyFile }: CertificateFiles): Credentials {
  const cert = usable(certFile, () => readFileSync(certFile))
  const certificate = usable(certFile, () => new X509Certificate(cert))
  const key = usable(keyFile, () => readFileSync(keyFile))
  const privateKey = usable(keyFile, () => createPrivateKey(key))
  if (certificate.checkPrivateKey(privateKey)) return { cert, key }
  throw unusable(`The certificate in ${certFile} and the key in ${keyFile} do not belong together.`)
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
      'PORTCULLIS_TLS_CERT_FILE wants the certificate with its chain in PEM, PORTCULLIS_TLS_KEY_FILE its private key in PEM without a passphrase.',
    cause,
  })
}
