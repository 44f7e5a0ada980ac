import type { X509Certificate } from 'node:crypto'

import { certificateRefused } from './errors.ts'

/** What a certificate says about its holder, under the names that rules have for it. What it has none of is absent. */
export interface CertificateClaims {
  subject_cn?: readonly string[]
  subject_o?: readonly string[]
  subject_ou?: readonly string[]
  san_uri?: readonly string[]
  san_dns?: readonly string[]
  san_email?: readonly string[]
  /** Hexadecimal, in lower case. */
  serial: string
  /** SHA-256 of the certificate, hexadecimal, in lower case. */
  fingerprint: string
}

/**
 * Reads a verified certificate.
 * @throws {AppError} `certificate_refused` if its names can't be read without doubt
 */
export function certificateClaims(certificate: X509Certificate): CertificateClaims {
  const subject = certificate.toLegacyObject().subject as Readonly<Record<string, string | string[] | undefined>>
  const names = alternativeNames(certificate.subjectAltName ?? '')
  return {
    ...listed('subject_cn', subject['CN']),
    ...listed('subject_o', subject['O']),
    ...listed('subject_ou', subject['OU']),
    ...listed('san_uri', names.get('URI')),
    ...listed('san_dns', names.get('DNS')),
    ...listed('san_email', names.get('email')),
    serial: certificate.serialNumber.toLowerCase(),
    fingerprint: fingerprintOf(certificate),
  }
}

/** SHA-256 of a certificate, hexadecimal, in lower case. */
export function fingerprintOf({ fingerprint256 }: X509Certificate): string {
  return fingerprint256.replaceAll(':', '').toLowerCase()
}

function listed(name: keyof CertificateClaims, values: string | readonly string[] | undefined): object {
  return values === undefined ? {} : { [name]: typeof values === 'string' ? [values] : values }
}

/** One name as Node writes it: with a JSON string for a value in which a comma or a quote could be mistaken for the end. */
const NAME = /([A-Za-z][A-Za-z ]*):("(?:[^"\\]|\\.)*"|[^",]*)(?:, |$)/y

function alternativeNames(text: string): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>()
  const rest = new RegExp(NAME)
  while (rest.lastIndex < text.length) {
    const match = rest.exec(text)
    if (!match) throw certificateRefused('The certificate has alternative names that can’t be read.')
    const [, type = '', value = ''] = match
    names.set(type, [...(names.get(type) ?? []), value.startsWith('"') ? unquoted(value) : value])
  }
  return names
}

function unquoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    throw certificateRefused('The certificate has alternative names that can’t be read.')
  }
}
