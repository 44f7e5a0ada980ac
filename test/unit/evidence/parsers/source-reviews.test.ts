import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [FIRST, HEAD, MERGE] = [`${'2'.repeat(39)}b`, `${'3'.repeat(39)}c`, `${'4'.repeat(39)}d`]

type Json = Record<string, unknown>

function part(document: Json, name: string): Json {
  return document[name] as Json
}

const at = (minute: number): string => `2026-11-02T11:${String(minute).padStart(2, '0')}:00Z`

/** One review of the pull request, as GitHub lists it. */
function review(login: string, state: string, minute: number, over: Json = {}): Json {
  return { user: { login, type: 'User' }, state, submitted_at: at(minute), commit_id: HEAD, author_association: 'MEMBER', ...over }
}

describe('the parser of GitHub’s reviews', () => {
  const reviewed = jsonFixture('github-review/reviewed.json')
  const changed = (changes: Json): Json => ({ ...reviewed, ...changes })
  const documentOf = (changes: Json): Json => readDocument(changed(changes)).document as Json
  const approvals = (...reviews: Json[]): unknown => documentOf({ reviews })['approvals']

  it('reads who approved the last commit, what the branch demands and what ran', () => {
    const { scanned, completeness, tool, reportedAt, examined, document, authorship } = read('github-review/reviewed.json')
    assert.deepEqual([scanned, completeness, tool.name], [['source-review', 'change'], 'complete', 'github'])
    assert.deepEqual([reportedAt, examined], ['2026-11-02T10:00:01Z', ['review of github.com/acme/app/pull/7']])
    assert.deepEqual(document, {
      change: 'github.com/acme/app/pull/7',
      revisions: [`git+https://github.com/acme/app@${HEAD}`, `git+https://github.com/acme/app@${MERGE}`],
      base: 'main',
      protected: true,
      approvals: [{ by: 'eve-acme', current: true, independent: true }],
      objections: [],
      checks: [
        { name: 'build', result: 'success', required: true },
        { name: 'docs', result: 'skipped', required: false },
        { name: 'legal/cla', result: 'success', required: true },
      ],
      commits: 2,
      signed: 1,
      code_owners: 'approved',
    })
    assert.deepEqual(authorship, read('github-pull-request/merged.json').authorship)
  })

  it('counts the last opinion of each, and a comment is none', () => {
    assert.deepEqual(documentOf({ reviews: [review('eve', 'APPROVED', 1), review('eve', 'CHANGES_REQUESTED', 2)] })['objections'], ['eve'])
    assert.deepEqual(approvals(review('eve', 'APPROVED', 1), review('eve', 'DISMISSED', 2)), [])
    assert.deepEqual(approvals(review('eve', 'DISMISSED', 1)), [])
    assert.deepEqual(approvals(review('eve', 'APPROVED', 2), review('eve', 'CHANGES_REQUESTED', 1), review('eve', 'COMMENTED', 3)), [
      { by: 'eve', current: true, independent: true },
    ])
  })

  it('tells apart who had a hand in the change, machines, outsiders, and approvals of an older commit', () => {
    const independent = (by: string, over: Json = {}): unknown => {
      const [approval] = approvals(review(by, 'APPROVED', 1, over)) as Json[]
      return approval?.['independent']
    }
    assert.equal(independent('eve'), true)
    for (const by of ['ann-acme', 'ANN-ACME', 'ben-acme']) assert.equal(independent(by), false, by)
    assert.equal(independent('helper[bot]', { user: { login: 'helper[bot]', type: 'Bot' } }), false)
    for (const kind of ['NONE', 'CONTRIBUTOR', undefined]) assert.equal(independent('eve', { author_association: kind }), false)
    assert.deepEqual(approvals(review('eve', 'APPROVED', 1, { commit_id: FIRST })), [{ by: 'eve', current: false, independent: true }])
  })

  it('lets no outsider object', () => {
    const objections = (kind: string): unknown =>
      documentOf({ reviews: [review('x', 'CHANGES_REQUESTED', 1, { author_association: kind })] })['objections']
    assert.deepEqual([objections('NONE'), objections('COLLABORATOR')], [[], ['x']])
  })

  it('is partial where the reviews, the rules, the checks or the commits may go on', () => {
    const many = (count: number): Json[] => Array.from({ length: count }, (_, index) => review(`r${index}`, 'COMMENTED', index % 60))
    const completeness = (changes: Json): string => readDocument(changed(changes)).completeness
    for (const count of [30, 100]) assert.equal(completeness({ reviews: many(count) }), 'partial', String(count))
    assert.equal(completeness({ reviews: [many(100)] }), 'partial')
    assert.equal(completeness({ reviews: [many(100), many(100)] }), 'partial')
    assert.equal(completeness({ reviews: [many(100), many(30)] }), 'complete')
    assert.equal(completeness({ reviews: many(29) }), 'complete')
    assert.equal(completeness({ rules: Array.from({ length: 30 }, () => ({ type: 'deletion' })) }), 'partial')
    assert.equal(completeness({ check_runs: { ...part(reviewed, 'check_runs'), total_count: 3 } }), 'partial')
    assert.equal(completeness({ status: { sha: HEAD, statuses: [] } }), 'partial')
    assert.equal(completeness({ commits: (reviewed['commits'] as Json[]).slice(1) }), 'partial')
    assert.equal(completeness({ commits: [reviewed['commits']], check_runs: [reviewed['check_runs']] }), 'complete')
  })

  it('knows a branch as protected only where it is said what that means', () => {
    const isProtected = (changes: Json): unknown => documentOf({ branch: null, rules: [], ...changes })['protected']
    assert.equal(isProtected({ rules: undefined }), null)
    assert.equal(isProtected({}), false)
    assert.equal(isProtected({ branch: { name: 'main', protected: true } }), false)
    assert.equal(isProtected({ branch: { name: 'main', protected: false, protection: { enabled: false } } }), false)
    assert.equal(isProtected({ rules: [{ type: 'deletion' }] }), false)
    assert.equal(isProtected({ rules: [{ type: 'pull_request', parameters: {} }] }), true)
    assert.equal(isProtected({ protection: { url: 'https://api.github.com/repos/acme/app/branches/main/protection' } }), true)
  })

  it('refuses what is of another branch or commit', () => {
    for (const changes of [
      { branch: { name: 'next', protected: true } },
      { protection: { url: 'https://api.github.com/repos/acme/app/branches/next/protection' } },
      { protection: { message: 'Branch not protected' } },
      { check_runs: { total_count: 1, check_runs: [{ name: 'build', head_sha: FIRST, status: 'completed', conclusion: 'success' }] } },
      { status: { sha: FIRST, total_count: 0, statuses: [] } },
    ])
      assert.equal(refusal(changed(changes)), 'report_malformed', JSON.stringify(changes))
  })

  it('has a required check as absent that did not run, or only by another app', () => {
    const checks = (changes: Json): unknown[] => (documentOf(changes)['checks'] as Json[]).filter(({ required }) => required)
    assert.deepEqual(checks({ check_runs: undefined, status: undefined }), [
      { name: 'build', result: 'absent', required: true },
      { name: 'legal/cla', result: 'absent', required: true },
    ])
    const runs = part(reviewed, 'check_runs')
    const byAnother = (runs['check_runs'] as Json[]).map((run) => ({ ...run, app: { id: 7 } }))
    assert.deepEqual(checks({ check_runs: { ...runs, check_runs: byAnother } })[1], { name: 'build', result: 'absent', required: true })
    const running = (runs['check_runs'] as Json[]).map((run) => ({ ...run, status: 'in_progress', conclusion: null }))
    assert.deepEqual(checks({ check_runs: { ...runs, check_runs: running } })[0], { name: 'build', result: 'in_progress', required: true })
  })

  it('knows of the code owners only where the branch demands them and GitHub says so', () => {
    const codeOwners = (changes: Json): unknown => documentOf(changes)['code_owners']
    assert.deepEqual(
      [{ rules: [] }, { review_decision: null }, { review_decision: 'REVIEW_REQUIRED' }, { review_decision: 'APPROVED' }].map(codeOwners),
      ['unknown', 'unknown', 'pending', 'approved'],
    )
  })

  it('takes nothing for a text or a number that is none', () => {
    const unreadable = { toString: 1 }
    assert.equal(refusal(changed({ pull_request: { ...part(reviewed, 'pull_request'), number: unreadable } })), 'read')
    assert.equal(refusal(changed({ status: { sha: unreadable, total_count: 0, statuses: [] } })), 'report_malformed')
  })

  it('refuses reviews that it does not understand, and is no format without them', () => {
    assert.equal(refusal(changed({ reviews: [review('eve', 'REJECTED', 1)] })), 'report_malformed')
    assert.equal(refusal(changed({ reviews: [review('eve', 'APPROVED', 1, { submitted_at: null })] })), 'report_malformed')
    assert.equal(refusal(changed({ reviews: { message: 'Not Found' } })), 'report_malformed')
    assert.equal(refusal(jsonFixture('github-pull-request/merged.json'), 'github-review'), 'report_wrong_format')
    assert.equal(refusal(reviewed, 'github-pull-request'), 'report_wrong_format')
  })
})

describe('the parser of GitLab’s approvals', () => {
  const approved = jsonFixture('gitlab-review/approved.json')
  const changed = (changes: Json): Json => ({ ...approved, ...changes })
  const documentOf = (changes: Json): Json => readDocument(changed(changes)).document as Json
  const approvalOf = (changes: Json): unknown => (documentOf(changes)['approvals'] as unknown[])[0]

  it('reads who approved after the last push, the pipeline and the branch', () => {
    const { scanned, completeness, tool, reportedAt, document, authorship } = read('gitlab-review/approved.json')
    assert.deepEqual(
      [scanned, completeness, tool.name, reportedAt],
      [['source-review', 'change'], 'complete', 'gitlab', '2026-11-02T10:00:01.000Z'],
    )
    assert.deepEqual(document, {
      change: 'gitlab.example.com/acme/shop/app/-/merge_requests/12',
      revisions: [HEAD, MERGE].map((commit) => `git+https://gitlab.example.com/acme/shop/app@${commit}`),
      base: 'main',
      protected: true,
      approvals: [{ by: 'ben', current: true, independent: true }],
      objections: [],
      checks: [{ name: 'pipeline', result: 'success', required: true }],
      commits: 1,
      signed: 1,
      code_owners: 'approved',
    })
    assert.deepEqual(authorship, read('gitlab-merge-request/merged.json').authorship)
  })

  it('takes an approval for one of the last commit only where that is known', () => {
    const current = (changes: Json): unknown => (approvalOf(changes) as Json)['current']
    assert.equal(current({ versions: undefined }), false)
    assert.equal(current({ versions: undefined, settings: { reset_approvals_on_push: true } }), true)
    const [last, first] = approved['versions'] as Json[]
    assert.equal(current({ versions: [{ ...last, created_at: '2026-11-02T09:50:00.000Z' }, first] }), false)
    assert.equal(current({ versions: [first] }), false)
  })

  it('tells apart the author, who goes by the name of a committer, and tokens of projects', () => {
    const independent = (user: Json, changes: Json = {}): unknown =>
      (approvalOf({ approvals: { approved_by: [{ user, approved_at: '2026-11-02T09:45:00.000Z' }] }, ...changes }) as Json)['independent']
    assert.equal(independent({ username: 'eve', name: 'Eve' }), true)
    assert.equal(independent({ username: 'Ann', name: 'Somebody' }), false)
    assert.equal(independent({ username: 'c', name: 'carl' }), false)
    assert.equal(independent({ username: 'c', name: 'carl' }, { settings: { merge_requests_disable_committers_approval: true } }), true)
    assert.equal(independent({ username: 'project_9_bot_0a1b', name: 'deploy' }), false)
  })

  it('hears who asks for changes', () => {
    const reviewers = [{ user: { username: 'eve' }, state: 'requested_changes' }]
    assert.deepEqual(documentOf({ reviewers })['objections'], ['eve'])
    const merge_request = { ...part(approved, 'merge_request'), detailed_merge_status: 'requested_changes' }
    assert.deepEqual(documentOf({ merge_request, reviewers: undefined })['objections'], ['somebody'])
  })

  it('has no pipeline where it ran on another commit', () => {
    const merge = part(approved, 'merge_request')
    const result = (pipeline: Json | null): unknown =>
      (documentOf({ merge_request: { ...merge, head_pipeline: pipeline } })['checks'] as Json[])[0]?.['result']
    assert.equal(result(null), 'absent')
    assert.equal(result({ sha: FIRST, ref: 'prices', status: 'success' }), 'absent')
    assert.equal(result({ sha: FIRST, ref: 'refs/merge-requests/12/merge', status: 'failed' }), 'failed')
  })

  it('knows protected branches by their patterns, and refuses another’s', () => {
    assert.equal(documentOf({ protected_branch: undefined })['protected'], null)
    assert.equal(documentOf({ protected_branch: { name: 'm*n' } })['protected'], true)
    assert.equal(refusal(changed({ protected_branch: { name: 'release-*' } })), 'report_malformed')
    assert.equal(refusal(changed({ protected_branch: { message: '404 Not found' } })), 'report_malformed')
  })

  it('has pending code owners, external checks and commits without a signature', () => {
    const rules = [{ rule_type: 'code_owner', approved: false }]
    assert.equal(documentOf({ approval_state: { rules } })['code_owners'], 'pending')
    assert.equal(documentOf({ approval_state: undefined })['code_owners'], 'unknown')
    const status_checks = [
      { name: 'legal', status: 'passed' },
      { name: 'risk', status: 'pending' },
    ]
    assert.deepEqual((documentOf({ status_checks })['checks'] as unknown[]).slice(1), [
      { name: 'legal', result: 'success', required: true },
      { name: 'risk', result: 'pending', required: true },
    ])
    assert.deepEqual([documentOf({ signatures: {} })['signed'], documentOf({ signatures: undefined })['signed']], [0, null])
  })

  it('is partial without all commits, and refuses what holds no approvals', () => {
    const [commit] = approved['commits'] as Json[]
    assert.equal(readDocument(changed({ commits: [] })).completeness, 'partial')
    assert.equal(readDocument(changed({ commits: Array.from({ length: 20 }, () => commit) })).completeness, 'partial')
    assert.equal(refusal(changed({ approvals: { message: '403 Forbidden' } })), 'report_malformed')
    assert.equal(refusal(jsonFixture('gitlab-merge-request/merged.json'), 'gitlab-review'), 'report_wrong_format')
    assert.equal(refusal(approved, 'gitlab-merge-request'), 'report_wrong_format')
  })
})

describe('the source-review parser', () => {
  const approved = jsonFixture('source-review/approved.json')

  it('works out itself whose approval counts', () => {
    const { scanned, tool, reportedAt, document } = read('source-review/approved.json')
    assert.deepEqual([scanned, tool.name, reportedAt], [['source-review'], 'bitbucket', '2026-11-02T10:00:01Z'])
    assert.deepEqual(
      document?.['revisions'],
      [HEAD, MERGE].map((commit) => `git+https://bitbucket.org/acme/app@${commit}`),
    )
    assert.deepEqual(document?.['approvals'], [
      { by: 'ben', current: true, independent: true },
      { by: 'Ann', current: true, independent: false },
      { by: 'eve', current: false, independent: true },
    ])
  })

  it('knows nothing of what is not stated', () => {
    const { schema, repository, change, head, base, authors, approvals } = approved
    const { document } = readDocument({ schema, repository, change, head, base, authors, approvals, signedCommits: 3 })
    assert.deepEqual(
      ['protected', 'objections', 'checks', 'commits', 'signed', 'code_owners'].map((name) => document?.[name]),
      [null, [], [], null, null, 'unknown'],
    )
  })

  it('refuses what does not fit its schema', () => {
    for (const wrong of [{ authors: [] }, { head: 'main' }, { repository: 'app' }, { reviewed: true }, { approvals: [{ by: 'ben' }] }])
      assert.equal(refusal({ ...approved, ...wrong }), 'report_malformed', JSON.stringify(wrong))
  })
})
