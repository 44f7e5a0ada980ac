import { deepEqual, match } from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'

import { certificateClaims, type CertificateClaims } from '../../../../src/auth/certificates/claims.ts'
import { CertificateAuthority, type CertificateFacts } from '../../../support/certificate-authority.ts'

const AUTHORITY = CertificateAuthority.root('Clients')

function claimsOf(facts: CertificateFacts): CertificateClaims {
  return certificateClaims(new X509Certificate(AUTHORITY.issue(facts).cert))
}

describe('The claims of a certificate', () => {
  it('are its subject, its alternative names, its number and its hash', () => {
    const { cert } = AUTHORITY.issue({
      subject: [
        ['CN', 'build-7'],
        ['O', 'acme'],
        ['OU', 'ci'],
      ],
      alternativeNames: [
        { type: 'uri', value: 'spiffe://acme.example/ns/ci/sa/build' },
        { type: 'dns', value: 'build.acme.example' },
        { type: 'email', value: 'build@acme.example' },
      ],
      serial: Buffer.from('0a1b', 'hex'),
    })
    const certificate = new X509Certificate(cert)
    deepEqual(certificateClaims(certificate), {
      subject_cn: ['build-7'],
      subject_o: ['acme'],
      subject_ou: ['ci'],
      san_uri: ['spiffe://acme.example/ns/ci/sa/build'],
      san_dns: ['build.acme.example'],
      san_email: ['build@acme.example'],
      serial: '0a1b',
      fingerprint: createHash('sha256').update(certificate.raw).digest('hex'),
    })
  })

  it('hold every name of which there are several, and leave out what is not there', () => {
    const { serial, fingerprint, ...claims } = claimsOf({
      subject: [
        ['O', 'a'],
        ['O', 'b'],
        ['CN', 'a'],
        ['CN', 'b'],
      ],
      alternativeNames: [
        { type: 'uri', value: 'urn:a' },
        { type: 'uri', value: 'urn:b' },
      ],
    })
    match(serial + fingerprint, /^[0-9a-f]+$/)
    deepEqual(claims, { subject_o: ['a', 'b'], subject_cn: ['a', 'b'], san_uri: ['urn:a', 'urn:b'] })
  })

  it('hold what a name says and no more, however it is written to look like several', () => {
    const names = ['spiffe://good, URI:spiffe://evil', 'a"b', String.raw`a\"b`, 'a,b', "a'b", 'a\0b', 'a\nURI:b', '']
    const {
      san_uri: uris,
      san_dns: dns,
      san_email: emails,
    } = claimsOf({ alternativeNames: names.map((value) => ({ type: 'uri', value })) })
    deepEqual([uris, dns, emails], [names, undefined, undefined])
    const claims = claimsOf({
      subject: [
        ['CN', 'a\nO=evil'],
        ['O', 'good, CN=b'],
        ['OU', 'x\0y'],
      ],
    })
    deepEqual([claims.subject_cn, claims.subject_o, claims.subject_ou], [['a\nO=evil'], ['good, CN=b'], ['x\0y']])
  })
})
