import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'

import fc from 'fast-check'

import { isAppError } from '../../../src/core/app-error.ts'
import { PARSERS } from '../../../src/evidence/formats.ts'
import type { ReportErrorCode } from '../../../src/evidence/parser.ts'
import { readReport, type ReadReport } from '../../../src/evidence/read-report.ts'
import { summarise } from '../../../src/evidence/summary.ts'
import { bytesOf, counted, fixture, jsonFixture } from './reading.ts'

/** Formats of several JSON documents or of text, which nothing but the parser finds to be cut off. */
const TEXT_FORMATS = ['govulncheck', 'yarn-audit', 'bundler-audit', 'go-test', 'tap', 'cyclonedx', 'trufflehog']
const ALL_FORMATS = PARSERS.map((parser) => parser.format)

const CODES: readonly ReportErrorCode[] = [
  'report_empty',
  'report_malformed',
  'report_wrong_format',
  'report_is_tool_error',
  'report_format_unknown',
  'report_format_ambiguous',
  'report_too_complex',
  'xml_doctype_refused',
]

interface Sample {
  format: string
  path: string
}

const isJsonName = (name: string): boolean => /\.(?:json|sarif)$/.test(name)
const isXmlName = (name: string): boolean => /\.(?:xml|trx)$/.test(name)

function samples(formats: readonly string[], wanted: (name: string) => boolean = () => true): Sample[] {
  const found = formats.flatMap((format) =>
    readdirSync(new URL(`../../fixtures/${format}/`, import.meta.url))
      .filter(wanted)
      .map((name) => ({ format, path: `${format}/${name}` })),
  )
  assert.ok(found.length > 0)
  return found
}

/** True if nothing in the report would keep anybody from passing. */
function isClean({ report }: ReadReport): boolean {
  const { failed, errored } = report.tests ?? { failed: 0, errored: 0 }
  return report.completeness === 'complete' && Object.keys(counted(report)).length === 0 && failed + errored === 0
}

function isAmbiguous(bytes: Uint8Array): boolean {
  try {
    readReport(bytes, 'auto')
    return false
  } catch (error) {
    return isAppError(error) && error.code === 'report_format_ambiguous'
  }
}

/** Reads; true if it was read. Anything but a refusal with a code of ours escapes and fails the test. */
function reads(bytes: Uint8Array, format: string): boolean {
  try {
    readReport(bytes, format)
    return true
  } catch (error) {
    if (isAppError(error) && (CODES as readonly string[]).includes(error.code)) return false
    throw error
  }
}

type Path = readonly (string | number)[]

/** The place of every value in a document, the document itself first. */
function placesIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [at]
  const inner = Array.isArray(value) ? value.map((item, index) => [index, item] as const) : Object.entries(value)
  return [at, ...inner.flatMap(([key, item]) => placesIn(item, [...at, key]))]
}

function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by
  if (Array.isArray(value)) return value.map((item: unknown, index) => (index === key ? replaced(item, rest, by) : item))
  const owner = value as Record<string, unknown>
  return { ...owner, [key]: replaced(owner[key], rest, by) }
}

describe('reading damaged reports', () => {
  it('never reads a JSON report that was cut off, at any byte', () => {
    for (const { format, path } of samples(ALL_FORMATS, isJsonName)) {
      const whole = bytesOf(jsonFixture(path))
      for (let length = 0; length < whole.length; length++) {
        const cut = whole.subarray(0, length)
        assert.equal(reads(cut, format) || reads(cut, 'auto'), false, `${path} cut to ${length} bytes was read`)
      }
    }
  })

  it('never reads an XML report that was cut off, at any byte of it', () => {
    for (const { format, path } of samples(ALL_FORMATS, isXmlName)) {
      const whole = fixture(path)
      const end = Buffer.from(whole).lastIndexOf('>')
      for (let length = 0; length <= end; length++) {
        const cut = whole.subarray(0, length)
        assert.equal(reads(cut, format) || (length % 32 === 0 && reads(cut, 'auto')), false, `${path} cut to ${length} bytes was read`)
      }
    }
  })

  it('never reads a report as one of another format, if it is not what several tools write alike', () => {
    for (const { format, path } of samples(ALL_FORMATS)) {
      const bytes = fixture(path)
      // `json` reads any object, and claims nothing by it.
      for (const other of ALL_FORMATS.filter((name) => name !== format && name !== 'json' && reads(bytes, name))) {
        const swapped = readReport(bytes, other).report
        // Some tools pass on the same registry's reply; of an empty list only the sender knows which tool wrote it.
        const isAlike = reads(bytes, format) && isDeepStrictEqual(summarise(readReport(bytes, format).report), summarise(swapped))
        assert.ok(isAlike || swapped.completeness === 'empty' || isAmbiguous(bytes), `${path} was read as ${other}`)
      }
    }
  })

  it('never reads a JSON report in which an object names a member twice', () => {
    for (const { format, path } of samples(ALL_FORMATS, isJsonName)) {
      const text = JSON.stringify(jsonFixture(path))
      for (const [name] of text.matchAll(/"[^"\\]*":/g)) {
        const doubled = bytesOf(text.replace(name, `${name}[],${name}`))
        assert.equal(reads(doubled, format) || reads(doubled, 'auto'), false, `${path} with a second ${name} was read`)
      }
    }
  })

  it('never reads a report of several documents or of text as clean because it was cut off, at any character', () => {
    const whole = samples(TEXT_FORMATS, (name) => !isJsonName(name))
      .filter(({ path, format }) => reads(fixture(path), format) && !isClean(readReport(fixture(path), format)))
      .map(({ path, format }) => ({ path, format, text: Buffer.from(fixture(path)).toString('utf8') }))
    assert.ok(whole.length >= TEXT_FORMATS.length)
    for (const { path, format, text } of whole) {
      for (let length = 0; length < text.length; length++) {
        const cut = bytesOf(text.slice(0, length))
        for (const stated of [format, 'auto'])
          if (reads(cut, stated)) assert.equal(isClean(readReport(cut, stated)), false, `${path} cut to ${length} characters read as clean`)
      }
    }
  })

  it('reads or refuses a JSON report with any value in place of any other', () => {
    const choice = fc.tuple(
      fc.constantFrom(...samples(ALL_FORMATS, isJsonName)),
      fc.nat(),
      fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>('__proto__', { toString: 1 }, [{ toString: 1 }])),
      fc.boolean(),
    )
    fc.assert(
      fc.property(choice, ([{ format, path }, place, value, stated]) => {
        const document: unknown = jsonFixture(path)
        const places = placesIn(document)
        reads(bytesOf(replaced(document, places[place % places.length] ?? [], value)), stated ? format : 'auto')
      }),
      { numRuns: 1500 },
    )
  })

  it('never takes a list or an object that it cannot read for nothing found', () => {
    for (const path of [
      'trivy/legacy.json',
      'grype/old.json',
      'npm-audit/version-1.json',
      'npm-audit/version-2.json',
      'sarif/extensions.sarif',
      'gitleaks/leaks.json',
      'bandit/issues.json',
      'checkov/terraform.json',
      'checkov/frameworks.json',
      'hadolint/remarks.json',
      'kics/queries.json',
      'semgrep/products.json',
      'semgrep/platform.json',
      'tfsec/results.json',
      'findings/whole.json',
      ...['dependency-track/findings.json', 'clair/report.json', 'clair-scanner/report.json', 'klar/report.json'],
      ...['cyclonedx/trivy-1.6.json', 'cyclonedx/reachable-only.json'],
      ...['ecr/basic.json', 'ecr/enhanced.json', 'inspector2/findings.json'],
      'zap/alerts.json',
      'trufflehog/one-secret.json',
      'sonarqube/gate-failed.json',
      'sonarqube/issues.json',
      'sonarqube/hotspots.json',
      'squawk/violations.json',
      'k6/handle-summary.json',
      'k6/summary-export.json',
      'snyk/project.json',
      'snyk/container.json',
      'osv-scanner/version-2.json',
      'osv-scanner/version-1.0.json',
      'pip-audit/list.json',
      'pip-audit/dependencies.json',
      'cargo-audit/dirty.json',
      'bundler-audit/report.json',
      'govulncheck/collected.json',
      'govulncheck/modules.json',
      'gitlab-sast/version-15.json',
      'gitlab-secret-detection/leaks.json',
      'gitlab-dast/version-15.json',
      'gitlab-container-scanning/version-15.json',
      'gitlab-dependency-scanning/version-15.json',
    ]) {
      const document: unknown = jsonFixture(path)
      const format = path.split('/')[0] ?? ''
      for (const place of placesIn(document)) {
        for (const value of ['none', 7, true, ['none'], [[]], [null]]) {
          const bytes = bytesOf(replaced(document, place, value))
          if (!reads(bytes, format)) continue
          assert.equal(
            isClean(readReport(bytes, format)),
            false,
            `${path} with ${JSON.stringify(value)} at ${place.join('.')} read as clean`,
          )
        }
      }
    }
  })

  it('reads or refuses a report of any format with bytes removed or put in, under any format', () => {
    const all = samples(ALL_FORMATS)
    const choice = fc.tuple(
      fc.constantFrom(...all),
      fc.constantFrom('auto', ...ALL_FORMATS),
      fc.nat(),
      fc.nat({ max: 60 }),
      fc.uint8Array({ maxLength: 20 }),
    )
    fc.assert(
      fc.property(choice, ([{ path }, format, start, removed, inserted]) => {
        const whole = fixture(path)
        const at = start % (whole.length + 1)
        reads(Buffer.concat([whole.subarray(0, at), inserted, whole.subarray(at + removed)]), format)
      }),
      { numRuns: 1500 },
    )
  })
})
