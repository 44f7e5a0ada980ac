import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { matchesRepository, onlyRepository, repositoriesMayMeet, repositoryGlobFault } from '../../../src/core/repository.ts'

describe('repository names', () => {
  it('match a glob without a host on any host, and a host-qualified one on that host only', () => {
    assert.ok(matchesRepository('acme/*', 'git.example.com/acme/app'))
    assert.ok(matchesRepository('git.example.com/acme/*', 'git.example.com/acme/app'))
    assert.ok(!matchesRepository('git.example.com/acme/*', 'git.example.org/acme/app'))
    assert.ok(!matchesRepository('git.example.com/acme/*', 'acme/app'))
  })

  it('are known only where one exact name is given', () => {
    assert.equal(onlyRepository(['acme/app']), 'acme/app')
    assert.equal(onlyRepository(['acme/*']), undefined)
    assert.equal(onlyRepository(['acme/app', 'acme/lib']), undefined)
    assert.equal(onlyRepository(undefined), undefined)
  })

  it('may meet across qualified and unqualified globs', () => {
    assert.ok(repositoriesMayMeet(['git.example.com/acme/*'], ['acme/app']))
    assert.ok(!repositoriesMayMeet(['git.example.com/acme/*'], ['other/app']))
  })
})

describe('a repository glob', () => {
  it('is taken in if some repository can match it at little cost', () => {
    for (const glob of ['acme/cart', 'acme/*', '**', '*/cart', 'git.example.com:8443/acme/**', '**cart', 'acme/c*t', 'git.example.com/*']) {
      assert.equal(repositoryGlobFault(glob), undefined, glob)
    }
  })

  it('is refused if no name can match it', () => {
    for (const glob of [
      '',
      ' ',
      'acme/ cart',
      'acme/cart\n',
      '/acme',
      'acme/',
      'acme//cart',
      '*',
      'cart',
      '!acme/cart',
      'https://acme/cart',
    ]) {
      assert.equal(typeof repositoryGlobFault(glob), 'string', glob)
    }
  })

  it('is refused beyond 16 wildcards or 256 characters', () => {
    assert.equal(repositoryGlobFault(`acme/${'*a'.repeat(16)}`), undefined)
    assert.match(repositoryGlobFault(`acme/${'*a'.repeat(17)}`) ?? '', /16 wildcards/)
    assert.equal(repositoryGlobFault(`acme/${'a'.repeat(251)}`), undefined)
    assert.match(repositoryGlobFault(`acme/${'a'.repeat(252)}`) ?? '', /256 characters/)
  })
})
