import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { fixture, jsonFixture, read, readDocument, refusal } from '../reading.ts'

type Json = Record<string, unknown>

/** A Deployment of two pods with the labels `app=shop`. */
function deployment(container: Json = {}, spec: Json = {}): Json {
  const template = { metadata: { labels: { app: 'shop' } }, spec: { containers: [{ name: 'app', image: 'app:1', ...container }] } }
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'shop' }, spec: { replicas: 2, template, ...spec } }
}

function budget(spec: Json, namespace?: string): Json {
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace }, spec }
}

function workload(...objects: Json[]): Json {
  const { workloads } = readDocument(objects, 'kubernetes-manifest').document as { workloads: Json[] }
  return workloads[0] ?? {}
}

function containerWith(over: Json): Json {
  return (workload(deployment(over))['containers'] as Json[])[0] ?? {}
}

describe('the parser of Kubernetes manifests', () => {
  it('reads workloads with their containers, and whether a budget keeps their pods', () => {
    const { scanned, completeness, document } = read('kubernetes-manifest/ready.json')
    assert.deepEqual([scanned, completeness], [['manifests'], 'complete'])
    const resources = { limits: ['cpu', 'memory'], requests: ['cpu', 'memory'] }
    assert.deepEqual(document, {
      workloads: [
        {
          ...{ kind: 'Deployment', name: 'shop', namespace: 'shop', serves: true, several: true, budget: true },
          containers: [
            {
              ...{ name: 'migrate', image: 'registry.example:5000/acme/migrate:1.4.0', tag: '1.4.0', pinned: false },
              ...{ init: true, probes: [], ...resources },
            },
            {
              ...{ name: 'app', image: `registry.example:5000/acme/shop@sha256:${'a'.repeat(64)}`, tag: null, pinned: true },
              ...{ init: false, probes: ['liveness', 'readiness'], ...resources },
            },
          ],
        },
      ],
    })
  })

  it('reads a list of kubectl, and the pods of a CronJob', () => {
    const [job] = (read('kubernetes-manifest/list.json').document as { workloads: Json[] }).workloads
    assert.deepEqual([job?.['kind'], job?.['serves'], job?.['several']], ['CronJob', false, false])
    const only = { name: 'report', image: 'acme/report', tag: null, pinned: false, init: false, probes: [], limits: [], requests: [] }
    assert.deepEqual(job?.['containers'], [only])
  })

  it('takes a probe for one only if it asks something, and no amount for none', () => {
    assert.deepEqual(
      containerWith({ livenessProbe: {}, readinessProbe: { httpGet: null }, startupProbe: { exec: { command: [] } } })['probes'],
      ['startup'],
    )
    assert.deepEqual(containerWith({ resources: { limits: { cpu: '0', memory: '', 'nvidia.com/gpu': 1 } } })['limits'], ['nvidia.com/gpu'])
  })

  it('tells tags from ports and digests', () => {
    const told = (image: string): unknown[] => ['tag', 'pinned'].map((name) => containerWith({ image })[name])
    assert.deepEqual(told('localhost:5000/app'), [null, false])
    assert.deepEqual(told(`app:1@sha256:${'a'.repeat(64)}`), ['1', true])
    assert.deepEqual(told('app@sha256:abc'), [null, false])
  })

  it('knows which budgets keep pods', () => {
    const selector = { matchLabels: { app: 'shop' } }
    const keeps = (spec: Json, namespace?: string): unknown => workload(deployment(), budget(spec, namespace))['budget']
    for (const spec of [
      { minAvailable: 1, selector },
      { maxUnavailable: '50%', selector },
      { maxUnavailable: 0, selector },
      { minAvailable: 1, selector: {} },
    ])
      assert.equal(keeps(spec), true, JSON.stringify(spec))
    for (const spec of [
      { minAvailable: 0, selector },
      { minAvailable: '0%', selector },
      { maxUnavailable: '100%', selector },
      { selector },
      { minAvailable: 1 },
      { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
      { minAvailable: 1, selector: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['shop'] }] } },
      { minAvailable: 1, selector: { matchExpressions: [{ key: 'app', operator: 'Near' }] } },
      { minAvailable: 1, selector: { matchExpressions: 'app' } },
    ])
      assert.equal(keeps(spec), false, JSON.stringify(spec))
    assert.equal(keeps({ minAvailable: 1, selector }, 'other'), false)
  })

  it('knows of several pods by replicas or an autoscaler', () => {
    const scaler = {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 's' },
      spec: { scaleTargetRef: { kind: 'Deployment', name: 'shop' } },
    }
    const single = deployment({}, { replicas: undefined })
    assert.deepEqual([workload(single)['several'], workload(single, scaler)['several']], [false, true])
  })

  it('is empty without workloads, and refuses what it cannot read', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' } }
    assert.equal(readDocument(service, 'kubernetes-manifest').completeness, 'empty')
    for (const [document, code] of [
      [{}, 'report_wrong_format'],
      [[], 'report_wrong_format'],
      [[service, 'x'], 'report_wrong_format'],
      [deployment({ image: null }), 'report_malformed'],
      [{ ...deployment(), metadata: {} }, 'report_malformed'],
      [deployment({}, { template: {} }), 'report_malformed'],
      [
        { apiVersion: 'v1', kind: 'List', metadata: {}, items: [{ apiVersion: 'v1', kind: 'List', metadata: {}, items: [] }] },
        'report_wrong_format',
      ],
    ] as const)
      assert.equal(refusal(document, 'kubernetes-manifest'), code, JSON.stringify(document))
  })

  it('reads no YAML, and no list that was cut off', () => {
    assert.equal(refusal('apiVersion: v1\nkind: Pod\n', 'kubernetes-manifest'), 'report_malformed')
    const whole = fixture('kubernetes-manifest/list.json')
    assert.equal(refusal(whole.subarray(0, whole.length - 4), 'kubernetes-manifest'), 'report_malformed')
    assert.ok(jsonFixture('kubernetes-manifest/list.json'))
  })
})
