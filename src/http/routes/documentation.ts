import type { Handlers } from '../call.ts'
import type { ContractDocument } from '../contract/document.ts'
import { renderDocs } from '../docs/page.ts'
import { DOCS_SCRIPT } from '../docs/script.ts'
import { DOCS_STYLE } from '../docs/style.ts'
import { text } from '../reply.ts'

/** The page may load its own style and script, and nothing from elsewhere. */
const PAGE_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

const ASSETS = {
  'docs.css': { type: 'text/css', body: DOCS_STYLE },
  'docs.js': { type: 'text/javascript', body: DOCS_SCRIPT },
} as const

/** The contract, as it is and as a page. */
export function documentationRoutes(contract: ContractDocument): Pick<Handlers, 'getOpenapi' | 'getDocs' | 'getDocsAsset'> {
  let page: string | undefined
  return {
    getOpenapi: () => text(200, 'application/yaml', contract.text, { 'cache-control': 'no-cache' }),

    getDocs: () =>
      text(200, 'text/html', (page ??= renderDocs(contract)), { 'cache-control': 'no-cache', 'content-security-policy': PAGE_POLICY }),

    getDocsAsset: ({ parameters }) => {
      const { type, body } = ASSETS[parameters.asset]
      return text(200, type, body, { 'cache-control': 'no-cache' })
    },
  }
}
