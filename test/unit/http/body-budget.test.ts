import { equal, throws } from 'node:assert/strict'
import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'

import { BodyBudget } from '../../../src/http/body-budget.ts'

const response = (): ServerResponse => new EventEmitter() as ServerResponse

describe('The budget of bodies', () => {
  it('bounds what all requests hold together', () => {
    const budget = new BodyBudget(100)
    budget.open(response()).add(60)
    const second = budget.open(response())
    throws(() => second.add(41), { code: 'overloaded' })
    second.add(40)
    equal(budget.held, 100)
  })

  it('gets back all of a request when its response is closed, and only once', () => {
    const budget = new BodyBudget(100)
    const first = response()
    const held = budget.open(first)
    held.add(60)
    held.add(30)
    equal(budget.held, 90)
    first.emit('close')
    first.emit('close')
    equal(budget.held, 0)
  })

  it('holds nothing for what it refused', () => {
    const budget = new BodyBudget(100)
    const first = response()
    throws(() => budget.open(first).add(101), { code: 'overloaded' })
    equal(budget.held, 0)
    first.emit('close')
    equal(budget.held, 0)
  })
})
