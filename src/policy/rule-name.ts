const RULE_NAME = /^[a-z][a-z0-9_]{0,63}$/

/** A rule's name as violations carry it, whatever a custom pack calls it: `KSV001` is `ksv001`; undefined if nothing of it can be kept. */
export function ruleNameOf(name: string): string | undefined {
  if (RULE_NAME.test(name)) return name
  const snake = name
    .slice(0, 256)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '')
  if (snake === '') return undefined
  return (/^[a-z]/.test(snake) ? snake : `rule_${snake}`).slice(0, 64)
}
