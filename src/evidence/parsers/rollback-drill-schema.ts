/** Marks a document of the format. The number grows with any change that older documents don't fit. */
export const ROLLBACK_DRILL_SCHEMA_ID = 'portcullis/rollback-drill/1'

const instant = (description: string) => ({ description, type: 'string', format: 'date-time', maxLength: 40 })
const text = (description: string) => ({ description, type: 'string', minLength: 1, maxLength: 400 })

/** JSON Schema (2020-12) of the format `rollback-drill`. */
export const ROLLBACK_DRILL_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A drill of the way back',
  description: 'How it went when a rollback was tried, for `POST /v1/evidence`. Unknown members are refused.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'environment', 'outcome', 'startedAt', 'finishedAt'],
  properties: {
    schema: { description: 'The name of this schema.', const: ROLLBACK_DRILL_SCHEMA_ID },
    environment: { description: 'Where it was tried.', type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$' },
    outcome: { description: 'Whether what ran before ran again.', enum: ['succeeded', 'failed'] },
    startedAt: instant('When going back began, with an offset.'),
    finishedAt: instant('When it was over, with an offset: of two drills the later one counts.'),
    from: text('What ran. Kept with the evidence; nothing reads it.'),
    to: text('What was gone back to. Kept with the evidence; nothing reads it.'),
  },
} as const
