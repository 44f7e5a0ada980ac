import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { sha256Digest } from '../../../src/core/digest.ts'
import type { SelectionContext, SelectionRules } from '../../../src/decisions/evidence-selection.ts'
import type { FactsReader, ObservedEvidence } from '../../../src/decisions/ports.ts'
import { ViewCache } from '../../../src/decisions/view-cache.ts'
import type { Evidence } from '../../../src/evidence/index.ts'
import { counts, documentOf, observed, vulnerability } from '../../support/evidence.ts'

const RULES: SelectionRules = {
  classes: ['vulnerabilities'],
  from: [],
  minTrust: 'asker',
  allowMismatch: false,
  linkProof: 'declared',
  vexPackagesFrom: [],
}

/** A store whose revision and evidence the test sets; counts what is read. */
function storeOf(findings: number, summary: Partial<Evidence['summary']> = {}) {
  const state = { revision: 1, reads: [] as string[], failing: false }
  const evidence = new Map<string, ObservedEvidence>()
  const reader: FactsReader = {
    evidenceRevision: () => Promise.resolve(state.revision),
    revision: () => Promise.resolve(String(state.revision)),
    about: (subject) => {
      state.reads.push(subject)
      const item = evidence.get(subject) ?? observed({ evidence: { subject, summary: { scanned: ['vulnerabilities'], ...summary } } })
      evidence.set(subject, item)
      return Promise.resolve({ links: [], observed: [item] })
    },
    evidence: () => Promise.resolve(new Map()),
    document: () =>
      state.failing
        ? Promise.reject(new Error('no store'))
        : Promise.resolve(documentOf(Array.from({ length: findings }, (_, at) => vulnerability(`CVE-2026-${at}`, 'high')))),
    firstSeen: () => Promise.resolve(new Map()),
    previousCoverage: () => Promise.resolve(undefined),
    subjectsReporting: async () => [],
    holders: () => Promise.resolve(new Map()),
    newestDecisions: () => Promise.resolve([]),
    priorDecisions: () => Promise.resolve([]),
    lastGroundedDeployment: () => Promise.resolve(undefined),
    groundedDeployments: () => Promise.resolve([]),
  }
  return { state, cache: new ViewCache(reader) }
}

function about(subject: string, until?: number): SelectionContext {
  return { subject: sha256Digest(subject), askerId: 'ci', askerIssuerIds: ['ops'], repositories: null, repository: null, until }
}

describe('views kept between decisions', () => {
  it('are read once for all who ask at the same time, and again only when evidence changed', async () => {
    const { state, cache } = storeOf(1)
    await Promise.all([cache.view(about('a'), undefined), cache.view(about('a'), undefined)])
    await cache.view(about('a'), undefined)
    assert.equal(state.reads.length, 1)
    state.revision++
    await cache.view(about('a'), undefined)
    assert.equal(state.reads.length, 2)
  })

  it('are not shared between askers, whose own reports count differently', async () => {
    const { state, cache } = storeOf(1)
    await cache.view(about('a'), undefined)
    await cache.view({ ...about('a'), askerId: 'another' }, undefined)
    await cache.view({ ...about('a'), askerIssuerIds: ['another'] }, undefined)
    assert.equal(state.reads.length, 3)
  })

  it('read again after a read that failed', async () => {
    const { cache, state } = storeOf(1)
    const view = await cache.view(about('a'), undefined)
    state.failing = true
    await assert.rejects(view.evidenceFor(RULES, []))
    state.failing = false
    assert.equal((await view.evidenceFor(RULES, [])).composed.input.length, 1)
  })

  it('refuse more findings than can be judged together, without reading them', async () => {
    const { cache, state } = storeOf(1, { counts: counts({ critical: 50_001 }) })
    state.failing = true
    const { fault } = await (await cache.view(about('a'), undefined)).evidenceFor(RULES, [])
    assert.match(fault ?? '', /50001 findings/)
  })

  it('are never used for a question about another time', async () => {
    const { state, cache } = storeOf(1)
    await cache.view(about('a'), undefined)
    await cache.view(about('a', Date.now()), undefined)
    assert.equal(state.reads.length, 2)
  })

  it('make room for others when they hold much text, the least recently used first', async () => {
    const { state, cache } = storeOf(20_000)
    for (const subject of ['a', 'b', 'c', 'd', 'e']) await (await cache.view(about(subject), undefined)).evidenceFor(RULES, [])
    assert.equal(state.reads.length, 5)
    await cache.view(about('e'), undefined)
    assert.equal(state.reads.length, 5, 'the newest is kept')
    await cache.view(about('a'), undefined)
    assert.equal(state.reads.length, 6, 'the oldest had to go')
  })

  it('do not keep a failure to read', async () => {
    const { state, cache } = storeOf(1)
    const failing = new ViewCache({
      evidenceRevision: () => Promise.resolve(1),
      about: () => Promise.reject(new Error('down')),
    } as unknown as FactsReader)
    await assert.rejects(failing.view(about('a'), undefined))
    await assert.rejects(failing.view(about('a'), undefined))
    await cache.view(about('a'), undefined)
    assert.equal(state.reads.length, 1)
  })
})
