import assert from 'node:assert/strict'

import { Ajv2020 } from 'ajv/dist/2020.js'

import { ThreadedEvaluator } from '../../src/policy/engine/threaded-evaluator.ts'
import { POLICY_INPUT_SCHEMA } from '../../src/policy/input-schema.ts'

let checked = 0

/** Makes every policy engine of this process hold its inputs against the published schema; a decision whose input doesn't fit fails. */
export function checkInputs(): void {
  const ajv = new Ajv2020({ strict: true, formats: { 'date-time': true } })
  const validate = ajv.compile(POLICY_INPUT_SCHEMA)
  const { evaluate } = ThreadedEvaluator.prototype
  ThreadedEvaluator.prototype.evaluate = async function (this: ThreadedEvaluator, evaluations) {
    for (const { input } of evaluations) {
      checked += 1
      assert.ok(validate(JSON.parse(input)), `an input of a policy: ${ajv.errorsText(validate.errors)}`)
    }
    return evaluate.call(this, evaluations)
  }
}

/** How many inputs were. */
export function checkedInputs(): number {
  return checked
}
