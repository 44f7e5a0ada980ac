import { hash } from 'node:crypto'

import { Html, html } from '../docs/html.ts'
import { text, type Reply } from '../reply.ts'

const STYLE = `
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1rem; color: #1c2024; background: #fff }
  h1 { font-size: 1.5rem }
  ul { list-style: none; padding: 0 }
  li a { display: block; margin: .5rem 0; padding: .75rem 1rem; border: 1px solid #60646c; border-radius: .375rem; color: inherit; text-decoration: none }
  li a:hover, li a:focus-visible { border-color: #0b68cb; outline: 2px solid #0b68cb }
  small, code { color: #60646c }
  @media (prefers-color-scheme: dark) {
    body { color: #edeef0; background: #18191b }
    small, code, li a { color: #b0b4ba }
  }
`

/** A page that holds nothing but its own text: no script, nothing from elsewhere, no form, no frame around it. */
export function page(status: number, title: string, main: Html): Reply {
  const style = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`
  const markup = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        ${new Html(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${main}
        </main>
      </body>
    </html> `.markup
  return text(status, 'text/html', markup, {
    'content-security-policy': `${style}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    vary: 'accept',
  })
}
