import { createPublicKey, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { join } from 'node:path'

import { AppError } from '../core/app-error.ts'
import { SECOND_PERSON, type SecondPerson } from '../core/change-kind.ts'
import { isPlaceName, PLACE_NAME_REMEDY } from '../core/place-name.ts'
import { PROFILES, type Profile } from '../policy/defaults.ts'
import { readSecret, type Environment, type FileReader } from './secrets.ts'

/** Everything that can be set, typed and checked. Names of the variables are promises to users. */
export interface Config {
  host: string
  /** 0 lets the system choose. */
  port: number
  dataDir: string
  /** A postgres URL; undefined keeps everything in `dataDir`. */
  databaseUrl: string | undefined
  profile: Profile
  logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent'
  tls: TlsFiles | undefined
  /** Addresses or CIDR ranges whose X-Forwarded-For is believed. */
  trustedProxies: string[]
  /** What people reach the service under, for links in what they read; taken from each request if unset. Without a trailing slash. */
  publicUrl: string | undefined
  /** Key that signs checkpoints; made in the data directory if unset and SQLite is used. */
  logKey: string | undefined
  logOrigin: string | undefined
  adminToken: string | undefined
  /** Directory of the files that issuers may name: keys, and secrets of clients. */
  issuerFiles: string
  /** Secret of SonarQube's webhook; unset refuses its deliveries. */
  sonarqubeSecret: string | undefined
  /** Which changes need a second person: those of issuers, people and identities (`on`), those that loosen policy too (`all`), or none. */
  secondPerson: SecondPerson
  /** Directory of documents that are applied at each start; unset applies none. */
  applyDir: string | undefined
  /** The commit that they come from. */
  applyCommit: string | undefined
  /** Stages, besides that with the name of the environment, whose allows ground deployments. */
  releaseStages: readonly string[]
  /** Days for which a waiver may hold. */
  waiverMaxDays: number
  /** How many different people have to approve a waiver. */
  waiverApprovals: number
  maxReportBytes: number
  /** Requests per second of one principal, in this process; 0 sets no limit. Twice as many may come at once. */
  ratePerPrincipal: number
  /** The same of one network address, where an IPv6 /64 counts as one. */
  ratePerAddress: number
  /** Milliseconds that one pack may run. */
  policyDeadlineMs: number
  /** Bytes of memory that one pack may take. */
  policyMemoryBytes: number
  /** Public keys of which one has to have signed an uploaded policy; with none, policies need no signature. */
  policyKeys: readonly KeyObject[]
  /** Where the OPA CLI is, which compiles uploaded policies; looked for if unset. */
  opa: string | undefined
  /** Folders of programs, as the variable PATH lists them. */
  path: string | undefined
  /** Days that a personal token lasts at most. */
  personalTokenMaxDays: number
  /** Days for which a login proves that its person is still there: personal tokens end with it. */
  loginMaxAgeDays: number
}

/** Files in PEM; they are read again when they change. */
export interface TlsFiles {
  certFile: string
  keyFile: string
  /** Authorities whose certificates clients may come with in the place of a token. */
  clientCaFile: string | undefined
  /** The same for clusters: with these, only admission can be asked and inventory reported. */
  admissionClientCaFile: string | undefined
}

export type ConfigErrorCode = 'setting_invalid'

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
const MIB = 1024 * 1024

/**
 * Reads the configuration from environment variables; a secret may stand in a file named by `…_FILE` instead.
 * @throws {AppError} `setting_invalid`, naming the variable
 */
export function readConfig(env: Environment, readFile: FileReader): Config {
  const databaseUrl = readSecret(env, 'PORTCULLIS_DATABASE_URL', readFile)
  if (databaseUrl !== undefined && !/^postgres(ql)?:\/\//.test(databaseUrl)) {
    throw invalid(
      'PORTCULLIS_DATABASE_URL',
      'is not a postgres URL',
      'Write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it unset to use SQLite.',
    )
  }
  const dataDir = env['PORTCULLIS_DATA_DIR'] || './data'
  return {
    host: env['PORTCULLIS_HOST'] || '127.0.0.1',
    port: integer(env, 'PORTCULLIS_PORT', 8080, 0, 65_535),
    dataDir,
    databaseUrl,
    profile: oneOf(env, 'PORTCULLIS_PROFILE', PROFILES, 'standard'),
    logLevel: oneOf(env, 'PORTCULLIS_LOG_LEVEL', LOG_LEVELS, 'info'),
    tls: readTls(env),
    trustedProxies: readProxies(env),
    publicUrl: readPublicUrl(env),
    logKey: readSecret(env, 'PORTCULLIS_LOG_KEY', readFile),
    logOrigin: readOrigin(env),
    adminToken: readAdminToken(env, readFile),
    issuerFiles: env['PORTCULLIS_ISSUER_FILES'] || join(dataDir, 'issuers'),
    sonarqubeSecret: readSecret(env, 'PORTCULLIS_SONARQUBE_WEBHOOK_SECRET', readFile),
    secondPerson: oneOf(env, 'PORTCULLIS_SECOND_PERSON', SECOND_PERSON, 'on'),
    applyDir: env['PORTCULLIS_APPLY_DIR'] || undefined,
    applyCommit: readCommit(env),
    releaseStages: readReleaseStages(env),
    waiverMaxDays: integer(env, 'PORTCULLIS_WAIVER_MAX_DAYS', 90, 1, 366),
    waiverApprovals: integer(env, 'PORTCULLIS_WAIVER_APPROVALS', 1, 1, 10),
    maxReportBytes: integer(env, 'PORTCULLIS_MAX_REPORT_BYTES', 64 * MIB, 1024, 1024 * MIB),
    personalTokenMaxDays: integer(env, 'PORTCULLIS_PERSONAL_TOKEN_MAX_DAYS', 30, 1, 366),
    loginMaxAgeDays: integer(env, 'PORTCULLIS_LOGIN_MAX_AGE_DAYS', 90, 1, 366),
    ratePerPrincipal: integer(env, 'PORTCULLIS_RATE_PER_PRINCIPAL', 5000, 0, 1_000_000),
    ratePerAddress: integer(env, 'PORTCULLIS_RATE_PER_ADDRESS', 5000, 0, 1_000_000),
    policyDeadlineMs: integer(env, 'PORTCULLIS_POLICY_DEADLINE_MS', 250, 10, 60_000),
    policyKeys: readPolicyKeys(readSecret(env, 'PORTCULLIS_POLICY_KEYS', readFile) ?? ''),
    opa: env['PORTCULLIS_OPA'] || undefined,
    path: env['PATH'],
    policyMemoryBytes: integer(env, 'PORTCULLIS_POLICY_MEMORY_BYTES', 256 * MIB, MIB, 2048 * MIB),
  }
}

const PEM_KEY = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/g

/** Public keys in PEM, one after the other. */
function readPolicyKeys(text: string): KeyObject[] {
  const name = 'PORTCULLIS_POLICY_KEYS'
  const remedy = 'Write public keys (RSA or EC) in PEM, one after the other: openssl pkey -in key.pem -pubout'
  if (text.replaceAll(PEM_KEY, '').trim() !== '') throw invalid(name, 'holds something else than public keys', remedy)
  return [...text.matchAll(PEM_KEY)].map(([pem]) => {
    try {
      return createPublicKey(pem)
    } catch {
      throw invalid(name, 'holds a key that cannot be read', remedy)
    }
  })
}

function readTls(env: Environment): Config['tls'] {
  const certFile = env['PORTCULLIS_TLS_CERT_FILE']
  const keyFile = env['PORTCULLIS_TLS_KEY_FILE']
  const clientCaFile = env['PORTCULLIS_CLIENT_CA_FILE'] || undefined
  const admissionClientCaFile = env['PORTCULLIS_ADMISSION_CLIENT_CA_FILE'] || undefined
  if (certFile && keyFile) return { certFile, keyFile, clientCaFile, admissionClientCaFile }
  if (!certFile && !keyFile) {
    if (!clientCaFile && !admissionClientCaFile) return undefined
    const name = clientCaFile ? 'PORTCULLIS_CLIENT_CA_FILE' : 'PORTCULLIS_ADMISSION_CLIENT_CA_FILE'
    throw invalid(name, 'needs TLS', 'Certificates are seen only where TLS ends: set PORTCULLIS_TLS_CERT_FILE and PORTCULLIS_TLS_KEY_FILE.')
  }
  const missing = certFile ? 'PORTCULLIS_TLS_KEY_FILE' : 'PORTCULLIS_TLS_CERT_FILE'
  throw invalid(missing, 'is missing', 'Set certificate and key together, or neither.')
}

function readPublicUrl(env: Environment): string | undefined {
  const text = env['PORTCULLIS_PUBLIC_URL']
  if (!text) return undefined
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash) {
    return url.href.replace(/\/+$/, '')
  }
  throw invalid(
    'PORTCULLIS_PUBLIC_URL',
    'is not the address of a service',
    'Write it like https://portcullis.example.com, perhaps with a path, without user, query and fragment.',
  )
}

/** The name of the log in checkpoints: C2SP tlog-checkpoint wants no spaces and no plus sign. */
function readOrigin(env: Environment): string | undefined {
  const origin = env['PORTCULLIS_LOG_ORIGIN']
  if (!origin) return undefined
  if (/^[\x21-\x2a\x2c-\x7e]{1,255}$/.test(origin)) return origin
  throw invalid(
    'PORTCULLIS_LOG_ORIGIN',
    'is not a log origin',
    'Use a schema-less URL such as portcullis.example.com/log, without spaces and plus signs.',
  )
}

function readCommit(env: Environment): string | undefined {
  const commit = env['PORTCULLIS_APPLY_COMMIT']
  if (!commit) return undefined
  if (/^[0-9a-f]{7,64}$/.test(commit)) return commit
  throw invalid('PORTCULLIS_APPLY_COMMIT', 'is no commit', 'Write its 7 to 64 hexadecimal digits in lower case.')
}

function readAdminToken(env: Environment, readFile: FileReader): string | undefined {
  const token = readSecret(env, 'PORTCULLIS_ADMIN_TOKEN', readFile)
  if (token === undefined || /^[\x21-\x7e]{32,256}$/.test(token)) return token
  throw invalid('PORTCULLIS_ADMIN_TOKEN', 'is not 32 to 256 printable characters', 'Make one with: openssl rand -hex 32')
}

function integer(env: Environment, name: string, byDefault: number, least: number, most: number): number {
  const text = env[name]
  if (!text) return byDefault
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw invalid(name, `is not a whole number from ${least} to ${most}`, `Leave it unset for ${byDefault}.`)
}

function oneOf<Value extends string>(env: Environment, name: string, values: readonly Value[], byDefault: Value): Value {
  const text = env[name] || byDefault
  const value = values.find((candidate) => candidate === text)
  if (value !== undefined) return value
  throw invalid(name, `is none of: ${values.join(', ')}`, `Leave it unset for ${byDefault}.`)
}

/** Names of stages, separated by commas. */
function readReleaseStages(env: Environment): string[] {
  const name = 'PORTCULLIS_RELEASE_STAGES'
  const stages = listed(env[name] || 'staging,approval,production,deploy,release')
  const wrong = stages.find((stage) => !isPlaceName(stage))
  if (wrong === undefined) return stages
  throw invalid(name, `holds "${wrong.slice(0, 60)}", which is no name of a stage`, PLACE_NAME_REMEDY)
}

const NAMED_RANGES = new Set(['loopback', 'linklocal', 'uniquelocal'])

/** Addresses, CIDR ranges, or the names of well-known ranges. */
function readProxies(env: Environment): string[] {
  const name = 'PORTCULLIS_TRUSTED_PROXIES'
  const proxies = listed(env[name] ?? '')
  const wrong = proxies.find((item) => !NAMED_RANGES.has(item) && !isRange(item))
  if (wrong === undefined) return proxies
  throw invalid(
    name,
    `holds "${wrong.slice(0, 60)}", which is no address or range`,
    'List addresses and CIDR ranges: 10.0.0.0/8, 192.0.2.7',
  )
}

function listed(text: string): string[] {
  const items = text.split(',').map((item) => item.trim())
  return items.filter((item) => item !== '')
}

function isRange(text: string): boolean {
  const [address = '', prefix, ...rest] = text.split('/')
  const version = isIP(address)
  if (version === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
}

function invalid(name: string, what: string, remedy: string): AppError<ConfigErrorCode> {
  return new AppError('setting_invalid', `${name} ${what}.`, { field: name, remedy })
}
