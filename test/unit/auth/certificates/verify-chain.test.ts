import { deepEqual, equal, throws } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'

import { readAuthorities, requireApart, type AuthoritySet } from '../../../../src/auth/certificates/client-authorities.ts'
import { verifyChain, type PresentedCertificate } from '../../../../src/auth/certificates/verify-chain.ts'
import { ANY_USAGE, CertificateAuthority, CLIENT_AUTH, SERVER_AUTH, type Issued } from '../../../support/certificate-authority.ts'

const API = CertificateAuthority.root('API clients')
const ADMISSION = CertificateAuthority.root('Clusters')
const STRANGER = CertificateAuthority.root('API clients')
const read = (...pems: readonly string[]): readonly X509Certificate[] => readAuthorities(pems.join('')).authorities
const AUTHORITIES: AuthoritySet = { api: read(API.cert), admission: read(ADMISSION.cert) }

/** As a client shows it, and as OpenSSL would take it. */
function shown({ cert }: Pick<Issued, 'cert'>, ...issuers: readonly string[]): PresentedCertificate {
  return { chain: [cert, ...issuers].map((pem) => new X509Certificate(pem)), authorized: true }
}

const refused = (presented: PresentedCertificate, authorities = AUTHORITIES, message = /./): void =>
  throws(() => verifyChain(presented, authorities), { code: 'certificate_refused', message })

describe('The chain of a client’s certificate', () => {
  it('leads to the authorities of one purpose, and counts for that one', () => {
    equal(verifyChain(shown(API.issue()), AUTHORITIES).purpose, 'api')
    equal(verifyChain(shown(ADMISSION.issue()), AUTHORITIES).purpose, 'admission')
    equal(verifyChain(shown(ADMISSION.issue(), ADMISSION.cert), AUTHORITIES).purpose, 'admission')
  })

  it('may go through others, which have to be sent', () => {
    const first = API.intermediate('First')
    const second = first.intermediate('Second')
    const own = second.issue()
    equal(verifyChain(shown(own, second.cert, first.cert), AUTHORITIES).purpose, 'api')
    equal(verifyChain(shown(own, second.cert, first.cert, API.cert), AUTHORITIES).purpose, 'api')
    refused(shown(own))
    refused(shown(own, second.cert))
    refused(shown(own, first.cert, second.cert))
  })

  it('may end at an authority that somebody else has signed, who vouches for nobody by that', () => {
    const part = STRANGER.intermediate('Part')
    const authorities = { api: read(part.cert, STRANGER.cert), admission: [] }
    equal(verifyChain(shown(part.issue()), authorities).purpose, 'api')
    refused(shown(STRANGER.issue()), authorities)
  })

  it('is valid for as long as all of it is', () => {
    const from = Date.UTC(2026, 0, 1)
    const short = API.intermediate('Short', { notBefore: from, notAfter: Date.UTC(2027, 0, 1) })
    const own = short.issue({ notBefore: from - 1000, notAfter: Date.UTC(2030, 0, 1) })
    const root = read(API.cert)[0]
    const { validFrom, validTo } = verifyChain(shown(own, short.cert), AUTHORITIES)
    deepEqual(
      [validFrom, validTo],
      [Math.max(from, root?.validFromDate.getTime() ?? 0), Math.min(Date.UTC(2027, 0, 1), root?.validToDate.getTime() ?? 0)],
    )
  })

  it('is refused where OpenSSL refused it, whatever is found here', () => refused({ ...shown(API.issue()), authorized: false }))

  it('is refused of an authority of the same name with another key, and where only the name was written', () => {
    refused(shown(STRANGER.issue()))
    refused(shown(STRANGER.issue(), STRANGER.cert))
    refused(shown(API.forge()))
    refused(shown(API.forge(), API.cert))
  })

  it('is refused if it does not lead anywhere, or nothing is there', () => {
    refused(shown(API.issue()), { api: [], admission: [] })
    refused({ chain: [], authorized: true })
  })

  it('is refused through a certificate that may issue no others', () => {
    const own = API.issue()
    const pretender = API.intermediate('Pretender', { ca: undefined, keyUsage: [0] })
    refused(shown(pretender.issue(), pretender.cert))
    refused(shown(own, own.cert), { api: [new X509Certificate(CertificateAuthority.root('Other').cert)], admission: [] })
  })

  it('is refused for what is not meant for clients, or for everything, or for authorities', () => {
    refused(shown(API.issue({ extendedKeyUsage: [SERVER_AUTH] })))
    refused(shown(API.issue({ extendedKeyUsage: [] })))
    refused(shown(API.issue({ extendedKeyUsage: [ANY_USAGE] })))
    refused(shown(API.intermediate('CA', { extendedKeyUsage: [CLIENT_AUTH] })))
    refused(shown(API, API.cert))
    equal(verifyChain(shown(API.issue({ extendedKeyUsage: [SERVER_AUTH, CLIENT_AUTH] })), AUTHORITIES).purpose, 'api')
  })

  it('is refused if it leads to both purposes', () => {
    const both = CertificateAuthority.root('Both')
    refused(shown(both.issue()), { api: read(both.cert), admission: read(both.cert) }, /more than one purpose/)
  })

  it('is not followed for ever', () => {
    let authority = API
    const issuers: string[] = []
    for (let i = 0; i < 20; i++) {
      authority = authority.intermediate(`I${i}`)
      issuers.unshift(authority.cert)
    }
    refused(shown(authority.issue(), ...issuers))
  })
})

describe('A file of authorities', () => {
  it('holds one or more certificates in PEM, with anything between them', () => {
    equal(readAuthorities(`# ours\n${API.cert}\n# theirs\n${ADMISSION.cert}`).authorities.length, 2)
  })

  it('is refused if it holds none, a broken one, or one of a client', () => {
    for (const text of [
      '',
      'nonsense',
      API.cert.slice(0, 200),
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
      API.issue().cert,
      API.key,
    ])
      throws(() => readAuthorities(text))
  })

  it('names a root to complete an authority with, that vouches for nobody by itself', () => {
    const [part, other] = [STRANGER.intermediate('Part'), STRANGER.intermediate('Other')]
    const { authorities, all } = readAuthorities(part.cert + STRANGER.cert)
    deepEqual([authorities.map(({ subject }) => subject), all.length], [['CN=Part'], 2])
    requireApart({ api: authorities, admission: read(other.cert, STRANGER.cert) })
    throws(() => readAuthorities(part.cert), /issuer is not in it/)
    throws(() => readAuthorities(part.cert + API.cert), /issuer is not in it/)
  })

  it('may not vouch for what the other one does', () => {
    throws(() => requireApart({ api: read(API.cert), admission: read(ADMISSION.cert, API.cert) }))
    throws(
      () => requireApart({ api: read(API.cert), admission: read(API.crossSignedBy(ADMISSION), ADMISSION.cert) }),
      'the same key, signed by another',
    )
    requireApart(AUTHORITIES)
  })
})
