import type { ReportParser } from '../parser.ts'
import { isObject } from './json-fields.ts'
import { jsonOf, malformed, report, wrongFormat } from './report.ts'

/** Longest document, in UTF-16 code units of its compact JSON: it becomes part of the input of every pack that reads it. */
export const MAX_DOCUMENT = 64 * 1024

/**
 * Any JSON object, for policies of one's own. It claims nothing: it speaks for no class, satisfies no shipped pack, and is
 * never recognised, only stated. Packs that read the class `json` see it as `document`.
 */
export const json: ReportParser = {
  format: 'json',
  classes: ['json'],
  claims: () => false,
  parse: (source) => {
    const document = jsonOf('json', source)
    if (!isObject(document)) throw wrongFormat('json', 'it is not an object')
    if (Object.keys(document).length === 0) return report({ name: 'json', version: null }, [], { document, ...NOTHING_IN_IT })
    if (JSON.stringify(document).length > MAX_DOCUMENT)
      throw malformed('json', `is longer than ${MAX_DOCUMENT} characters; send what the policy needs`)
    return report({ name: 'json', version: null }, [], { document })
  },
}

const NOTHING_IN_IT = { completeness: 'empty', completenessReason: 'The document is an empty object.' } as const
