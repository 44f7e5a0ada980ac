import type { Schema } from '../contract/document.ts'
import { html, type Html } from './html.ts'
import { inline } from './markdown.ts'

type Keywords = Exclude<Schema, boolean>

/** The fields of an object schema as a table; for any other schema, its type. */
export function schemaTable(schema: Schema): Html {
  const keywords = keywordsOf(schema)
  const properties = Object.entries((keywords['properties'] ?? {}) as Record<string, Schema>)
  const parts = (keywords['allOf'] ?? []) as Schema[]
  if (parts.length > 0) return html`${parts.map(schemaTable)}`
  if (properties.length === 0) return html`<p class="type">${typeOf(schema)}${constraints(keywords)}</p>`
  const required = new Set((keywords['required'] ?? []) as string[])
  return html`<table>
    <tbody>
      ${properties.map(([name, property]) => row(name, property, required.has(name)))}
    </tbody>
  </table>`
}

/** One named value: a field or a parameter. */
export function row(name: string, schema: Schema, required: boolean, description?: string): Html {
  const keywords = keywordsOf(schema)
  const told = description ?? keywords['description']
  return html`<tr>
    <th scope="row"><code>${name}</code>${required && html`<span class="required" title="required">*</span>`}</th>
    <td class="type">${typeOf(schema)}${constraints(keywords)}</td>
    <td>${typeof told === 'string' && inline(told)}</td>
  </tr>`
}

/** The type in words, with links to named schemas. */
export function typeOf(schema: Schema): Html {
  const keywords = keywordsOf(schema)
  const { $ref, type, items, anyOf, properties, allOf, const: constant, enum: values } = keywords
  if (typeof $ref === 'string') return link($ref)
  if (constant !== undefined) return html`<code>${JSON.stringify(constant)}</code>`
  if (Array.isArray(values)) return html`${alternatives(values.map((value) => html`<code>${String(value)}</code>`))}`
  if (Array.isArray(anyOf)) return html`${alternatives((anyOf as Schema[]).map(typeOf))}`
  if (Array.isArray(allOf)) return html`${alternatives((allOf as Schema[]).filter((part) => '$ref' in keywordsOf(part)).map(typeOf))}`
  if (type === 'array') return html`list of ${typeOf((items ?? true) as Schema)}`
  if (Array.isArray(type)) return html`${alternatives((type as string[]).map((each) => html`${each}`))}`
  if (type === 'object' && properties === undefined && typeof keywords['additionalProperties'] === 'object') {
    return html`map to ${typeOf(keywords['additionalProperties'] as Schema)}`
  }
  return html`${typeof type === 'string' ? type : 'any'}`
}

function alternatives(parts: readonly Html[]): Html[] {
  return parts.map((part, at) => (at === 0 ? part : html` | ${part}`))
}

function link(reference: string): Html {
  const name = reference.slice(reference.lastIndexOf('/') + 1)
  return html`<a href="#schema-${name}">${name}</a>`
}

/** What limits a value, as short notes. */
function constraints(keywords: Keywords): Html[] {
  const { format, pattern, minimum, maximum, maxLength, maxItems, default: byDefault } = keywords
  const notes = [
    typeof format === 'string' && format,
    typeof pattern === 'string' && pattern,
    typeof minimum === 'number' && `≥ ${minimum}`,
    typeof maximum === 'number' && `≤ ${maximum}`,
    typeof maxLength === 'number' && `at most ${maxLength} characters`,
    typeof maxItems === 'number' && `at most ${maxItems}`,
    byDefault !== undefined && `default ${JSON.stringify(byDefault)}`,
  ].filter((note) => note !== false)
  return notes.map((note) => html` <small>${note}</small>`)
}

function keywordsOf(schema: Schema): Keywords {
  return typeof schema === 'boolean' ? {} : schema
}
