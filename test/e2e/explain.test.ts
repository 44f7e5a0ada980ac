import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'

import type { DecidingParameter, ExplainedBinding, ExplainedRule } from '../../src/decisions/explain/explanation.ts'
import type { Client, DecisionBody } from '../support/client.ts'
import { freshDigest, junit, lcov, trivy } from '../support/reports.ts'
import { startService, type RunningService } from '../support/service.ts'

interface ExplanationBody {
  decision: string
  verdict: string
  obstacle: null
  bindings: ExplainedBinding[]
}

describe('An explanation of a decision', () => {
  let service: RunningService
  let admin: Client
  let subject: string
  let decision: DecisionBody
  let explanation: ExplanationBody

  before(async () => {
    service = await startService()
    admin = service.admin
    subject = freshDigest()
    await admin.submit(subject, trivy({ severities: ['CRITICAL', 'CRITICAL', 'CRITICAL', 'LOW'] }))
    await admin.submit(subject, lcov(71))
    await admin.submit(subject, junit({ passed: 3, failed: 2 }))
    decision = await admin.decide({ subject, stage: 'production' })
    explanation = (await admin.get(`/v1/decisions/${decision.id}/explain?format=json`)).json()
  })
  after(() => service[Symbol.asyncDispose]())

  function ruleOf(rule: string): ExplainedRule {
    const found = explanation.bindings.flatMap(({ rules }) => rules).find((each) => each.rule === rule)
    assert.ok(found, `${rule} is not explained`)
    return found
  }

  function parameterOf(rule: string, path: string): DecidingParameter {
    const found = ruleOf(rule).parameters.find((each) => each.path === path)
    assert.ok(found, `${path} is not among ${JSON.stringify(ruleOf(rule).parameters)}`)
    return found
  }

  it('names every rule of every pack that judged, and what it did to the verdict', () => {
    assert.deepEqual([explanation.decision, explanation.verdict, explanation.obstacle], [decision.id, 'deny', null])
    assert.deepEqual(
      explanation.bindings.map(({ binding, complete }) => [binding, complete]),
      [...new Set(explanation.bindings.map(({ binding }) => binding))].map((binding) => [binding, true]),
    )
    assert.deepEqual([ruleOf('vulnerabilities.max_severity').effect, ruleOf('vulnerabilities.scan_too_old').effect], ['denies', 'none'])
    assert.equal(ruleOf('coverage.below_minimum').effect, 'warns')
  })

  it('names the facts that a rule rests on, with what they say', () => {
    const { facts } = ruleOf('coverage.below_minimum')
    assert.deepEqual(
      facts.filter(({ path }) => path === '/evidence/0/coverage/lines'),
      [{ path: '/evidence/0/coverage/lines', value: 71 }],
    )
    const findings = ruleOf('vulnerabilities.max_severity').facts.filter(({ path }) => /\/findings\/\d+$/.test(path))
    assert.deepEqual(
      findings.map(({ value }) => (value as { severity: string }).severity),
      ['critical', 'critical', 'critical'],
      'the low one is in no way read by a rule that sets no limit for it',
    )
  })

  it('names the parameter that decided, and the nearest number that would have turned the rule', () => {
    const { value, flip } = parameterOf('vulnerabilities.max_severity', '/parameters/max/critical')
    assert.deepEqual([value, flip?.to, flip?.state, flip?.step], [0, 3, 'holds', 1])
    assert.equal(flip?.verdict, 'deny', 'failed tests deny as well')
    const lines = parameterOf('coverage.below_minimum', '/parameters/minimum/lines')
    assert.deepEqual([lines.value, lines.flip?.to, lines.flip?.state], [80, 71, 'holds'])
  })

  it('is right about the nearest number: with it the rule is kept, with the one before it isn’t', async () => {
    const judgedWith = async (critical: number): Promise<boolean> => {
      await admin.put('/v1/bindings/vulnerabilities', {
        pack: 'vulnerabilities',
        mode: 'enforce',
        parameters: { max: { critical, high: 0 } },
      })
      const { violations } = await admin.decide({ subject, stage: 'production', dryRun: true })
      return violations.some(({ rule }) => rule === 'vulnerabilities.max_severity')
    }
    assert.deepEqual([await judgedWith(2), await judgedWith(3)], [true, false])
  })

  it('is of what was recorded, whatever bindings say since', async () => {
    const again = (await admin.get(`/v1/decisions/${decision.id}/explain`, { accept: 'application/json' })).json()
    assert.deepEqual(again, explanation)
  })

  it('is told as text behind the reasons, and as JUnit XML with a test case for each rule', async () => {
    const text = (await admin.get(`/v1/decisions/${decision.id}/explain`)).text
    assert.match(text, /^DENY {2}sha256:/)
    assert.match(text, /decided by parameter \/parameters\/max\/critical = 0; with 3 it is kept, and the verdict deny/)
    const xml = (await admin.get(`/v1/decisions/${decision.id}/explain?format=junit`)).text
    assert.match(xml, /<testcase classname="vulnerabilities" name="vulnerabilities.max_severity">\n\s*<failure /)
    assert.match(xml, /rests on \/evidence\/0\/coverage\/lines = 71/)
  })

  it('says nothing to whoever may not see the decision', async () => {
    const token = await admin.issueToken({
      principal: 'admin',
      description: 'other',
      scopes: ['decisions:read'],
      confinement: { repositories: ['acme/other'] },
    })
    assert.equal((await admin.as(token).get(`/v1/decisions/${decision.id}/explain?format=json`)).status, 404)
  })
})
