import type { Link } from '../evidence/index.ts'
import { belongsToAsker, names } from './whose-word.ts'

/** Whose declared links count: of the rules by which a pack selects evidence. */
export interface LinkRules {
  from: readonly string[]
  linkProof: 'declared' | 'provenance'
}

/** The links that the asker may see: like a report, a declared one belongs to the repositories of its declarer. */
export function visibleLinks(links: readonly Link[], context: { repositories: readonly string[] | null }): Link[] {
  return links.filter((link) => link.proof !== 'declared' || belongsToAsker(link.repositories, context))
}

/** Whether what is reached over a link can satisfy: a link declared by somebody whose word doesn't count brings findings in, but no proof. */
export function isTrusted(link: Link | null, { from, linkProof }: LinkRules): boolean {
  if (link?.proof !== 'declared') return true
  return linkProof === 'declared' && (from.length === 0 || names(from, link.declaredBy, link.declarerGroups))
}

/** How the judged subject reaches the examined one: null for itself, undefined if there is no way. */
export function linkTo(examined: string, judged: string, links: readonly Link[], rules: LinkRules): Link | null | undefined {
  if (examined === judged) return null
  const usable = links.filter((link) => leadsTo(link, examined, judged, links))
  const trusted = usable.filter((link) => isTrusted(link, rules))
  return [...trusted, ...usable].sort((a, b) => PROOFS.indexOf(a.proof) - PROOFS.indexOf(b.proof))[0]
}

const PROOFS = ['index', 'provenance', 'declared'] as const

/** One step to a source, a platform or an index; or over the index of the judged platform (or a platform of the judged index) to its source. */
function leadsTo(link: Link, examined: string, judged: string, links: readonly Link[]): boolean {
  if (link.kind === 'platform') return (link.from === judged && link.to === examined) || (link.to === judged && link.from === examined)
  return link.to === examined && (link.from === judged || areFamily(link.from, judged, links))
}

function areFamily(a: string, b: string, links: readonly Link[]): boolean {
  return links.some((link) => link.kind === 'platform' && ((link.from === a && link.to === b) || (link.from === b && link.to === a)))
}

/** The source revisions that the judged subject is linked to, each once with its strongest proof. */
export function sourcesOf(judged: string, links: readonly Link[]): LinkedSource[] {
  const sources = new Map<string, { proof: LinkedSource['proof']; declarers: Set<string> }>()
  for (const link of links) {
    if (link.kind !== 'source' || !leadsTo(link, link.to, judged, links)) continue
    const source = sources.get(link.to) ?? { proof: 'declared', declarers: new Set() }
    if (link.proof === 'provenance') source.proof = 'provenance'
    else source.declarers.add(link.declaredBy)
    sources.set(link.to, source)
  }
  return [...sources]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { proof, declarers }]) => ({ id, proof, declaredBy: [...declarers].sort() }))
}

/** A source revision that the judged subject is linked to. */
export interface LinkedSource {
  id: string
  /** The strongest one of its links. */
  proof: 'declared' | 'provenance'
  /** Names of the principals who declared it. */
  declaredBy: string[]
}
