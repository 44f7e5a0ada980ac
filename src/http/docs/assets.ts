import { readFileSync } from 'node:fs'

/** Style and script of the page. */
export interface DocsAssets {
  style: string
  script: string
}

export function readDocsAssets(): DocsAssets {
  return { style: read('docs.css'), script: read('docs.js') }
}

function read(name: string): string {
  return readFileSync(new URL(`./assets/${name}`, import.meta.url), 'utf8')
}
