import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js'

import { parseInstant } from '../../core/time.ts'
import type { ReportSource } from '../parser.ts'
import { isObject } from './json-fields.ts'
import { jsonOf, malformed, wrongFormat } from './report.ts'

/** A format of Portcullis's own: a document that names its schema, and is read strictly by it. */
export interface OwnFormat {
  format: string
  /** What its member `schema` says. */
  id: string
  /** JSON Schema (2020-12); the format `date-time` is RFC 3339 with seconds and an offset. */
  schema: object
}

/** Whether a document says of itself that it is of the format. */
export function isOfFormat({ id }: OwnFormat, json: unknown): boolean {
  return isObject(json) && json['schema'] === id
}

/**
 * The document, once it fits its schema.
 * @throws {ReportError} `report_wrong_format`, `report_malformed`
 */
export function readOwnFormat(own: OwnFormat, source: ReportSource): unknown {
  const json = jsonOf(own.format, source)
  if (!isOfFormat(own, json)) throw wrongFormat(own.format, `its schema is not "${own.id}"`)
  const ajv = new Ajv2020({ strict: true })
  ajv.addFormat('date-time', (text) => parseInstant(text) !== undefined)
  const validate = ajv.compile(own.schema)
  if (validate(json)) return json
  throw malformed(own.format, `does not fit its schema: ${complaint(validate.errors?.[0])}`)
}

/** Names of members are attacker-controlled: only plain ones are shown. */
function complaint(error: ErrorObject | undefined): string {
  const place = error?.instancePath ? error.instancePath : 'the document'
  const extra: unknown = error?.params['additionalProperty']
  const name = typeof extra === 'string' && /^\w{1,64}$/.test(extra) ? ` "${extra}"` : ''
  return `${place} ${error?.message ?? 'is wrong'}${name}`
}
