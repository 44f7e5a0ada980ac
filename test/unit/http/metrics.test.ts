import { doesNotMatch, equal, match } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { createMetrics } from '../../../src/http/metrics.ts'

describe('Metrics', () => {
  it('count decisions by verdict and stage', async () => {
    const { telemetry, registry } = createMetrics()
    telemetry.decided('deny', 'production', false, null)
    telemetry.decided('deny', 'production', false, null)
    telemetry.decided('allow', 'production', true, null)
    const text = await registry.metrics()
    match(text, /portcullis_decisions_total\{verdict="deny",stage="production",dry_run="false"\} 2/)
    match(text, /portcullis_decisions_total\{verdict="allow",stage="production",dry_run="true"\} 1/)
  })

  it('do not grow with the stages that callers invent', async () => {
    const { telemetry, registry } = createMetrics()
    for (let i = 0; i < 1000; i++) telemetry.decided('deny', `stage-${i}`, false, null)
    telemetry.decided('deny', 'stage-0', false, null)
    const text = await registry.metrics()
    equal(text.match(/^portcullis_decisions_total\{/gm)?.length, 51)
    match(text, /stage="other",dry_run="false"\} 950/)
    match(text, /stage="stage-0",dry_run="false"\} 2/)
  })

  it('count deployments as they start and end, and those without any allow', async () => {
    const { telemetry, registry } = createMetrics()
    for (const state of ['started', 'succeeded']) {
      telemetry.deployed({ environment: 'production', grounded: true, bypass: false, state, project: null })
      telemetry.deployed({ environment: 'production', grounded: false, bypass: true, state, project: null })
      telemetry.deployed({ environment: 'production', grounded: false, bypass: false, state, project: null })
    }
    const text = await registry.metrics()
    match(text, /portcullis_deployments_total\{environment="production",grounded="true",outcome="started"\} 1/)
    match(text, /portcullis_deployments_total\{environment="production",grounded="false",outcome="succeeded"\} 2/)
    match(text, /portcullis_deployment_bypasses_total\{environment="production"\} 1/)
    for (let i = 0; i < 1000; i++)
      telemetry.deployed({ environment: `pr-${i}`, grounded: false, bypass: true, state: 'started', project: null })
    equal((await registry.metrics()).match(/^portcullis_deployment_bypasses_total\{/gm)?.length, 51)
  })

  it('name the project of what belongs to one, and who owns it', async () => {
    const metrics = createMetrics()
    metrics.observeOwners(
      async () =>
        new Map([
          ['shop', ['shoppers', 'payments']],
          ['unused', ['shoppers']],
        ]),
    )
    metrics.observeBaselines(async () => [
      { binding: 'tests', project: 'shop', count: 3 },
      { binding: 'tests', project: null, count: 2 },
    ])
    metrics.telemetry.decided('deny', 'production', false, 'shop')
    metrics.telemetry.decided('deny', 'production', false, null)
    metrics.telemetry.deployed({ environment: 'production', grounded: false, bypass: true, state: 'started', project: 'shop' })
    const text = await metrics.registry.metrics()
    match(text, /portcullis_decisions_total\{verdict="deny",stage="production",dry_run="false",project="shop"\} 1/)
    match(text, /portcullis_decisions_total\{verdict="deny",stage="production",dry_run="false"\} 1/)
    match(text, /portcullis_deployments_total\{environment="production",grounded="false",outcome="started",project="shop"\} 1/)
    match(text, /portcullis_deployment_bypasses_total\{environment="production",project="shop"\} 1/)
    match(text, /portcullis_baseline_findings\{binding="tests",project="shop"\} 3/)
    match(text, /portcullis_baseline_findings\{binding="tests"\} 2/)
    match(
      text,
      /portcullis_project_owner\{project="shop",team="shoppers"\} 1\nportcullis_project_owner\{project="shop",team="payments"\} 1/,
    )
    doesNotMatch(text, /unused/)
  })

  it('do not grow with the projects that come and go', async () => {
    const { telemetry, registry } = createMetrics()
    for (let i = 0; i < 1000; i++) telemetry.decided('deny', 'test', false, `project-${i}`)
    const text = await registry.metrics()
    equal(text.match(/^portcullis_decisions_total\{/gm)?.length, 201)
    match(text, /project="other"\} 800/)
  })

  it('have histograms of requests, evaluations and commits', async () => {
    const { telemetry, requests, registry } = createMetrics()
    telemetry.evaluated(0.002)
    telemetry.committed(0.003)
    requests.started()
    requests.started()
    requests.finished('createDecision', 200, 0.004)
    const text = await registry.metrics()
    match(text, /portcullis_policy_evaluation_duration_seconds_count 1/)
    match(text, /portcullis_commit_duration_seconds_sum 0\.003/)
    match(text, /portcullis_http_request_duration_seconds_bucket\{le="0\.005",operation="createDecision",status="200"\} 1/)
    match(text, /portcullis_http_requests_in_flight 1/)
  })

  it('of one service are not those of another in the same process', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.telemetry.decided('allow', 'test', false, null)
    doesNotMatch(await other.registry.metrics(), /stage="test"/)
  })
})
