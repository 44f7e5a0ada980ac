/** What the parsers count in the project's own fixtures, beside the same independent counts by which a corpus of real reports is read. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'

import { readReport } from '../../src/evidence/read-report.ts'
import { summarise } from '../../src/evidence/summary.ts'
import { all, counted, word } from './corpus/select.ts'
import type { Figures } from './corpus/table.ts'
import { COUNTS } from './corpus/vulnerabilities.ts'

const FIXTURES: Readonly<Record<string, (text: string) => Figures>> = {
  'grype/dirty.json': COUNTS.grype,
  'npm-audit/version-1.json': COUNTS.advisories,
  'npm-audit/version-2.json': COUNTS.npm7,
  'yarn-audit/classic.ndjson': COUNTS.yarn,
  'yarn-audit/berry.ndjson': (text) =>
    counted(
      text
        .trim()
        .split('\n')
        .map((line): unknown => JSON.parse(line)),
      'children.Severity',
    ),
  'snyk/project.json': COUNTS.snyk,
  'snyk/projects.json': COUNTS.snyk,
  'osv-scanner/version-1.json': (text) => counted(all(text, 'results[].packages[].vulnerabilities[]').map(knownScore), 'severity'),
  'pip-audit/dependencies.json': COUNTS.pip,
  'pip-audit/list.json': COUNTS.pip,
  'dependency-track/findings.json': COUNTS.dependencyTrack,
  'clair-scanner/report.json': (text) => {
    const unapproved = all(text, 'unapproved[]')
    return counted(
      all(text, 'vulnerabilities[]')
        .filter((item) => unapproved.includes(word(item, 'vulnerability')))
        .map(defcon),
      'severity',
    )
  },
  'klar/report.json': (text) => counted(all(text, 'Vulnerabilities[][]').map(defcon), 'severity', 'FixedBy'),
  'ecr/basic.json': (text) => counted(all(text, 'imageScanFindings.findings[]'), 'severity'),
  'ecr/enhanced.json': (text) => counted(all(text, 'imageScanFindings.enhancedFindings[]'), 'severity'),
  'inspector2/findings.json': COUNTS.inspector,
  'trivy/kubernetes.json': (text) => {
    const secrets = all(text, 'Resources[].Results[].Secrets[]').length
    const { critical, ...others } = COUNTS.trivy(text)
    return { ...others, critical: (critical ?? 0) + secrets }
  },
  'trivy/kubernetes-old.json': COUNTS.trivy,
}

describe('the fixtures', () => {
  for (const [path, figures] of Object.entries(FIXTURES)) {
    it(`${path} is read as an independent count of it says`, () => {
      const text = readFileSync(new URL(`../fixtures/${path}`, import.meta.url), 'utf8')
      const expected = figures(text)
      const { counts, fixable, suppressed } = summarise(readReport(Buffer.from(text), path.split('/')[0] ?? '').report)
      const read: Figures = { ...counts, fixable: sum(fixable), suppressed: sum(suppressed) }
      assert.ok(Object.values(expected).some((count) => count !== 0))
      assert.deepEqual(Object.fromEntries(Object.keys(expected).map((name) => [name, read[name]])), expected)
    })
  }
})

function sum(counts: Readonly<Record<string, number>> | undefined): number {
  return Object.values(counts ?? {}).reduce((total, count) => total + count, 0)
}

/** Clair 2 had a word above Critical. */
function defcon(item: unknown): unknown {
  const stated = word(item, 'severity') || word(item, 'Severity')
  return { ...(item as object), severity: stated === 'Defcon1' ? 'Critical' : stated }
}

/** The one vector of CVSS 3 in that fixture has the score 9.8. */
function knownScore(item: unknown): unknown {
  return { severity: word(item, 'severity[].score').endsWith('/C:H/I:H/A:H') ? 'critical' : '' }
}
