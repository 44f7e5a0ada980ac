import { deepEqual, equal, ok, rejects } from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { beforeEach, describe, it } from 'node:test'

import { CertificateLogin, type VerifiedCertificate } from '../../../../src/auth/certificates/certificate-login.ts'
import { ClientAuthorities, readAuthorities } from '../../../../src/auth/certificates/client-authorities.ts'
import type { PresentedCertificate } from '../../../../src/auth/certificates/verify-chain.ts'
import { SCOPES } from '../../../../src/core/principal.ts'
import { CertificateAuthority, type CertificateFacts } from '../../../support/certificate-authority.ts'
import { accessOf, TestClock } from '../memory-tokens.ts'

const DAY = 24 * 3_600_000
const API = CertificateAuthority.root('API', { notBefore: 0, notAfter: Date.UTC(2100, 0, 1) })
const CLUSTERS = CertificateAuthority.root('Clusters', { notBefore: 0, notAfter: Date.UTC(2100, 0, 1) })
const BOTH = { api: readAuthorities(API.cert).authorities, admission: readAuthorities(CLUSTERS.cert).authorities }

let clock = new TestClock()
let authorities = new ClientAuthorities(BOTH)
let asked: VerifiedCertificate[] = []
let login = new CertificateLogin({ authorities, rules: { accessOfCertificate }, clock })

beforeEach(() => {
  clock = new TestClock()
  authorities = new ClientAuthorities(BOTH)
  asked = []
  login = new CertificateLogin({ authorities, rules: { accessOfCertificate }, clock })
})

async function accessOfCertificate(certificate: VerifiedCertificate) {
  asked.push(certificate)
  return accessOf(SCOPES)
}

function shown(by: CertificateAuthority, facts: CertificateFacts = {}): PresentedCertificate {
  const { cert } = by.issue({ notBefore: clock.at - DAY, notAfter: clock.at + DAY, ...facts })
  return { chain: [new X509Certificate(cert)], authorized: true }
}

describe('The holder of a certificate', () => {
  it('is whom the rules make of its claims', async () => {
    const access = await login.login(shown(API, { subject: [['CN', 'deployer']] }))
    equal(access.scopes.size, SCOPES.length)
    deepEqual([asked[0]?.purpose, asked[0]?.claims.subject_cn, asked[0]?.expiresAt], ['api', ['deployer'], clock.at + DAY])
  })

  it('has only the scopes of admission if it is a cluster, whatever the rules say', async () => {
    const access = await login.login(shown(CLUSTERS))
    deepEqual([...access.scopes].toSorted(), ['admission:review', 'inventory:report'])
    equal(asked[0]?.purpose, 'admission')
  })

  it('is let in only while the certificate is valid, also on a connection that is open for longer', async () => {
    const presented = shown(API)
    await login.login(presented)
    clock.advance(DAY - 1)
    await login.login(presented)
    clock.advance(1)
    await rejects(login.login(presented), { code: 'certificate_refused' })
    clock.advance(-2 * DAY - 1)
    await rejects(login.login(presented), { code: 'certificate_refused' })
  })

  it('is judged once for a connection, and anew when the authorities have changed', async () => {
    const presented = shown(API)
    await login.login(presented)
    await login.login(presented)
    equal(asked[0], asked[1])
    authorities.replace({ ...BOTH })
    await login.login(presented)
    ok(asked[2] !== asked[0])
    authorities.replace({ api: [], admission: BOTH.admission })
    await rejects(login.login(presented), { code: 'certificate_refused' })
    authorities.replace({ api: BOTH.admission, admission: BOTH.api })
    await login.login(presented)
    equal(asked.at(-1)?.purpose, 'admission')
  })
})
