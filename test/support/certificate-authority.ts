import { createHash, createPublicKey, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** What a certificate says; what is left out is not in it. */
export interface CertificateFacts {
  /** Relative names in order, such as `[['CN', 'job'], ['O', 'acme']]`. */
  subject?: readonly (readonly [keyof typeof ATTRIBUTES, string])[]
  ca?: { pathLength?: number } | undefined
  /** `keyCertSign` and so on, as bits of RFC 5280, section 4.2.1.3. */
  keyUsage?: readonly number[]
  /** Object identifiers; `clientAuth` unless stated. */
  extendedKeyUsage?: readonly (readonly number[])[]
  alternativeNames?: readonly { type: 'email' | 'dns' | 'uri'; value: string }[]
  notBefore?: number
  notAfter?: number
  serial?: Buffer
}

export const CLIENT_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 2]
export const SERVER_AUTH = [1, 3, 6, 1, 5, 5, 7, 3, 1]
export const ANY_USAGE = [2, 5, 29, 37, 0]

const ATTRIBUTES = { CN: [2, 5, 4, 3], O: [2, 5, 4, 10], OU: [2, 5, 4, 11] } as const
const NAME_TAGS = { email: 0x81, dns: 0x82, uri: 0x86 } as const
const KEY_CERT_SIGN = 5
const HOUR_MS = 3_600_000

/** A certificate with its private key, in PEM. */
export interface Issued {
  cert: string
  key: string
}

/** Issues certificates for tests, good ones and others. X.509 in DER by hand, since Node makes none (RFC 5280). */
export class CertificateAuthority {
  readonly #name: Buffer
  readonly #key: KeyObject
  readonly cert: string
  readonly key: string

  private constructor(name: Buffer, key: KeyObject, cert: string) {
    this.#name = name
    this.#key = key
    this.cert = cert
    this.key = key.export({ type: 'pkcs8', format: 'pem' })
  }

  /** One that signs itself. */
  static root(commonName: string, facts: CertificateFacts = {}): CertificateAuthority {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const name = nameOf([['CN', commonName]])
    const cert = certificate({
      issuer: name,
      subject: name,
      publicKey,
      signer: privateKey,
      facts: { ca: {}, keyUsage: [KEY_CERT_SIGN], extendedKeyUsage: [], ...facts },
    })
    return new CertificateAuthority(name, privateKey, cert)
  }

  /** One that this one has signed. */
  intermediate(commonName: string, facts: CertificateFacts = {}): CertificateAuthority {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const name = nameOf([['CN', commonName]])
    const all = { ca: {}, keyUsage: [KEY_CERT_SIGN], extendedKeyUsage: [], ...facts }
    return new CertificateAuthority(
      name,
      privateKey,
      certificate({ issuer: this.#name, subject: name, publicKey, signer: this.#key, facts: all }),
    )
  }

  /** The same authority, signed by another one too. */
  crossSignedBy(other: CertificateAuthority): string {
    const facts = { ca: {}, keyUsage: [KEY_CERT_SIGN], extendedKeyUsage: [] }
    return certificate({ issuer: other.#name, subject: this.#name, publicKey: this.#key, signer: other.#key, facts })
  }

  issue(facts: CertificateFacts = {}): Issued {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const subject = nameOf(facts.subject ?? [['CN', 'job']])
    const cert = certificate({ issuer: this.#name, subject, publicKey, signer: this.#key, facts })
    return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
  }

  /** A certificate that claims to be of this authority, and is signed by somebody else. */
  forge(facts: CertificateFacts = {}): Issued {
    const impostor = new CertificateAuthority(this.#name, generateKeyPairSync('ed25519').privateKey, '')
    return impostor.issue(facts)
  }
}

interface Parts {
  issuer: Buffer
  subject: Buffer
  /** The subject's key; of a private one its public part is taken. */
  publicKey: KeyObject
  signer: KeyObject
  facts: CertificateFacts
}

function certificate({ issuer, subject, publicKey, signer, facts }: Parts): string {
  const algorithm = sequence(oid([1, 3, 101, 112]))
  const {
    notBefore = Date.now() - HOUR_MS,
    notAfter = Date.now() + 24 * HOUR_MS,
    serial = Buffer.concat([Buffer.from([1]), randomBytes(8)]),
  } = facts
  const toBeSigned = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    issuer,
    sequence(time(notBefore), time(notAfter)),
    subject,
    spki(publicKey),
    tagged(0xa3, sequence(...extensions(facts))),
  )
  return pem(sequence(toBeSigned, algorithm, bits(sign(null, toBeSigned, signer))))
}

function extensions({ ca, keyUsage, extendedKeyUsage = [CLIENT_AUTH], alternativeNames = [] }: CertificateFacts): Buffer[] {
  const path = ca?.pathLength === undefined ? [] : [integer(Buffer.from([ca.pathLength]))]
  const names = alternativeNames.map(({ type, value }) => tagged(NAME_TAGS[type], Buffer.from(value, 'latin1')))
  return [
    ...(ca ? [extension([2, 5, 29, 19], true, sequence(tagged(0x01, Buffer.from([0xff])), ...path))] : []),
    ...(keyUsage ? [extension([2, 5, 29, 15], true, usageBits(keyUsage))] : []),
    ...(extendedKeyUsage.length > 0 ? [extension([2, 5, 29, 37], false, sequence(...extendedKeyUsage.map(oid)))] : []),
    ...(names.length > 0 ? [extension([2, 5, 29, 17], false, sequence(...names))] : []),
    extension([2, 5, 29, 14], false, tagged(0x04, createHash('sha1').update(randomBytes(8)).digest())),
  ]
}

function extension(id: readonly number[], critical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(critical ? [tagged(0x01, Buffer.from([0xff]))] : []), tagged(0x04, value))
}

function usageBits(usage: readonly number[]): Buffer {
  const mask = usage.reduce((byte, bit) => byte | (0x80 >> bit), 0)
  return tagged(0x03, Buffer.from([0, mask]))
}

function nameOf(attributes: NonNullable<CertificateFacts['subject']>): Buffer {
  return sequence(...attributes.map(([type, value]) => tagged(0x31, sequence(oid(ATTRIBUTES[type]), tagged(0x0c, Buffer.from(value))))))
}

function spki(key: KeyObject): Buffer {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key
  return publicKey.export({ type: 'spki', format: 'der' })
}

function time(epochMs: number): Buffer {
  return tagged(0x18, Buffer.from(new Date(epochMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}

function oid([first = 0, second = 0, ...rest]: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest]))
}

function integer(value: Buffer): Buffer {
  return tagged(0x02, (value[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), value]) : value)
}

function bits(value: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), value]))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}
