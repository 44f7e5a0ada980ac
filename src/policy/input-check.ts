import { Ajv2020 } from 'ajv/dist/2020.js'

import { POLICY_INPUT_SCHEMA } from './input-schema.ts'

/** Makes what tells whether a value could be the input of a policy, by the published schema. */
export function inputCheck(): (input: unknown) => boolean {
  const validate = new Ajv2020({ strict: true, formats: { 'date-time': true } }).compile(POLICY_INPUT_SCHEMA)
  return (input) => validate(input)
}
