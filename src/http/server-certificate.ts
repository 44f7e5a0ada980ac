import { createPrivateKey, X509Certificate } from 'node:crypto'
import { readFileSync, unwatchFile, watchFile } from 'node:fs'

import type { Logger } from 'pino'

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

  /** @throws {Error} if the files can't be read or don't fit together */
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
  const cert = readFileSync(certFile)
  const key = readFileSync(keyFile)
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new Error(`The certificate in ${certFile} and the key in ${keyFile} do not belong together.`)
  }
  return { cert, key }
}
