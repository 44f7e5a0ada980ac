/** The reports that the demonstration posts, as the tools would write them. */

const SCANNED_AT = new Date().toISOString()

function trivy(digest: string, vulnerabilities: readonly object[], createdAt: string): string {
  return JSON.stringify({
    SchemaVersion: 2,
    CreatedAt: createdAt,
    ArtifactName: 'registry.example.com/acme/shop:1.4.0',
    ArtifactType: 'container_image',
    Metadata: { OS: { Family: 'debian', Name: '12.8' }, RepoDigests: [`registry.example.com/acme/shop@${digest}`] },
    Results: [{ Target: 'acme/shop (debian 12.8)', Class: 'os-pkgs', Type: 'debian', Vulnerabilities: vulnerabilities }],
  })
}

function found(id: string, severity: string, name: string, version: string, fixed: string, title: string): object {
  return {
    VulnerabilityID: id,
    PkgName: name,
    PkgIdentifier: { PURL: `pkg:deb/debian/${name}@${version}?distro=debian-12.8` },
    InstalledVersion: version,
    FixedVersion: fixed,
    Status: 'fixed',
    Severity: severity,
    Title: title,
  }
}

/** A scan that found two critical and one high vulnerability, all with a fix. */
export function dirtyScan(digest: string): string {
  return trivy(
    digest,
    [
      found('CVE-2024-5535', 'CRITICAL', 'openssl', '3.0.13-1', '3.0.14-1', 'openssl: SSL_select_next_proto buffer overread'),
      found('CVE-2024-4741', 'HIGH', 'openssl', '3.0.13-1', '3.0.14-1', 'openssl: use after free with SSL_free_buffers'),
      found('CVE-2023-45853', 'CRITICAL', 'zlib1g', '1:1.2.13', '1:1.3.1', 'zlib: integer overflow in zipOpenNewFileInZip4_64'),
    ],
    SCANNED_AT,
  )
}

/** A scan of the rebuilt image: nothing found. */
export function cleanScan(digest: string): string {
  return trivy(digest, [], SCANNED_AT)
}

/** 86 of 100 lines covered. */
export const COVERAGE = [
  'TN:',
  'SF:src/cart.ts',
  ...Array.from({ length: 100 }, (_, line) => `DA:${line + 1},${line < 86 ? 1 : 0}`),
  'LF:100',
  'LH:86',
  'end_of_record',
  '',
].join('\n')

/** Three tests, all passed. */
export const TESTS = `<?xml version="1.0" encoding="UTF-8"?>
<testsuites tests="3" failures="0" errors="0">
  <testsuite name="cart" tests="3" failures="0" errors="0">
    <testcase classname="cart" name="adds an item" time="0.01"/>
    <testcase classname="cart" name="removes an item" time="0.01"/>
    <testcase classname="cart" name="keeps the total" time="0.02"/>
  </testsuite>
</testsuites>
`
