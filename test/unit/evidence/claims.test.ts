import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { describe, it } from 'node:test'

import { decodeReport } from '../../../src/evidence/decode-report.ts'
import { PARSERS } from '../../../src/evidence/formats.ts'
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
})
