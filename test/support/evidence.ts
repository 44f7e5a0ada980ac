import { sha256Digest } from '../../src/core/digest.ts'
import type { EvidenceClass } from '../../src/core/evidence-class.ts'
import { SEVERITIES, type Severity } from '../../src/core/severity.ts'
import type { Evidence, EvidenceDocument, Observation } from '../../src/evidence/evidence.ts'
import type { Finding } from '../../src/evidence/model.ts'
import { finding } from '../../src/evidence/parsers/report.ts'
import type { ObservedEvidence } from '../../src/decisions/ports.ts'

export const SUBJECT = sha256Digest('the image')

/** A vulnerability as a scanner would report it. */
export function vulnerability(id: string, severity: Severity, stated: Partial<Finding> = {}): Finding {
  return finding({
    class: 'vulnerabilities',
    id,
    severity,
    purl: 'pkg:deb/debian/openssl@3.0.13',
    package: 'openssl',
    version: '3.0.13',
    fixedVersion: '3.0.14',
    ...stated,
  })
}

/** Severity counts with everything else zero. */
export function counts(stated: Partial<Record<Severity, number>> = {}): Record<Severity, number> {
  return { ...(Object.fromEntries(SEVERITIES.map((severity) => [severity, 0])) as Record<Severity, number>), ...stated }
}

let serial = 0

/** Evidence with one observation; `at` is the receipt. */
export function observed(
  stated: { at?: string; scanned?: EvidenceClass[]; evidence?: Partial<Evidence>; observation?: Partial<Observation> } = {},
): ObservedEvidence {
  const id = `evidence-${++serial}`
  const at = stated.at ?? '2026-11-20T10:00:00.000Z'
  const scanned = stated.scanned ?? ['vulnerabilities']
  return {
    evidence: {
      id,
      digest: sha256Digest(id),
      storedDigest: sha256Digest(id),
      redacted: false,
      subject: SUBJECT,
      kind: scanned[0] ?? 'vulnerabilities',
      format: 'trivy',
      name: null,
      tool: { name: 'trivy', version: null },
      completeness: 'complete',
      completenessReason: null,
      summary: { scanned, counts: counts() },
      reportedAt: null,
      databaseAt: null,
      statedDigests: [],
      confirmingDigests: [],
      platform: null,
      examined: [],
      receivedAt: at,
      submittedBy: 'ci',
      size: 1,
      ...stated.evidence,
    },
    observation: {
      id: `observation-${serial}`,
      evidenceId: id,
      at,
      submitterId: 'principal-ci',
      submitterName: 'ci',
      submitterGroups: [],
      issuerIds: ['system'],
      repositories: null,
      repository: null,
      run: null,
      identity: null,
      verified: [],
      ...stated.observation,
    },
  }
}

/** A document with these findings and nothing else. */
export function documentOf(findings: Finding[]): EvidenceDocument {
  return { findings, coverage: null, tests: null, measures: null, document: null, manifests: null, vex: null, authorship: null }
}
