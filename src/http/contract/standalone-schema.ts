import type { ContractDocument, Schema } from './document.ts'

const PREFIX = '#/components/schemas/'

/** A schema of the contract with all that it refers to, to be used without the contract: JSON Schema 2020-12. */
export function standaloneSchema({ document }: ContractDocument, name: string): object {
  const $defs: Record<string, Schema> = {}
  const take = (schema: Schema | undefined): Schema => {
    const text = JSON.stringify(schema ?? false, (key, value: unknown) => {
      if (key !== '$ref' || typeof value !== 'string' || !value.startsWith(PREFIX)) return value
      const wanted = value.slice(PREFIX.length)
      if (!Object.hasOwn($defs, wanted)) {
        // Taken as known before it is read: schemas may refer to each other.
        $defs[wanted] = true
        $defs[wanted] = take(document.components.schemas[wanted])
      }
      return `#/$defs/${wanted}`
    })
    return JSON.parse(text) as Schema
  }
  const root = take(document.components.schemas[name])
  return { $schema: 'https://json-schema.org/draft/2020-12/schema', ...(root as object), $defs }
}
