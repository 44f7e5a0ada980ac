import { deepEqual, match, ok } from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

const PAGES = [
  'README.md',
  'SECURITY.md',
  'CHANGELOG.md',
  'docs/approvals.md',
  'docs/architecture.md',
  'docs/backtests.md',
  'docs/calendar.md',
  'docs/evidence.md',
  'docs/identities.md',
  'docs/logins.md',
  'docs/people.md',
  'docs/outage.md',
  'docs/ownership.md',
  'docs/policies.md',
  'docs/rollback.md',
  'docs/packs.md',
  'docs/threat-model.md',
  'docs/tokens.md',
  'docs/waivers.md',
  'docs/performance.md',
  ...globSync('docs/ci/*.md'),
]

/** First segments by which a path of this repository is recognised in backticks. */
const ROOTS = /^(src|test|scripts|policies|docs|bench|\.ci)\//

describe('The documents', () => {
  for (const page of PAGES) {
    it(`${page} names only paths that exist`, () => {
      const text = readFileSync(page, 'utf8')
      const named = [...text.matchAll(/`([^`\s]+)`/g)]
        .map(([, path]) => path ?? '')
        .filter((path) => ROOTS.test(path) && !/[*<>{}…]/.test(path))
      deepEqual(
        named.filter((path) => !existsSync(path)),
        [],
      )
    })

    it(`${page} links only to pages that exist`, () => {
      const links = [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)].map(([, path]) => path ?? '')
      deepEqual(
        links.filter((path) => !existsSync(join(dirname(page), path))),
        [],
      )
    })
  }

  it('architecture.md names every folder of src', () => {
    const text = readFileSync('docs/architecture.md', 'utf8')
    const folders = ['core', 'config', 'evidence', 'policy', 'governance', 'ownership', 'decisions', 'audit', 'auth', 'storage', 'http']
    for (const folder of folders) ok(text.includes(`src/${folder}`), `src/${folder} is not explained`)
  })

  it('README.md uses only npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }
    const used = PAGES.flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/npm run ([a-z-]+)/g)].map(([, name]) => name ?? ''))
    ok(used.length > 3)
    deepEqual(
      used.filter((name) => scripts[name] === undefined),
      [],
    )
  })

  it('the changelog has a place for what comes next', () => {
    match(readFileSync('CHANGELOG.md', 'utf8'), /^## \[Unreleased\]$/m)
  })
})
