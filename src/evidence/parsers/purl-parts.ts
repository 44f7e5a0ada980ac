import { parsePurl } from '../../core/purl.ts'

/** What a package URL tells of its package. */
export interface PurlParts {
  /** Namespace and name, joined as the package's ecosystem joins them. */
  name: string
  version: string | null
}

/** @returns undefined for what is no package URL */
export function purlParts(purl: string): PurlParts | undefined {
  const parsed = parsePurl(purl)
  if (!parsed) return undefined
  const { type, namespace, name, version } = parsed
  return { name: namespace === '' ? name : `${namespace}${type === 'maven' ? ':' : '/'}${name}`, version }
}
