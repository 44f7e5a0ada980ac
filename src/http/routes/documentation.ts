import type { Handlers } from '../call.ts'
import { readContractText, type ContractDocument } from '../contract/document.ts'
import { readDocsAssets } from '../docs/assets.ts'
import { renderDocs } from '../docs/page.ts'
import { text } from '../reply.ts'

/** The page may load its own style and script, and nothing from elsewhere. */
const PAGE_POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** May be kept, but is asked for again each time: it belongs to the version that serves it. */
const FRESH = { 'cache-control': 'no-cache' } as const

/** The contract, as it is and as a page. */
export function documentationRoutes(contract: ContractDocument): Pick<Handlers, 'getOpenapi' | 'getDocs' | 'getDocsAsset'> {
  const { style, script } = readDocsAssets()
  const yaml = readContractText()
  const assets = { 'docs.css': text(200, 'text/css', style, FRESH), 'docs.js': text(200, 'text/javascript', script, FRESH) }
  let page: string | undefined
  return {
    getOpenapi: () => text(200, 'application/yaml', yaml, FRESH),

    getDocs: () => text(200, 'text/html', (page ??= renderDocs(contract)), { ...FRESH, 'content-security-policy': PAGE_POLICY }),

    getDocsAsset: ({ parameters }) => assets[parameters.asset],
  }
}
