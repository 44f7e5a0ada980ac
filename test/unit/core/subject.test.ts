import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { AppError } from '../../../src/core/app-error.ts'
import { parseSubject } from '../../../src/core/subject.ts'

const HEX = 'a'.repeat(64)

function refusal(text: string): string {
  try {
    parseSubject(text)
  } catch (error) {
    assert.ok(error instanceof AppError)
    assert.ok(error.remedy)
    return String(error.code)
  }
  return 'accepted'
}

describe('a subject', () => {
  it('is a digest', () =>
    assert.deepEqual(parseSubject(`sha256:${HEX}`), { kind: 'artifact', id: `sha256:${HEX}`, digest: `sha256:${HEX}`, name: undefined }))

  it('is a name with a digest: the digest is the identity, the name an alias', () => {
    const subject = parseSubject(`registry.example.com:5000/acme/app:1.2@sha256:${HEX}`)
    assert.equal(subject.id, `sha256:${HEX}`)
    assert.equal(subject.kind === 'artifact' && subject.name, 'registry.example.com:5000/acme/app:1.2')
  })

  it('is a source revision, the same with and without .git and in any letter case of the host', () => {
    const commit = 'b'.repeat(40)
    const plain = parseSubject(`git+https://git.example.com/acme/app@${commit}`)
    assert.deepEqual(parseSubject(`git+https://GIT.example.com/acme/app.git@${commit}`), plain)
    assert.equal(plain.kind === 'source' && plain.repository, 'git.example.com/acme/app')
  })

  it('is refused with the command that prints the digest when it is only a tag', () => {
    assert.equal(refusal('registry.example.com/acme/app:1.2'), 'subject_is_tag')
    assert.equal(refusal('nginx'), 'subject_is_tag')
  })

  it('is refused when malformed', () => {
    for (const text of [
      `sha256:${'A'.repeat(64)}`,
      'sha256:abc',
      `app@sha512:${HEX}`,
      `@sha256:${HEX}`,
      'git+https://h/r@main',
      'a b',
      `app@sha256:${HEX}\n`,
      `git+https://h/\u001b[2J@${'b'.repeat(40)}`,
      `git+https://h/\u202er@${'b'.repeat(40)}`,
      `git+https://h/${'\u{20000}'.repeat(250)}@${'b'.repeat(40)}`,
    ]) {
      assert.equal(refusal(text), 'subject_malformed', text)
    }
    assert.equal(refusal(''), 'subject_missing')
  })
})
