import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readReport } from '../../../src/evidence/read-report.ts'
import { timed } from '../../support/cpu-time.ts'
import { bytesOf } from './reading.ts'

const FINDINGS = 100_000

/** Far more than any of them takes: what is told from it is that no time grows with the square of the findings. */
const DEADLINE_MS = 20_000

const numbers = Array.from({ length: FINDINGS }, (_item, index) => index)

function many<T>(make: (index: number) => T): T[] {
  return numbers.map(make)
}

function lines(items: readonly unknown[]): string {
  return items.map((item) => JSON.stringify(item)).join('\n')
}

const ARN = 'arn:aws:inspector2:eu-west-1:000000000000:finding/'
const IMAGE_ID = { imageDigest: `sha256:${'a'.repeat(64)}` }
const CONFIG = { config: { protocol_version: 'v1.0.0', scan_level: 'symbol' } }

/** A report of each format with 100,000 different findings, as an object or as text. */
const REPORTS: Readonly<Record<string, () => unknown>> = {
  trivy: () => ({
    SchemaVersion: 2,
    ArtifactName: 'shop',
    Results: [
      {
        Target: 'shop',
        Class: 'os-pkgs',
        Vulnerabilities: many((index) => ({ VulnerabilityID: `CVE-${index}`, PkgName: 'a', Severity: 'LOW' })),
      },
    ],
  }),
  grype: () => ({
    matches: many((index) => ({ vulnerability: { id: `CVE-${index}`, severity: 'Low' }, artifact: { name: 'a', version: '1' } })),
    descriptor: { name: 'grype' },
  }),
  'npm-audit': () => ({
    auditReportVersion: 2,
    vulnerabilities: Object.fromEntries(
      many((index) => [
        `p${index}`,
        { severity: 'low', via: [{ source: index, name: `p${index}`, severity: 'low', title: 'A flaw' }], nodes: [] },
      ]),
    ),
    metadata: { vulnerabilities: { low: FINDINGS }, dependencies: { total: FINDINGS } },
  }),
  'yarn-audit': () => lines(many((index) => ({ value: `p${index}`, children: { ID: index, Issue: 'A flaw', Severity: 'low' } }))),
  snyk: () => ({
    ok: false,
    dependencyCount: 9,
    packageManager: 'npm',
    vulnerabilities: many((index) => ({ id: `SNYK-${index}`, name: `p${index % 100}`, version: '1.0.0', severity: 'low' })),
  }),
  'osv-scanner': () => ({
    results: [
      {
        source: { path: 'package-lock.json', type: 'lockfile' },
        packages: [
          {
            package: { name: 'a', version: '1.0.0', ecosystem: 'npm' },
            vulnerabilities: many((index) => ({ id: `GHSA-${index}`, aliases: [] })),
            groups: many((index) => ({ ids: [`GHSA-${index}`], max_severity: '2.0' })),
          },
        ],
      },
    ],
  }),
  'pip-audit': () => ({
    dependencies: many((index) => ({ name: `p${index}`, version: '1', vulns: [{ id: 'PYSEC-1', fix_versions: [] }] })),
    fixes: [],
  }),
  'cargo-audit': () => ({
    lockfile: { 'dependency-count': 9 },
    vulnerabilities: {
      found: true,
      count: FINDINGS,
      list: many((index) => ({ advisory: { id: `RUSTSEC-${index}`, cvss: null }, package: { name: 'a', version: '1' } })),
    },
    warnings: {},
  }),
  'bundler-audit': () =>
    `${many((index) => `Name: p${index}\nVersion: 1.0\nCVE: CVE-${index}\nCriticality: Low\nTitle: A flaw\n`).join('\n')}\nVulnerabilities found!\n`,
  govulncheck: () =>
    lines([
      CONFIG,
      ...many((index) => ({ finding: { osv: `GO-${index}`, trace: [{ module: 'm', version: 'v1.0.0', package: 'p', function: 'f' }] } })),
    ]),
  'dependency-track': () => ({
    meta: { application: 'Dependency-Track' },
    project: { name: 'shop' },
    findings: many((index) => ({ component: { name: `p${index}` }, vulnerability: { vulnId: 'CVE-1', severity: 'LOW' } })),
  }),
  clair: () => ({
    manifest_hash: IMAGE_ID.imageDigest,
    packages: { 1: { name: 'a', version: '1' } },
    vulnerabilities: Object.fromEntries(many((index) => [String(index), { name: `CVE-${index}`, normalized_severity: 'Low' }])),
    package_vulnerabilities: { 1: many(String) },
  }),
  'clair-scanner': () => ({
    image: 'shop',
    unapproved: many((index) => `CVE-${index}`),
    vulnerabilities: many((index) => ({ vulnerability: `CVE-${index}`, featurename: 'a', severity: 'Low' })),
  }),
  klar: () => ({ LayerCount: 1, Vulnerabilities: { Low: many((index) => ({ Name: `CVE-${index}`, FeatureName: 'a' })) } }),
  ecr: () => ({
    imageScanFindings: { findings: many((index) => ({ name: `CVE-${index}`, severity: 'LOW', attributes: [] })) },
    imageId: IMAGE_ID,
    imageScanStatus: { status: 'COMPLETE' },
  }),
  inspector2: () => ({
    findings: many((index) => ({
      findingArn: `${ARN}${index}`,
      severity: 'LOW',
      packageVulnerabilityDetails: { vulnerabilityId: `CVE-${index}` },
    })),
  }),
  cyclonedx: () => ({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    components: many((index) => ({ 'bom-ref': `c${index}`, name: `p${index}`, version: '1' })),
    vulnerabilities: many((index) => ({ id: `CVE-${index}`, affects: [{ ref: `c${index}` }] })),
  }),
}

describe('reading reports of 100,000 findings', () => {
  for (const [format, make] of Object.entries(REPORTS)) {
    it(`ends soon for ${format}, with every finding`, () => {
      const bytes = bytesOf(make())
      const { result, cpuMs } = timed(() => readReport(bytes, format))
      assert.equal(result.report.findings.length, FINDINGS)
      assert.equal(result.report.completeness, 'complete')
      assert.ok(cpuMs < DEADLINE_MS, `${format} took ${Math.round(cpuMs)} ms`)
    })
  }
})
