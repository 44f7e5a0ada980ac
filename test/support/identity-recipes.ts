import { readFileSync } from 'node:fs'

import type { IssuerKind } from '../../src/auth/workload/kinds/kind.ts'
import { codeBlocks, shellBlocks } from './shell.ts'

/** What docs/identities.md says to do for one CI system. */
export interface IdentityRecipe {
  title: string
  issuer: { kind: Exclude<IssuerKind, 'certificate'>; issuer: string; audiences: string[]; rules: { name: string; principal: string }[] }
  /** How a job gets its token, as `PORTCULLIS_TOKEN`; undefined where the CI system puts it there itself. */
  shell: string | undefined
}

/** Every section of the page that has an issuer. */
export function identityRecipes(): IdentityRecipe[] {
  const sections = readFileSync('docs/identities.md', 'utf8').split(/^## /m)
  return sections.flatMap((section) => {
    const [json, ...others] = codeBlocks(section, 'json')
    const [shell, ...moreShells] = shellBlocks(section)
    if (json === undefined) return []
    if (others.length > 0 || moreShells.length > 0) throw new Error('a recipe has one issuer, and one way to a token')
    return [{ title: section.slice(0, section.indexOf('\n')), issuer: JSON.parse(json) as IdentityRecipe['issuer'], shell }]
  })
}
