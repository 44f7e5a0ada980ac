import { html, type Html } from './html.ts'

/** As much Markdown as openapi.yaml uses: paragraphs, lists with `-`, `**bold**`, `code` and links. */
export function markdown(text: string): Html {
  return html`${text
    .trim()
    .split(/\n\s*\n/)
    .map(block)}`
}

function block(text: string): Html {
  const lines = text.split('\n')
  if (!lines[0]?.startsWith('- ')) return html`<p>${inline(lines.join(' '))}</p>`
  const items: string[] = []
  for (const line of lines) {
    if (line.startsWith('- ')) items.push(line.slice(2))
    else items.push(`${items.pop() ?? ''} ${line.trim()}`)
  }
  return html`<ul>
    ${items.map((item) => html`<li>${inline(item)}</li>`)}
  </ul>`
}

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\(([^)\s]+)\)/g

/** One line of Markdown. */
export function inline(text: string): Html {
  const parts: (Html | string)[] = []
  let at = 0
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, bold, label, target] = match
    parts.push(text.slice(at, match.index))
    if (code !== undefined) parts.push(html`<code>${code}</code>`)
    else if (bold !== undefined) parts.push(html`<strong>${bold}</strong>`)
    else parts.push(html`<a href="${target}">${label}</a>`)
    at = match.index + whole.length
  }
  return html`${[...parts, text.slice(at)]}`
}
