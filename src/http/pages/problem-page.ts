import { html } from '../docs/html.ts'
import type { Problem } from '../problem.ts'
import type { Reply } from '../reply.ts'
import { page } from './page.ts'

/** A problem for somebody who looks at it in a browser. */
export function problemPage({ status, title, detail, remedy, code, requestId }: Problem): Reply {
  return page(
    status,
    title,
    html`<p>${detail}</p>
      ${remedy !== undefined && html`<p>${remedy}</p>`}
      <p>
        <small>Code <code>${code}</code>, request <code>${requestId}</code></small>
      </p>`,
  )
}
