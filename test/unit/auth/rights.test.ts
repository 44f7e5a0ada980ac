import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { scopesOf, type Rights } from '../../../src/auth/authorize.ts'
import { alternativesOf, cutRights } from '../../../src/auth/rights.ts'
import type { Confinement, Role } from '../../../src/core/principal.ts'

const rights = (role: Role | readonly Role[], confinement: Confinement = {}): Rights => ({
  roles: typeof role === 'string' ? [role] : role,
  scopes: [],
  confinement,
})
const CART = { repositories: ['github.com/acme/cart'] }
const SHOP = { repositories: ['github.com/acme/shop'] }

describe('Rights that are given together', () => {
  it('add up in one place', () => {
    assert.deepEqual(alternativesOf([rights('approver'), rights('auditor')]), [rights(['approver', 'auditor'])])
  })

  it('hold in all places where each of them is given', () => {
    const both = { repositories: [...CART.repositories, ...SHOP.repositories] }
    assert.deepEqual(alternativesOf([rights('approver', CART), rights('approver', SHOP)]), [rights('approver', both)])
  })

  it('never reach where only a part of them is given', () => {
    const alternatives = alternativesOf([rights('auditor'), rights('approver', CART)])
    assert.deepEqual(alternatives, [rights('auditor'), rights(['auditor', 'approver'], CART)])
    const elsewhere = alternativesOf([rights('auditor', CART), rights('approver', SHOP)])
    assert.deepEqual(elsewhere, [rights('auditor', CART), rights('approver', SHOP)])
  })

  it('are not joined over places that differ in two ways: test in one and production in the other would be both in both', () => {
    const test = { ...CART, environments: ['test'] }
    const production = { ...SHOP, environments: ['production'] }
    assert.equal(alternativesOf([rights('approver', test), rights('approver', production)]).length, 2)
  })

  it('leave out what others contain', () => {
    assert.deepEqual(alternativesOf([rights('approver', CART), rights('admin')]), [rights('admin')])
    assert.deepEqual(alternativesOf([rights('approver'), rights('approver')]), [rights('approver')])
    const wide = { repositories: ['github.com/acme/*'] }
    assert.deepEqual(alternativesOf([rights('approver', CART), rights('approver', wide)])[0]?.confinement.repositories?.length, 2)
  })

  it('are nothing if nothing is given', () => assert.deepEqual(alternativesOf([]), []))
})

describe('Rights that rest on others', () => {
  it('stay what they are while those give as much', () => {
    const cut = cutRights(rights('approver', CART), [rights('admin')])
    assert.deepEqual(cut, { scopes: scopesOf(rights('approver')), confinement: CART })
  })

  it('lose what those lose', () => {
    const cut = cutRights(rights('admin'), [rights('auditor')])
    assert.deepEqual(cut, { scopes: scopesOf(rights('auditor')), confinement: {} })
  })

  it('follow those into a smaller place', () => {
    const cut = cutRights(rights('approver'), [rights(['approver', 'auditor'], CART)])
    assert.deepEqual(cut, { scopes: scopesOf(rights('approver')), confinement: CART })
  })

  it('end when nothing is left', () => {
    assert.equal(cutRights(rights('approver'), []), undefined)
    assert.equal(cutRights(rights('approver'), [rights('admission')]), undefined)
    assert.equal(cutRights(rights('approver', CART), [rights('approver', SHOP)]), undefined)
  })

  it('take scopes only from who gives them for the whole place', () => {
    const cut = cutRights(rights(['approver', 'auditor']), [rights('auditor'), rights(['auditor', 'approver'], CART)])
    assert.deepEqual(cut, { scopes: scopesOf(rights('auditor')), confinement: {} })
  })
})
