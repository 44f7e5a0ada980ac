/** Marks a document of the format. The number grows with any change that older documents don't fit. */
export const CHANGE_RECORD_SCHEMA_ID = 'portcullis/change-record/1'

const text = (description: string, maxLength = 200) => ({ description, type: 'string', minLength: 1, maxLength })
const instant = (description: string) => ({ description, type: 'string', format: 'date-time', maxLength: 40 })

/** JSON Schema (2020-12) of the format `change-record`. */
export const CHANGE_RECORD_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A ticket of any change management',
  description: 'What a ticket says about the deployment of this subject, for `POST /v1/evidence`. Unknown members are refused.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'ticket', 'state'],
  properties: {
    schema: { description: 'The name of this schema.', const: CHANGE_RECORD_SCHEMA_ID },
    system: { description: 'Who keeps the ticket, in lower case.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
    ticket: {
      description: 'Its number, such as `CHG0031337` or `OPS-42`.',
      type: 'string',
      pattern: '^[A-Za-z0-9][A-Za-z0-9._/#-]{0,99}$',
    },
    state: text("Its state, in the system's own word."),
    approved: { description: 'Whether it is approved, where the state does not say so.', type: 'boolean' },
    type: text('Such as `standard`, `normal` or `emergency`.'),
    plannedStart: instant('From when on the change may be made, with an offset.'),
    plannedEnd: instant('Until when, with an offset.'),
    backOutPlan: text('How the change is undone. Only that there is one counts; the text is kept with the evidence.', 20_000),
    updatedAt: instant('When the ticket was last changed, with an offset: of two documents about it the newer counts.'),
  },
} as const
