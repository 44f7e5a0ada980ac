import { createHash } from 'node:crypto'

/** A Trivy report of our own making and the image that it is about. */
export interface SampleReport {
  subject: string
  body: string
}

const SEVERITIES = ['CRITICAL', 'HIGH', 'HIGH', 'MEDIUM', 'MEDIUM', 'MEDIUM', 'MEDIUM', 'LOW', 'LOW', 'LOW', 'LOW', 'LOW'] as const

/**
 * Reports with the given number of vulnerabilities, each about an image of its own: about one in twelve is critical, one in six high, and half of all
 * have a fix. Deterministic.
 */
export function sampleReports(count: number, vulnerabilities: number): SampleReport[] {
  return Array.from({ length: count }, (_, image) => sampleReport(image, vulnerabilities))
}

function sampleReport(image: number, vulnerabilities: number): SampleReport {
  const digest = createHash('sha256').update(`image ${image} with ${vulnerabilities}`).digest('hex')
  const report = {
    SchemaVersion: 2,
    CreatedAt: new Date(Date.UTC(2026, 0, 1, 0, image)).toISOString(),
    ArtifactName: `shop/cart-${image}`,
    ArtifactType: 'container_image',
    Metadata: { RepoDigests: [`shop/cart-${image}@sha256:${digest}`] },
    Results: [
      {
        Target: 'debian 12.9',
        Class: 'os-pkgs',
        Type: 'debian',
        Vulnerabilities: Array.from({ length: vulnerabilities }, (_, index) => vulnerability(image, index)),
      },
    ],
  }
  return { subject: `sha256:${digest}`, body: JSON.stringify(report) }
}

function vulnerability(image: number, index: number): object {
  const name = `lib${String(index % 97).padStart(2, '0')}-${image}`
  const version = `1.${index % 10}.${index % 7}-1`
  return {
    VulnerabilityID: `CVE-2025-${String(10_000 + index)}`,
    PkgName: name,
    PkgIdentifier: { PURL: `pkg:deb/debian/${name}@${version}?arch=amd64&distro=debian-12.9` },
    InstalledVersion: version,
    ...(index % 2 === 0 ? { FixedVersion: `1.${(index % 10) + 1}.0-1` } : {}),
    Severity: SEVERITIES[index % SEVERITIES.length],
    Title: `a flaw in ${name}`,
    Layer: { DiffID: `sha256:${createHash('sha256').update(name).digest('hex')}` },
  }
}
