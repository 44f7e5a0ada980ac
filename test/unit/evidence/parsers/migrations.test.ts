import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the migrations parser', () => {
  const checked = jsonFixture('migrations/checked.json')

  it('reads what squawk found in forward migrations, and what has no way back', () => {
    const { scanned, completeness, reportedAt, document, findings } = read('migrations/checked.json')
    assert.deepEqual([scanned, completeness, reportedAt], [['migrations'], 'complete', '2026-11-02T10:00:00+01:00'])
    assert.deepEqual(document, { migrations: 3, without_down: ['migrations/2.up.sql'] })
    assert.deepEqual(
      findings.map(({ id, location, suppressed }) => [id, location, suppressed]),
      [
        ['ban-drop-table', 'migrations/1.down.sql:1', true],
        ['ban-drop-column', 'migrations/2.up.sql:4', false],
        ['ban-drop-column', 'migrations/3.sql:9', false],
      ],
    )
  })

  it('takes a release for one without migrations only if that is said', () => {
    const { completeness, document } = read('migrations/none.json')
    assert.deepEqual([completeness, document], ['complete', { migrations: 0, without_down: [] }])
    assert.equal(readDocument({ ...checked, migrations: [], squawk: [] }).completeness, 'empty')
  })

  it('counts what stands in a file that is not listed as forward', () => {
    const migrations = [{ up: 'migrations/2.up.sql', down: 'x' }]
    assert.ok(readDocument({ ...checked, migrations }).findings.every(({ suppressed }) => !suppressed))
  })

  it('is partial where squawk could not read a file', () => {
    const squawk = [{ file: 'migrations/2.up.sql', line: 1, level: 'Error', rule_name: 'syntax-error' }]
    assert.equal(readDocument({ ...checked, squawk }).completeness, 'partial')
  })

  it('refuses what does not fit, and migrations that nothing checked', () => {
    for (const wrong of [{ squawk: undefined }, { squawk: [{}] }, { migrations: 'all' }, { migrations: [{ down: 'x' }] }, { tool: 'x' }])
      assert.equal(refusal({ ...checked, ...wrong }), 'report_malformed', JSON.stringify(wrong))
  })
})
