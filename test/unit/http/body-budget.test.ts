import { doesNotThrow, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { bodyBudgets, BodyBudget } from '../../../src/http/body-budget.ts'
import { DEFAULT_HTTP_SETTINGS } from '../../../src/http/ports.ts'

const budgetOf = (maxBytes: number, maxBodiesPerPrincipal = 10): BodyBudget => new BodyBudget({ maxBytes, maxBodiesPerPrincipal })

describe('The budget of bodies', () => {
  it('bounds what all requests hold together', () => {
    const budget = budgetOf(100)
    budget.open('a').add(50)
    budget.open('b').add(30)
    const third = budget.open('c')
    throws(() => third.add(21), { code: 'overloaded' })
    third.add(20)
    equal(budget.held, 100)
  })

  it('gives one principal half, over all its requests', () => {
    const budget = budgetOf(100)
    budget.open('a').add(30)
    const second = budget.open('a')
    throws(() => second.add(21), { code: 'overloaded' })
    second.add(20)
    budget.open('b').add(50)
  })

  it('gets back all of a request that was served, and only once', () => {
    const budget = budgetOf(100)
    const held = budget.open('a')
    held.add(30)
    held.add(20)
    equal(budget.held, 50)
    held[Symbol.dispose]()
    held[Symbol.dispose]()
    equal(budget.held, 0)
    budget.open('a').add(50)
  })

  it('holds nothing for what it refused', () => {
    const budget = budgetOf(100)
    const held = budget.open('a')
    throws(() => held.add(51), { code: 'overloaded' })
    equal(budget.held, 0)
    held.add(50)
  })

  it('bounds how many bodies one principal has at a time, however short they are', () => {
    const budget = budgetOf(100, 2)
    const [first] = [budget.open('a'), budget.open('a')]
    throws(() => budget.open('a'), { code: 'overloaded' })
    doesNotThrow(() => budget.open('b'))
    first?.[Symbol.dispose]()
    doesNotThrow(() => budget.open('a'))
  })
})

describe('The budgets of a service', () => {
  it('let no kind of body take what is for the other', () => {
    const { json, report } = bodyBudgets({ ...DEFAULT_HTTP_SETTINGS, maxReportBytes: 10, maxBufferedReportBytes: 100 })
    report.open('a').add(50)
    report.open('b').add(50)
    throws(() => report.open('c').add(1), { code: 'overloaded' })
    doesNotThrow(() => json.open('c').add(DEFAULT_HTTP_SETTINGS.maxJsonBytes))
  })

  it('have room for the longest report of one principal, decompressed, whatever the longest is', () => {
    const { report } = bodyBudgets({ ...DEFAULT_HTTP_SETTINGS, maxReportBytes: 1024 ** 3 })
    const held = report.open('a')
    doesNotThrow(() => held.add(1024 ** 3))
    doesNotThrow(() => held.add(1024 ** 3))
  })

  it('leave places for requests of others', () => {
    const { json } = bodyBudgets({ ...DEFAULT_HTTP_SETTINGS, maxInFlight: 8 })
    for (let bodies = 0; bodies < 2; bodies++) json.open('a')
    throws(() => json.open('a'), { code: 'overloaded' })
  })
})
