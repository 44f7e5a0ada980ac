/** Marks a document of the format. The number grows with any change that older documents don't fit. */
export const SOURCE_REVIEW_SCHEMA_ID = 'portcullis/source-review/1'

const text = (description: string) => ({ description, type: 'string', minLength: 1, maxLength: 200 })
const commit = (description: string) => ({ description, type: 'string', pattern: '^(?:[0-9a-f]{40}|[0-9a-f]{64})$' })
const people = (description: string) => ({ description, type: 'array', items: text('A login.'), maxItems: 1000 })

/** JSON Schema (2020-12) of the format `source-review`. */
export const SOURCE_REVIEW_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'How a change was reviewed, on any forge',
  description:
    'What is known of the review of one change, for `POST /v1/evidence`. What is left out is unknown. Unknown members are refused.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'repository', 'change', 'head', 'base', 'authors', 'approvals'],
  properties: {
    schema: { description: 'The name of this schema.', const: SOURCE_REVIEW_SCHEMA_ID },
    forge: { description: 'Which program keeps the review, in lower case.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
    repository: {
      description: 'Host and path, such as `git.example.com/acme/app`.',
      type: 'string',
      pattern: '^[^\\s/@?#]+/[^\\s@?#]+$',
      maxLength: 400,
    },
    change: text('What the forge calls it, such as `pull/7`.'),
    head: commit('The last commit of the change.'),
    merged: commit('The commit by which it came to the branch, once it did.'),
    base: text('The branch that it goes to.'),
    protectedBranch: { description: 'Whether nothing gets to that branch without review.', type: 'boolean' },
    authors: {
      ...people('Everybody who had a hand in it: who opened it, who wrote and committed its commits. Their approvals count for nothing.'),
      minItems: 1,
    },
    approvals: {
      description: 'Approvals that hold: neither dismissed nor taken back.',
      type: 'array',
      maxItems: 1000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['by', 'commit'],
        properties: { by: text('The login.'), commit: commit('The last commit that this person saw.') },
      },
    },
    changesRequestedBy: people('Who asks for changes.'),
    checks: {
      description: 'The results of checks of the last commit.',
      type: 'array',
      maxItems: 2000,
      items: {
        type: 'object',
        additionalProperties: false,
        required: ['name', 'result'],
        properties: {
          name: text('Such as `build`.'),
          result: text('Such as `success`, `failure`, `skipped` or `pending`.'),
          required: { description: 'Whether the branch requires it.', type: 'boolean', default: false },
        },
      },
    },
    commits: { description: 'How many commits it has.', type: 'integer', minimum: 1, maximum: 1_000_000 },
    signedCommits: {
      description: 'How many of them have a signature that the forge verified.',
      type: 'integer',
      minimum: 0,
      maximum: 1_000_000,
    },
    codeOwners: { description: 'Whether all code owners whom the branch demands have approved.', enum: ['approved', 'pending'] },
    updatedAt: {
      description: 'When the change was last touched, with an offset: of two documents about it the newer counts.',
      type: 'string',
      format: 'date-time',
      maxLength: 40,
    },
  },
} as const
