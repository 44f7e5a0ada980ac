import { createHash, randomBytes } from 'node:crypto'

/** Reports as the tools write them, made for tests. */

/** A digest that no other test uses. */
export function freshDigest(): string {
  return `sha256:${createHash('sha256').update(randomBytes(16)).digest('hex')}`
}

export interface TrivyOptions {
  /** The digest that the report itself names. */
  digest?: string
  createdAt?: string
  severities?: readonly string[]
  fixed?: boolean
  /** What the run examined. */
  scanned?: 'vulnerabilities' | 'secrets' | 'nothing'
  secrets?: number
  /** Of the image's configuration. */
  platform?: { os: string; architecture: string }
  /** Makes it a scan of a directory in place of an image. */
  directory?: string
}

/** A Trivy report, schema 2. */
export function trivy({
  digest,
  createdAt,
  severities = [],
  fixed = true,
  scanned = 'vulnerabilities',
  secrets = 0,
  platform,
  directory,
}: TrivyOptions = {}): string {
  const packages = {
    Target: 'app (debian 12)',
    Class: 'os-pkgs',
    Type: 'debian',
    Vulnerabilities: severities.map((Severity, at) => ({
      VulnerabilityID: `CVE-2026-${1000 + at}`,
      PkgName: 'openssl',
      InstalledVersion: '3.0.13',
      ...(fixed && { FixedVersion: '3.0.14' }),
      PkgIdentifier: { PURL: 'pkg:deb/debian/openssl@3.0.13' },
      Severity,
    })),
  }
  const leaks = {
    Target: 'config.env',
    Class: 'secret',
    Secrets: Array.from({ length: secrets }, (_, at) => ({
      RuleID: `rule-${at}`,
      Severity: 'HIGH',
      Title: 'a key',
      StartLine: at + 1,
      Match: 'KEY=hunter2hunter2',
    })),
  }
  const results = { vulnerabilities: [packages], secrets: [leaks], nothing: [] }[scanned]
  return JSON.stringify({
    SchemaVersion: 2,
    ...(createdAt !== undefined && { CreatedAt: createdAt }),
    ArtifactName: directory ?? 'app',
    ArtifactType: directory === undefined ? 'container_image' : 'filesystem',
    Metadata: {
      ...(digest !== undefined && { RepoDigests: [`registry.example.com/app@${digest}`] }),
      ...(platform && { ImageConfig: platform }),
    },
    ...(results.length > 0 && { Results: results }),
    // Tells otherwise equal reports apart, as a new run of the tool would.
    ReportID: randomBytes(8).toString('hex'),
  })
}

/** JUnit XML with so many passed, failed and errored cases. */
export function junit({ passed = 0, failed = 0, errored = 0, suite = 'suite' } = {}): string {
  const cases = [
    ...Array.from({ length: passed }, (_, at) => `<testcase classname="${suite}" name="passes ${at}"/>`),
    ...Array.from({ length: failed }, (_, at) => `<testcase classname="${suite}" name="fails ${at}"><failure message="no"/></testcase>`),
    ...Array.from({ length: errored }, (_, at) => `<testcase classname="${suite}" name="errs ${at}"><error message="no"/></testcase>`),
  ]
  return `<?xml version="1.0"?><testsuites><testsuite name="${suite}" id="${randomBytes(4).toString('hex')}" tests="${cases.length}" failures="${failed}" errors="${errored}">${cases.join('')}</testsuite></testsuites>`
}

/** An lcov trace with so many of 100 lines covered. */
export function lcov(covered: number): string {
  const lines = Array.from({ length: 100 }, (_, at) => `DA:${at + 1},${at < covered ? 1 : 0}`)
  return ['TN:', `SF:src/${randomBytes(4).toString('hex')}.ts`, ...lines, 'LF:100', `LH:${covered}`, 'end_of_record', ''].join('\n')
}
