import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { isInRange, parseVersionRange } from '../../../src/core/version-range.ts'

function holds(range: string, version: string, type = 'npm'): boolean {
  const read = parseVersionRange(range, type)
  if (typeof read === 'string') assert.fail(`${range} is ${read}`)
  return isInRange(read, version)
}

describe('A range of versions', () => {
  it('holds what lies between its bounds', () => {
    const table: [range: string, inside: string[], outside: string[]][] = [
      ['vers:npm/>=1.0.0|<2.0.0', ['1.0.0', '1.9.9', '2.0.0-rc.1', 'v1.2.0', '1.0.0+build'], ['0.9.9', '1.0.0-rc.1', '2.0.0', '10.0.0']],
      ['vers:npm/>1.0.0|<=2.0.0', ['1.0.1', '2.0.0'], ['1.0.0', '2.0.1']],
      ['vers:npm/<1.2.3', ['0.0.0', '1.2.2'], ['1.2.3', '1.10.0']],
      ['vers:npm/>=9.0.0', ['9.0.0', '10.0.0'], ['8.9.9']],
      ['vers:npm/1.0.0|1.5.0|>=2.0.0|!=2.4.0|<3.0.0', ['1.0.0', '1.5.0', '2.0.0', '2.4.1'], ['1.0.1', '2.4.0', '3.0.0']],
      ['vers:npm/<1.0.0|>=2.0.0|<3.0.0|>=4.0.0', ['0.1.0', '2.5.0', '5.0.0'], ['1.0.0', '3.0.0']],
      ['vers:semver/>=1.0.0|<2.0.0', ['1.5.0'], ['2.0.0']],
    ]
    for (const [range, inside, outside] of table) {
      for (const version of inside) assert.equal(holds(range, version), true, `${version} in ${range}`)
      for (const version of outside) assert.equal(holds(range, version), false, `${version} in ${range}`)
    }
  })

  it('holds no version that it can not read', () => {
    for (const version of ['', 'latest', '1.2.3.4', '1.x', ' 1.2.3', '1٠.0.0', '9'.repeat(400)]) {
      assert.equal(holds('vers:npm/>=0.0.0', version), false, version)
    }
  })

  it('is refused where its order is not known, or it says two things', () => {
    const refused: [range: string, type: string, fault: string][] = [
      ['vers:deb/>=1.0.0', 'deb', 'type_unsupported'],
      ['vers:semver/>=1.0.0', 'deb', 'type_unsupported'],
      ['vers:npm/>=1.0.0', 'cargo', 'type_differs'],
      ['vers:npm/>=2.0.0|<1.0.0', 'npm', 'unordered'],
      ['vers:npm/>=1.0.0|<1.0.0', 'npm', 'unordered'],
      ['vers:npm/>=1.0.0|>=2.0.0', 'npm', 'malformed'],
      ['vers:npm/<1.0.0|<2.0.0', 'npm', 'malformed'],
      ['vers:npm/!=1.0.0', 'npm', 'malformed'],
      ['vers:npm/*', 'npm', 'malformed'],
      ['vers:npm/', 'npm', 'malformed'],
      ['vers:npm/>=x', 'npm', 'malformed'],
      ['vers:npm/>=%zz', 'npm', 'malformed'],
      ['>=1.0.0', 'npm', 'malformed'],
      [`vers:npm/${Array.from({ length: 21 }, (_, at) => `${at}.0.0`).join('|')}`, 'npm', 'malformed'],
    ]
    for (const [range, type, fault] of refused) assert.equal(parseVersionRange(range, type), fault, range)
  })
})
