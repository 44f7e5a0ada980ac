import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'

import { AppError } from '../core/app-error.ts'
import { isTimeZone } from '../core/wall-clock.ts'
import { parseInstant } from '../core/time.ts'
import { STRICTER } from './loosening.ts'
import type { PackManifest } from './model.ts'

export type ParametersErrorCode = 'parameters_invalid'

/**
 * Checks the parameters of a binding against its pack's schema and fills in the defaults. Beside JSON Schema (2020-12) a schema
 * may use the format `time-zone` (IANA) and the keyword `laterThan`, which names a sibling property that holds an earlier instant.
 * @returns a new object; `parameters` stays as it is
 * @throws {AppError} `parameters_invalid`, naming the first field that doesn't fit
 */
export function resolveParameters(manifest: PackManifest, parameters: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const validate = validatorOf(manifest)
  const resolved = structuredClone(parameters) as Record<string, unknown>
  if (!validate(resolved)) throw invalid(manifest, validate.errors?.[0])
  return resolved
}

/** Compiled once for each manifest that is loaded; the entry goes when the manifest goes. */
const validators = new WeakMap<PackManifest, ValidateFunction>()

/** Checks a schema, and its defaults against it. @throws {Error} if it is no schema of parameters */
export function checkParameterSchema(schema: Readonly<Record<string, unknown>>): void {
  if ('$async' in schema) throw new Error('An asynchronous schema is not accepted.')
  const validate = compile({ parameters: schema })
  // Fills the defaults in and looks at them; what a binding has to set is no fault.
  validate({})
}

function validatorOf(manifest: PackManifest): ValidateFunction {
  let validate = validators.get(manifest)
  if (!validate) {
    validate = compile(manifest)
    validators.set(manifest, validate)
  }
  return validate
}

function compile(manifest: Pick<PackManifest, 'parameters'>): ValidateFunction {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, useDefaults: true, verbose: true })
  ajv.addFormat('time-zone', isTimeZone)
  ajv.addFormat('date-time', (text) => parseInstant(text) !== undefined)
  // For people and for `loosening.ts`: in which direction a value is stricter.
  ajv.addKeyword({ keyword: 'stricter', schemaType: 'string', metaSchema: { enum: STRICTER } })
  ajv.addKeyword({
    keyword: 'laterThan',
    type: 'string',
    schemaType: 'string',
    errors: false,
    validate: (sibling: string, value: string, _schema: unknown, context?: { parentData: unknown }) => {
      const earlier = parseInstant((context?.parentData as Readonly<Record<string, unknown>> | undefined)?.[sibling])
      const later = parseInstant(value)
      return earlier === undefined || later === undefined || later > earlier
    },
  })
  return ajv.compile(manifest.parameters)
}

function invalid(manifest: PackManifest, error: ErrorObject | undefined): AppError<ParametersErrorCode> {
  const pointer = pointerOf(error)
  return new AppError('parameters_invalid', `The parameters do not fit the pack "${manifest.name}": ${complaint(error, pointer)}.`, {
    field: `body.parameters${pointer}`,
    remedy: remedyFor(manifest, error),
  })
}

/** JSON Pointer of the offending value, a property that is missing or shouldn't be there included. */
function pointerOf(error: ErrorObject | undefined): string {
  const extra: unknown = error?.params['additionalProperty'] ?? error?.params['missingProperty'] ?? error?.propertyName
  const base = error?.instancePath ?? ''
  return typeof extra === 'string' ? `${base}/${extra.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}` : base
}

function complaint(error: ErrorObject | undefined, pointer: string): string {
  const place = pointer === '' ? 'they' : pointer
  switch (error?.keyword) {
    case 'additionalProperties':
      return `${place} is not a parameter`
    case 'required':
      return `${place} is missing`
    case 'enum':
      return `${place} must be one of ${allowed(error)}`
    case 'format':
      return error.params['format'] === 'time-zone'
        ? `${place} is not an IANA time zone`
        : `${place} is not an RFC 3339 time with an offset`
    case 'laterThan':
      return `${place} is not later than "${String(error.schema)}"`
    default:
      return `${place} ${error?.message ?? 'is not valid'}`
  }
}

function remedyFor(manifest: PackManifest, error: ErrorObject | undefined): string {
  switch (error?.keyword) {
    case 'additionalProperties':
      return `Known here: ${Object.keys((error.parentSchema?.['properties'] as object | undefined) ?? {}).join(', ')}.`
    case 'enum':
      return `Use one of ${allowed(error)}.`
    case 'format':
      return error.params['format'] === 'time-zone' ? 'Write it like Europe/Berlin or UTC.' : 'Write it like 2027-01-31T18:00:00+01:00.'
    default:
      return `GET /v1/policies/${manifest.name} shows every parameter with its meaning and default.`
  }
}

function allowed(error: ErrorObject): string {
  const values: unknown = error.params['allowedValues']
  return Array.isArray(values) ? values.map(String).join(', ') : ''
}
