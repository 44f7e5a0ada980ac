// A cluster's name is part of paths; a namespace is a DNS label (RFC 1123).
const NAMESPACE = /^[a-z0-9][a-z0-9._-]{0,62}\/(\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/

/** What a malformed namespace should look like. */
export const NAMESPACE_REMEDY = 'Write CLUSTER/NAMESPACE in lower case, or CLUSTER/* for all of a cluster.'

export function isNamespace(text: string): boolean {
  return NAMESPACE.test(text)
}

/** True if some namespace is meant by both lists: the same one, or one of a cluster that the other list names as a whole. */
export function namespacesMeet(a: readonly string[], b: readonly string[]): boolean {
  const others = new Set(b)
  const clusters = new Set(b.map(clusterOf))
  return a.some((namespace) => {
    const cluster = clusterOf(namespace)
    return others.has(namespace) || others.has(`${cluster}/*`) || (namespace.endsWith('/*') && clusters.has(cluster))
  })
}

function clusterOf(namespace: string): string {
  return namespace.slice(0, namespace.indexOf('/'))
}
