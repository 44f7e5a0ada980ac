import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { loginOfNoReply, type Contributor } from '../../../../src/core/contributor.ts'
import { jsonFixture, read, readDocument, refusal } from '../reading.ts'

const [HEAD, MERGE] = [`${'3'.repeat(39)}c`, `${'4'.repeat(39)}d`]

/** `role login@forge`, with `!` where the forge vouches for it, or `role address`. */
function people(contributors: readonly Contributor[] | undefined): string[] {
  return (contributors ?? []).map(({ role, forge, login, vouched, email }) =>
    login === null ? `${role} ${email}` : `${role} ${login}@${forge}${vouched ? '!' : ''}`,
  )
}

describe('the GitHub commit parser', () => {
  it('names author and committer, whose signature GitHub verified, and the co-authors by their addresses', () => {
    const { authorship, completeness, scanned } = read('github-commit/signed.json')
    assert.deepEqual([completeness, scanned], ['complete', ['change']])
    assert.deepEqual(authorship?.revisions, [`git+https://github.com/acme/app@${'1'.repeat(39)}a`])
    assert.deepEqual(people(authorship?.contributors), [
      'author ann-acme@github.com!',
      'committer ann-acme@github.com!',
      'author ann@example.com',
      'committer ann@example.com',
      'co-author ben@example.com',
      'co-author 103+carl-acme@users.noreply.github.com',
    ])
  })

  it('has no vouched author where anybody could have written the address', () => {
    assert.deepEqual(people(read('github-commit/unsigned.json').authorship?.contributors).slice(0, 2), [
      'author ann-acme@github.com',
      'committer ben-acme@github.com',
    ])
    const commit = jsonFixture('github-commit/unsigned.json')
    const signedByBen = { ...commit, commit: { ...(commit['commit'] as object), verification: { verified: true } } }
    assert.deepEqual(people(readDocument(signedByBen).authorship?.contributors).slice(0, 2), [
      'author ann-acme@github.com',
      'committer ben-acme@github.com!',
    ])
  })

  it('takes GitHub’s own commits for nobody’s, and their author for no more than an address', () => {
    const named = people(read('github-commit/web.json').authorship?.contributors)
    assert.ok(named.includes('author ann-acme@github.com'))
    assert.ok(!named.some((each) => each.includes('web-flow')))
  })

  it('knows addresses alone where GitHub knows no login', () => {
    assert.deepEqual(people(read('github-commit/unlinked.json').authorship?.contributors), [
      'author somebody@example.org',
      'committer somebody@example.org',
    ])
  })

  it('refuses what is no commit of a repository', () => {
    const commit = jsonFixture('github-commit/signed.json')
    assert.equal(refusal({ ...commit, commit: {} }, 'github-commit'), 'report_wrong_format')
    for (const html_url of ['nowhere', 'ftp://github.com/acme/app/commit/1', `https://github.com/commit/${'1'.repeat(40)}`]) {
      assert.equal(refusal({ ...commit, html_url }), 'report_malformed', html_url)
    }
    assert.equal(refusal({ ...commit, sha: 'main' }), 'report_malformed')
    const odd = { ...commit, html_url: `https://github.com/acme/app%20@x/commit/${'1'.repeat(40)}` }
    assert.ok(['read', 'report_malformed'].includes(refusal(odd)))
  })

  it('refuses a commit of more people than anybody could look at', () => {
    const commit = jsonFixture('github-commit/signed.json')
    const message = Array.from({ length: 2001 }, (_, at) => `Co-authored-by: A <a${at}@example.com>`).join('\n')
    assert.equal(refusal({ ...commit, commit: { ...(commit['commit'] as object), message } }), 'report_too_complex')
  })
})

describe('the GitHub pull request parser', () => {
  it('vouches for who opened and merged it, and names everybody of its commits', () => {
    const { authorship, completeness } = read('github-pull-request/merged.json')
    assert.equal(completeness, 'complete')
    assert.deepEqual(authorship?.revisions, [`git+https://github.com/acme/app@${HEAD}`, `git+https://github.com/acme/app@${MERGE}`])
    const named = people(authorship?.contributors)
    assert.deepEqual(named.slice(0, 2), ['author ann-acme@github.com!', 'merger ben-acme@github.com!'])
    for (const each of ['co-author ann-acme@github.com', 'co-author ben-acme@github.com!', 'co-author dora@example.com']) {
      assert.ok(named.includes(each), each)
    }
  })

  it('is not about the trial merge of one that is open, and has no merger', () => {
    const { authorship } = read('github-pull-request/open.json')
    assert.deepEqual(authorship?.revisions, [`git+https://github.com/acme/app@${HEAD}`])
    assert.ok(!people(authorship?.contributors).some((each) => each.startsWith('merger')))
  })

  it('is partial without its commits, or with fewer than there are', () => {
    assert.equal(read('github-pull-request/without-commits.json').completeness, 'partial')
    const whole = jsonFixture('github-pull-request/merged.json')
    const [first] = whole['commits'] as object[]
    assert.equal(readDocument({ ...whole, commits: [first] }).completeness, 'partial')
    assert.equal(readDocument({ ...whole, commits: null }).completeness, 'partial')
    assert.equal(refusal({ ...whole, commits: ['x'] }), 'report_malformed')
  })
})

describe('the GitLab merge request parser', () => {
  it('vouches for who opened and merged it, and names those of its commits by their addresses', () => {
    const { authorship, completeness } = read('gitlab-merge-request/merged.json')
    assert.equal(completeness, 'complete')
    const repository = 'git+https://gitlab.example.com/acme/shop/app'
    assert.deepEqual(authorship?.revisions, [`${repository}@${HEAD}`, `${repository}@${MERGE}`])
    assert.deepEqual(people(authorship?.contributors), [
      'author ann@gitlab.example.com!',
      'merger ben@gitlab.example.com!',
      'co-author ann@example.com',
      'committer carl@example.com',
      'co-author dora@example.com',
    ])
  })

  it('has no merger before it is merged, and is partial without its commits', () => {
    assert.ok(!people(read('gitlab-merge-request/open.json').authorship?.contributors).some((each) => each.startsWith('merger')))
    assert.equal(read('gitlab-merge-request/without-commits.json').completeness, 'partial')
  })
})

describe('an address that a forge gives out', () => {
  it('names the login behind it', () => {
    assert.deepEqual(loginOfNoReply('103+carl-acme@users.noreply.github.com'), { forge: 'github.com', login: 'carl-acme' })
    assert.deepEqual(loginOfNoReply('carl-acme@users.noreply.GitHub.com'), { forge: 'github.com', login: 'carl-acme' })
    assert.deepEqual(loginOfNoReply('12-carl@users.noreply.gitlab.com'), { forge: 'gitlab.com', login: 'carl' })
    assert.equal(loginOfNoReply('carl@example.com'), undefined)
  })
})
