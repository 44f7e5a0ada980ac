import { SEVERITIES } from '../../core/severity.ts'
import { MAX_FINDINGS } from './finding-list.ts'

/** Marks a document of the format. The number grows with any change that older documents don't fit. */
export const FINDINGS_SCHEMA_ID = 'portcullis/findings/1'

/** What such a report can speak for: the classes that consist of findings. */
export const FINDING_CLASSES = [
  ...(['vulnerabilities', 'misconfigurations', 'secrets', 'licences', 'sast', 'dast'] as const),
  ...(['quality', 'performance', 'migrations'] as const),
] as const

const text = (description: string, maxLength: number) => ({ description, type: 'string', minLength: 1, maxLength })
const instant = (description: string) => ({ description, type: 'string', format: 'date-time', maxLength: 40 })

const FINDING = {
  type: 'object',
  additionalProperties: false,
  required: ['id', 'severity'],
  properties: {
    class: { description: 'What it is about; needed where `scanned` has several classes.', enum: FINDING_CLASSES },
    id: text('What waivers name: the id of the rule or advisory.', 500),
    aliases: {
      description: 'Other ids of the same.',
      type: 'array',
      maxItems: 100,
      items: { type: 'string', minLength: 1, maxLength: 500 },
    },
    severity: { description: 'How bad it is; `unknown` is never taken for harmless.', enum: SEVERITIES },
    toolSeverity: text("The tool's own word for it.", 100),
    score: { description: 'CVSS base score.', type: 'number', minimum: 0, maximum: 10 },
    title: text('One line of text. Never the secret that was found: it is kept and shown.', 2000),
    location: text('Where it is: `src/app.js:3`, a URL, a layer.', 2000),
    purl: text('Package URL of the affected package.', 2000),
    package: text('Name of the affected package.', 500),
    version: text('Its version.', 500),
    fixedVersion: text('The version that repairs it. Leave it out where none is known.', 500),
    suppressed: { description: 'True if the tool itself was told to ignore it.', type: 'boolean' },
    suppressionReason: text('Why.', 2000),
  },
} as const

/** JSON Schema (2020-12) of the format `findings`, as `GET /v1/schemas/findings` shows it. */
export const FINDINGS_SCHEMA = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'Findings of any tool',
  description: 'What a tool without a format of its own here found, for `POST /v1/evidence`. Unknown members are refused.',
  type: 'object',
  additionalProperties: false,
  required: ['schema', 'tool', 'scanned', 'findings'],
  properties: {
    schema: { description: 'The name of this schema.', const: FINDINGS_SCHEMA_ID },
    tool: {
      description: 'Who found it. A later report of the same tool, class and name takes the place of this one.',
      type: 'object',
      additionalProperties: false,
      required: ['name'],
      properties: {
        name: { description: 'Lower case.', type: 'string', pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' },
        version: text('Its version.', 100),
      },
    },
    scanned: {
      description: 'What the tool looked for, whether or not it found any: the report speaks for these classes and for no other.',
      type: 'array',
      minItems: 1,
      maxItems: FINDING_CLASSES.length,
      uniqueItems: true,
      items: { enum: FINDING_CLASSES },
    },
    completeness: {
      description:
        '`complete` if it is left out. `empty`: there was nothing to examine; `partial`, `failed`: some or all of it could not be examined.',
      enum: ['complete', 'empty', 'partial', 'failed'],
    },
    completenessReason: text('Why it is not complete.', 500),
    reportedAt: instant('When the tool ran, with an offset.'),
    databaseAt: instant("The time of the tool's database, with an offset."),
    digests: {
      description: 'Digests of the subject that the tool was given: if none is that of the subject, the evidence is a mismatch.',
      type: 'array',
      maxItems: 100,
      items: { type: 'string', pattern: '^sha256:[0-9a-f]{64}$' },
    },
    platform: {
      description: 'The platform of the image that was examined.',
      type: 'string',
      pattern: '^[a-z0-9]+/[a-z0-9]+(?:/[a-z0-9.]+)?$',
      maxLength: 100,
    },
    examined: {
      description: 'The parts of the subject that were examined, such as directories; all of it if left out.',
      type: 'array',
      maxItems: 1000,
      items: { type: 'string', minLength: 1, maxLength: 500 },
    },
    findings: { description: 'What was found; `[]` if nothing was.', type: 'array', maxItems: MAX_FINDINGS, items: FINDING },
  },
} as const
