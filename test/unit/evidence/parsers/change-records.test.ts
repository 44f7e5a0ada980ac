import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

describe('the change-record parser', () => {
  it('reads what a ticket says, and of the back-out plan only that there is one', () => {
    const { scanned, completeness, tool, reportedAt, examined, document } = read('change-record/approved.json')
    assert.deepEqual([scanned, completeness, tool.name], [['change-record'], 'complete', 'tickets'])
    assert.deepEqual([reportedAt, examined], ['2026-10-14T16:20:00+01:00', ['ticket OPS-42']])
    assert.deepEqual(document, {
      ticket: 'OPS-42',
      state: 'Approved',
      approved: true,
      type: 'normal',
      planned_start: 1_792_049_400,
      planned_end: 1_792_056_600,
      planned_start_at: '2026-10-15T07:30:00.000Z',
      back_out_plan: true,
    })
  })

  it('knows nothing of what is not stated', () => {
    const document = { schema: 'portcullis/change-record/1', ticket: 'OPS-42', state: 'Open', backOutPlan: '   ' }
    assert.deepEqual(readDocument(document).document, {
      ticket: 'OPS-42',
      state: 'Open',
      approved: null,
      type: null,
      planned_start: null,
      planned_end: null,
      planned_start_at: null,
      back_out_plan: false,
    })
  })

  it('refuses what does not fit its schema', () => {
    const ticket = jsonFixture('change-record/approved.json')
    for (const wrong of [{ ticket: 'OPS 42' }, { ticket: undefined }, { plannedStart: '2026-10-15' }, { priority: 1 }, { state: '' }]) {
      assert.equal(refusal({ ...ticket, ...wrong }), 'report_malformed', JSON.stringify(wrong))
    }
    assert.equal(refusal({ ...ticket, schema: 'portcullis/change-record/2' }, 'change-record'), 'report_wrong_format')
  })
})

describe('the ServiceNow parser', () => {
  it('reads a change request by its stored values, which are in UTC', () => {
    const { tool, reportedAt, examined, document } = read('servicenow/change.json')
    assert.deepEqual([tool.name, reportedAt, examined], ['servicenow', '2026-10-14T15:20:00Z', ['ticket CHG0031337']])
    assert.deepEqual(document, {
      ticket: 'CHG0031337',
      state: 'Scheduled',
      approved: true,
      type: 'normal',
      planned_start: 1_792_049_400,
      planned_end: 1_792_056_600,
      planned_start_at: '2026-10-15T07:30:00.000Z',
      back_out_plan: true,
    })
  })

  it('reads the same from a reply of bare values, and from a query that found one', () => {
    const whole = read('servicenow/change.json').document
    assert.deepEqual(read('servicenow/values.json').document, whole)
    assert.deepEqual(readDocument({ result: [jsonFixture('servicenow/change.json')['result']] }).document, whole)
  })

  it('has no approval where ServiceNow says so, or while the change is on hold', () => {
    for (const changes of [
      { approval: 'requested' },
      { on_hold: 'true' },
      { approval: { value: 'rejected', display_value: 'Approved' } },
    ]) {
      const result = { ...(jsonFixture('servicenow/values.json')['result'] as object), ...changes }
      assert.equal(readDocument({ result }).document?.['approved'], false, JSON.stringify(changes))
    }
  })

  it('takes a state that no one knows for no more than a word', () => {
    const result = {
      ...(jsonFixture('servicenow/values.json')['result'] as object),
      state: '__proto__',
      start_date: '',
      end_date: '',
      sys_updated_on: '',
    }
    assert.equal(readDocument({ result }).document?.['state'], '__proto__')
  })

  it('refuses times as they are shown to somebody, since their zone is unknown', () => {
    const result = { ...(jsonFixture('servicenow/values.json')['result'] as object), state: 'Scheduled' }
    assert.equal(refusal({ result }), 'report_malformed')
    assert.equal(refusal({ result: { ...result, state: '-2', start_date: '15.01.2027 08:30' } }), 'report_malformed')
  })

  it('is empty where nothing was found, and refuses several', () => {
    assert.equal(readDocument({ result: [] }, 'servicenow').completeness, 'empty')
    const { result } = jsonFixture('servicenow/values.json')
    assert.equal(refusal({ result: [result, result] }), 'report_malformed')
    assert.equal(refusal({ result: { number: 'INC1' } }, 'servicenow'), 'report_wrong_format')
    assert.equal(refusal({ error: { message: 'No Record found' }, status: 'failure' }, 'servicenow'), 'report_wrong_format')
  })
})

describe('the Jira parser', () => {
  it('reads an issue, finding its planned window and back-out plan by the names of their fields', () => {
    const { tool, reportedAt, examined, document } = read('jira/issue.json')
    assert.deepEqual([tool.name, reportedAt, examined], ['jira', '2026-10-14T16:20:00.000+01:00', ['ticket OPS-42']])
    assert.deepEqual(document, {
      ticket: 'OPS-42',
      state: 'Approved',
      approved: null,
      type: '[System] Change',
      planned_start: 1_792_049_400,
      planned_end: 1_792_056_600,
      planned_start_at: '2026-10-15T07:30:00.000Z',
      back_out_plan: true,
    })
  })

  it('knows of no window and no plan without the names', () => {
    const document = readDocument({ ...jsonFixture('jira/issue.json'), names: undefined }).document
    assert.deepEqual([document?.['planned_start'], document?.['back_out_plan']], [null, false])
  })

  it('sees that a plan is empty, in both versions of the API', () => {
    const issue = jsonFixture('jira/issue.json')
    const fields = issue['fields'] as object
    const empty = { type: 'doc', version: 1, content: [{ type: 'paragraph', content: [{ type: 'text', text: '  ' }] }] }
    for (const [plan, expected] of [
      [empty, false],
      ['  ', false],
      ['Deploy the version before.', true],
      [null, false],
    ] as const) {
      const { document } = readDocument({ ...issue, fields: { ...fields, customfield_10103: plan } })
      assert.equal(document?.['back_out_plan'], expected, JSON.stringify(plan))
    }
  })

  it('refuses what is no issue', () => {
    const issue = jsonFixture('jira/issue.json')
    assert.equal(refusal({ ...issue, key: '../x' }, 'jira'), 'report_wrong_format')
    assert.equal(refusal({ errorMessages: ['Issue does not exist'] }, 'jira'), 'report_wrong_format')
  })
})
