import { CHANGE_RECORD_SCHEMA } from './parsers/change-record-schema.ts'
import { FINDINGS_SCHEMA } from './parsers/findings-schema.ts'
import { MIGRATIONS_SCHEMA } from './parsers/migrations-schema.ts'
import { ROLLBACK_DRILL_SCHEMA } from './parsers/rollback-drill-schema.ts'
import { SOURCE_REVIEW_SCHEMA } from './parsers/source-review-schema.ts'

/** The JSON Schemas of Portcullis's own formats, by format id: for documents that users write themselves. */
export const FORMAT_SCHEMAS: ReadonlyMap<string, object> = new Map<string, object>([
  ['findings', FINDINGS_SCHEMA],
  ['change-record', CHANGE_RECORD_SCHEMA],
  ['migrations', MIGRATIONS_SCHEMA],
  ['rollback-drill', ROLLBACK_DRILL_SCHEMA],
  ['source-review', SOURCE_REVIEW_SCHEMA],
])
