import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { isAppError } from '../../../src/core/app-error.ts'
import { decodeReport } from '../../../src/evidence/decode-report.ts'
import { PARSERS } from '../../../src/evidence/formats.ts'
import { readReport } from '../../../src/evidence/read-report.ts'
import { fixture } from './reading.ts'

const FIXTURES = new URL('../../fixtures/', import.meta.url)

/** What several tools write alike: GitLab's reports of old for several types of scan. */
const AMBIGUOUS = new Set(['gitlab-sast/without-category.json', 'gitlab-sast/without-scan-clean.json'])

describe('the claims of the parsers', () => {
  it('never take a report of another format for their own', () => {
    for (const { format } of PARSERS) {
      const folder = new URL(`${format}/`, FIXTURES)
      if (!existsSync(folder)) continue
      for (const name of readdirSync(folder)) {
        if (AMBIGUOUS.has(`${format}/${name}`)) continue
        const source = decodeReport(fixture(`${format}/${name}`))
        const claimants = PARSERS.filter((parser) => parser.claims(source)).map((parser) => parser.format)
        assert.deepEqual(
          claimants.filter((claimant) => claimant !== format),
          [],
          `${format}/${name}`,
        )
      }
    }
  })

  it('are not all that keeps formats apart: no report reads as complete under the name of another one', () => {
    for (const { format } of PARSERS) {
      for (const name of readdirSync(new URL(`${format}/`, FIXTURES))) {
        if (AMBIGUOUS.has(`${format}/${name}`) || saysNothing(fixture(`${format}/${name}`))) continue
        const readAs = PARSERS.filter((other) => other.format !== format && readsAsComplete(fixture(`${format}/${name}`), other.format))
        assert.deepEqual(
          readAs.map((other) => other.format).filter((other) => !isKin(other, format)),
          [],
          `${format}/${name}`,
        )
      }
    }
  })
})

/** A bare `[]` or `null` is what a clean run of several tools leaves: only the stated format tells whose. */
function saysNothing(bytes: Uint8Array): boolean {
  return /^\s*(?:\[\s*\]|null)\s*$/.test(Buffer.from(bytes).toString('utf8'))
}

/** Any JSON object can be kept as such, and claims nothing; Yarn prints what npm's registry replies, as npm does. */
function isKin(other: string, format: string): boolean {
  return other === 'json' || (other === 'yarn-audit' && format === 'npm-audit')
}

function readsAsComplete(bytes: Uint8Array, format: string): boolean {
  try {
    return readReport(bytes, format).report.completeness === 'complete'
  } catch (error) {
    if (isAppError(error)) return false
    throw error
  }
}
