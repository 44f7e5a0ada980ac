import { resolve, type ContractDocument, type MediaObject, type Operation } from '../contract/document.ts'

/** A named example, ready to be shown. */
export interface ShownExample {
  title: string
  text: string
}

/** The examples of a media type, as JSON or as they stand. */
export function examplesOf(contract: ContractDocument, media: MediaObject): ShownExample[] {
  const named = Object.values(media.examples ?? {}).map((example) =>
    resolve<{ summary?: string; value?: unknown }>(contract.document, example),
  )
  const single = media.example === undefined ? [] : [{ value: media.example }]
  return [...named, ...single].map((example) => ({
    title: ('summary' in example && example.summary) || 'Example',
    text: typeof example.value === 'string' ? example.value : JSON.stringify(example.value, null, 2),
  }))
}

/** The operation as a curl command that works once the capitals are filled in. */
export function curlOf(contract: ContractDocument, operation: Operation): string {
  const path = operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => name.toUpperCase())
  const query = operation.parameters
    .filter((parameter) => parameter.in === 'query' && (parameter.required || parameter.name === 'denyStatus'))
    .map(
      ({ name, example }) =>
        `${name}=${encodeURI(typeof example === 'string' || typeof example === 'number' ? String(example) : name.toUpperCase())}`,
    )
  const url = `"$PORTCULLIS${path}${query.length > 0 ? `?${query.join('&')}` : ''}"`
  const parts = [
    `curl --fail-with-body${operation.method === 'get' || operation.method === 'post' ? '' : ` -X ${operation.method.toUpperCase()}`} ${url}`,
    operation.scope === undefined ? undefined : '-H "Authorization: Bearer $TOKEN"',
    ...bodyOf(contract, operation),
  ]
  return parts.filter((part) => part !== undefined).join(' \\\n  ')
}

function bodyOf(contract: ContractDocument, { body, method }: Operation): string[] {
  if (body?.kind === 'report') return ['--data-binary @report.json']
  if (body?.kind === 'policy') return ["-F 'file=@main.rego;filename=main.rego'"]
  if (body === undefined) return method === 'post' ? ['-X POST'] : []
  const [example] = Object.values(body.media.examples ?? {}).map((each) => resolve<{ value?: unknown }>(contract.document, each))
  return [`--json '${JSON.stringify(example?.value ?? {})}'`]
}
