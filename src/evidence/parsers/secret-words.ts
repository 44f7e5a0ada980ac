/** CWE-256 to 260, 312, 321, 522 and 798 are the weaknesses of secrets that lie in code or configuration. */
const TELLS_OF_SECRETS =
  /secret|hard[-_ ]?code|passw(?:or)?d|passphrase|credential|(?:api|access|private)[-_ ]?key|\bcwe-?0*(?:25[679]|260|312|321|522|798)\b/i

/** True if one of the texts (the id, name or weaknesses of a rule) says that the rule looks for secrets: its findings may quote one. */
export function tellsOfSecrets(texts: readonly unknown[]): boolean {
  return texts.some((text) => typeof text === 'string' && TELLS_OF_SECRETS.test(text))
}
