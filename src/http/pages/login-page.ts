import { html } from '../docs/html.ts'
import type { Reply } from '../reply.ts'
import { page } from './page.ts'

/** Where somebody can log in. */
export interface LoginChoice {
  issuer: string
  /** Path and query. */
  path: string
}

/** The providers to choose from. Its links lead back to the path of the page, whatever a proxy puts before that. */
export function loginPage(choices: readonly LoginChoice[]): Reply {
  if (choices.length === 0) {
    return page(200, 'Log in', html`<p>No login provider is configured. An administrator adds <code>login</code> to an issuer.</p>`)
  }
  return page(
    200,
    'Log in',
    html`<p>Choose who shall say who you are:</p>
      <ul>
        ${choices.map(({ issuer, path }) => html`<li><a href="${path.slice(path.indexOf('?'))}">${issuer}</a></li>`)}
      </ul>`,
  )
}
