/** Marks a document of the format. The number grows with any change that older documents don't fit. */
export const MIGRATIONS_SCHEMA_ID = 'portcullis/migrations/1'

const path = (description: string) => ({ description, type: 'string', minLength: 1, maxLength: 400 })

/** JSON Schema (2020-12) of the format `migrations`. */
export const MIGRATIONS_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'The migrations of a release, and what a linter says of them',
  description: 'Which migrations come with this subject, for `POST /v1/evidence`. Unknown members are refused.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'migrations'],
  properties: {
    schema: { description: 'The name of this schema.', const: MIGRATIONS_SCHEMA_ID },
    migrations: {
      description: 'Each migration, by the path that the linter names it by; `none` for a release without any.',
      anyOf: [
        { const: 'none' },
        {
          type: 'array',
          maxItems: 5000,
          items: {
            type: 'object',
            additionalProperties: false,
            required: ['up'],
            properties: {
              up: path('The forward migration.'),
              down: {
                description: 'The script that takes it back; null or left out if there is none.',
                anyOf: [path('Its path.'), { type: 'null' }],
              },
            },
          },
        },
      ],
    },
    squawk: {
      description: 'What `squawk --reporter json` wrote of all these files.',
      type: 'array',
      items: { type: 'object' },
      maxItems: 100_000,
    },
    checkedAt: { description: 'When they were checked, with an offset.', type: 'string', format: 'date-time', maxLength: 40 },
  },
} as const
