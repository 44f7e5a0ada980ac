import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'

import { AppError } from '../../../src/core/app-error.ts'
import { readConfig } from '../../../src/config/config.ts'

const FILES: Record<string, string> = { '/run/secrets/token': `${'t'.repeat(40)}\n`, '/run/secrets/empty': '\n' }

function read(env: Record<string, string> = {}) {
  return readConfig(env, (path) => {
    const text = FILES[path]
    if (text === undefined) throw new Error('no such file')
    return text
  })
}

function refused(env: Record<string, string>): string | undefined {
  try {
    read(env)
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.ok(error.remedy)
    return error.field
  }
  return undefined
}

describe('the configuration', () => {
  it('has the promised defaults', () => {
    const { host, port, dataDir, databaseUrl, profile, maxReportBytes, ratePerPrincipal, ratePerAddress } = read()
    assert.deepEqual(
      { host, port, dataDir, databaseUrl, profile, maxReportBytes },
      { host: '127.0.0.1', port: 8080, dataDir: './data', databaseUrl: undefined, profile: 'standard', maxReportBytes: 67_108_864 },
    )
    assert.deepEqual({ ratePerPrincipal, ratePerAddress }, { ratePerPrincipal: 5000, ratePerAddress: 5000 })
  })

  it('reads the keys of policies, and refuses what is none', () => {
    const pem = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' })
    assert.equal(read().policyKeys.length, 0)
    assert.equal(read({ PORTCULLIS_POLICY_KEYS: `${pem}\n${pem}` }).policyKeys.length, 2)
    for (const wrong of ['key', `${pem}x`, pem.replace('MF', 'XX')]) {
      assert.equal(refused({ PORTCULLIS_POLICY_KEYS: wrong }), 'PORTCULLIS_POLICY_KEYS', wrong)
    }
  })

  it('reads trusted proxies as addresses and ranges', () => {
    const { trustedProxies } = read({ PORTCULLIS_TRUSTED_PROXIES: '10.0.0.0/8, ::1,loopback' })
    assert.deepEqual(trustedProxies, ['10.0.0.0/8', '::1', 'loopback'])
  })

  it('reads the address that people use, with a path or without', () => {
    assert.equal(read().publicUrl, undefined)
    assert.equal(read({ PORTCULLIS_PUBLIC_URL: 'https://Gate.example.com/' }).publicUrl, 'https://gate.example.com')
    assert.equal(
      read({ PORTCULLIS_PUBLIC_URL: 'http://gate.example.com:8080/portcullis/' }).publicUrl,
      'http://gate.example.com:8080/portcullis',
    )
    for (const wrong of [
      'gate.example.com',
      'ftp://x',
      'https://u:p@x',
      'https://x/?a=b',
      'https://x/#a',
      'javascript:alert(1)',
      'https://',
    ]) {
      assert.equal(refused({ PORTCULLIS_PUBLIC_URL: wrong }), 'PORTCULLIS_PUBLIC_URL', wrong)
    }
  })

  it('takes an empty variable as unset', () => assert.equal(read({ PORTCULLIS_PORT: '', PORTCULLIS_PROFILE: '' }).port, 8080))

  it('reads a secret from the file that the twin names', () => {
    assert.equal(read({ PORTCULLIS_ADMIN_TOKEN_FILE: '/run/secrets/token' }).adminToken, 't'.repeat(40))
  })

  it('refuses a secret that is set twice, missing or empty', () => {
    assert.ok(refused({ PORTCULLIS_ADMIN_TOKEN: 't'.repeat(40), PORTCULLIS_ADMIN_TOKEN_FILE: '/run/secrets/token' }))
    assert.equal(refused({ PORTCULLIS_LOG_KEY_FILE: '/nowhere' }), 'PORTCULLIS_LOG_KEY_FILE')
    assert.equal(refused({ PORTCULLIS_LOG_KEY_FILE: '/run/secrets/empty' }), 'PORTCULLIS_LOG_KEY_FILE')
  })

  it('names the variable of every value that it refuses', () => {
    const wrong = {
      PORTCULLIS_PORT: '70000',
      PORTCULLIS_PROFILE: 'lax',
      PORTCULLIS_DATABASE_URL: 'mysql://localhost/x',
      PORTCULLIS_ADMIN_TOKEN: 'short',
      PORTCULLIS_LOG_ORIGIN: 'has a space',
      PORTCULLIS_MAX_REPORT_BYTES: '-1',
      PORTCULLIS_RATE_PER_PRINCIPAL: '0.5',
      PORTCULLIS_RATE_PER_ADDRESS: '-1',
      PORTCULLIS_LOG_LEVEL: 'loud',
      PORTCULLIS_TRUSTED_PROXIES: '10.0.0.0/8, everyone',
    }
    for (const [name, value] of Object.entries(wrong)) assert.equal(refused({ [name]: value }), name)
    assert.equal(refused({ PORTCULLIS_TLS_CERT_FILE: 'cert.pem' }), 'PORTCULLIS_TLS_KEY_FILE')
    for (const name of ['PORTCULLIS_CLIENT_CA_FILE', 'PORTCULLIS_ADMISSION_CLIENT_CA_FILE'])
      assert.equal(refused({ [name]: 'ca.pem' }), name)
  })
})
