import { resolve, type ContractDocument, type MediaObject, type Operation, type ResponseObject } from '../contract/document.ts'
import { PROBLEMS } from '../problem.ts'
import { curlOf, examplesOf, type ShownExample } from './examples.ts'
import { html, type Html } from './html.ts'
import { inline, markdown } from './markdown.ts'
import { row, schemaTable, typeOf } from './schema.ts'

/** The contract as one page: everything on it comes from openapi.yaml and the table of problems. */
export function renderDocs(contract: ContractDocument): string {
  const { info, tags, components } = contract.document
  const byTag = Map.groupBy(contract.operations, ({ tag }) => tag)
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title} API</title>
        <link rel="stylesheet" href="/docs/docs.css" />
        <script src="/docs/docs.js" defer></script>
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <nav aria-label="Operations">
          <p class="brand"><a href="#main">${info.title}</a> <small>${info.version}</small></p>
          <input id="filter" type="search" placeholder="Filter operations" aria-label="Filter operations" hidden />
          ${tags.map(({ name }) => navigation(name, byTag.get(name) ?? []))}
          <h2>Reference</h2>
          <ul>
            <li><a href="#errors">Errors</a></li>
            <li><a href="#schemas">Schemas</a></li>
            <li><a href="/openapi.yaml">openapi.yaml</a></li>
          </ul>
        </nav>
        <main id="main">
          <h1>${info.title}</h1>
          <p class="lead">${info.summary}</p>
          ${markdown(info.description)}
          ${tags.map(({ name, description }) => tagSection(contract, name, description, byTag.get(name) ?? []))} ${errorSection()}
          <section id="schemas">
            <h2>Schemas</h2>
            ${Object.entries(components.schemas).map(
              ([name, schema]) =>
                html`<details id="schema-${name}">
                  <summary><code>${name}</code></summary>
                  ${typeof schema === 'object' && typeof schema['description'] === 'string' && markdown(schema['description'])}
                  ${schemaTable(schema)}
                </details>`,
            )}
          </section>
        </main>
      </body>
    </html> `.markup
}

function navigation(tag: string, operations: readonly Operation[]): Html {
  return html`<h2>${tag}</h2>
    <ul>
      ${operations.map(
        ({ id, method, summary, path }) =>
          html`<li data-find="${`${id} ${path} ${summary}`.toLowerCase()}">
            <a href="#${id}"><span class="method ${method}">${method}</span> ${summary}</a>
          </li>`,
      )}
    </ul>`
}

function tagSection(contract: ContractDocument, name: string, description: string, operations: readonly Operation[]): Html {
  return html`<section>
    <h2>${name}</h2>
    <p>${inline(description)}</p>
    ${operations.map((operation) => operationArticle(contract, operation))}
  </section>`
}

function operationArticle(contract: ContractDocument, operation: Operation): Html {
  const { id, method, path, summary, description, parameters, body } = operation
  return html`<article id="${id}">
    <h3>${summary} <a class="anchor" href="#${id}" aria-label="Link to ${summary}">#</a></h3>
    <p class="endpoint">
      <span class="method ${method}">${method}</span> <code>${path}</code>
      <span class="scope">${scopeLabel(operation)}</span>
    </p>
    ${markdown(description)} ${code('curl', curlOf(contract, operation))}
    ${
      parameters.length > 0 &&
      html`<h4>Parameters</h4>
        <table>
          <tbody>
            ${parameters.map((parameter) =>
              row(
                parameter.name,
                parameter.schema,
                parameter.required === true,
                `${parameter.description ?? ''}${parameter.in === 'query' ? '' : ` (${parameter.in})`}`,
              ),
            )}
          </tbody>
        </table>`
    }
    ${body && requestBody(contract, body.kind, body.media)}
    <h4>Answers</h4>
    ${Object.entries(operation.responses).map(([status, response]) => answer(contract, status, response))}
  </article>`
}

function scopeLabel({ scope, openToPeople }: Operation): Html | string {
  if (scope === undefined) return 'public'
  if (scope === 'any') return 'any token'
  return html`scope <code>${scope}</code>${openToPeople && ', or a person for themself'}`
}

function requestBody(contract: ContractDocument, kind: NonNullable<Operation['body']>['kind'], media: MediaObject): Html {
  if (kind === 'report')
    return html`<h4>Body</h4>
      <p>The bytes of the report, under any or no <code>Content-Type</code>.</p>`
  if (kind === 'policy')
    return html`<h4>Body</h4>
      <p>A form whose parts are the files, each with its path as file name, or an archive: <code>.tar.gz</code>.</p>`
  return html`<h4>Body</h4>
    ${schemaTable(resolve(contract.document, media.schema as { $ref: string }))} ${examplesOf(contract, media).map(example)}`
}

function answer(contract: ContractDocument, status: string, { description, content = {}, headers = {} }: ResponseObject): Html {
  const examples = Object.values(content).flatMap((media) => examplesOf(contract, media))
  return html`<details class="answer">
    <summary><span class="status s${status.slice(0, 1)}">${status}</span> ${inline(description)}</summary>
    ${Object.keys(headers).length > 0 && html`<p>Headers: ${Object.keys(headers).map((name) => html`<code>${name}</code> `)}</p>`}
    ${Object.entries(content).map(([type, { schema }]) => html`<p><code>${type}</code> ${typeOf(schema)}</p>`)} ${examples.map(example)}
  </details>`
}

function example({ title, text }: ShownExample): Html {
  return code(title, text)
}

function code(title: string, text: string): Html {
  return html`<figure>
    <figcaption>${title}</figcaption>
    <pre><code>${text}</code></pre>
  </figure>`
}

function errorSection(): Html {
  return html`<section id="errors">
    <h2>Errors</h2>
    <p>Programs compare <code>code</code>; <code>detail</code> and <code>remedy</code> are for people and may be reworded.</p>
    <table>
      <thead>
        <tr>
          <th>Code</th>
          <th>Status</th>
          <th>Title</th>
        </tr>
      </thead>
      <tbody>
        ${Object.entries(PROBLEMS).map(
          ([name, { status, title }]) =>
            html`<tr id="error-${name}">
              <th scope="row"><code>${name}</code></th>
              <td><span class="status s${String(status).slice(0, 1)}">${status}</span></td>
              <td>${title}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`
}
