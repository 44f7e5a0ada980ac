/**
 * Whether two platforms, `os/architecture[/variant]`, may be the same: a variant that one of them leaves out doesn't tell them apart.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md (platform)
 */
export function mayBeSamePlatform(a: string, b: string): boolean {
  const [os, architecture, variant] = partsOf(a)
  const [otherOs, otherArchitecture, otherVariant] = partsOf(b)
  return os === otherOs && architecture === otherArchitecture && (!variant || !otherVariant || variant === otherVariant)
}

/** `v8` is the only variant of arm64 that images state, and many leave it out. */
function partsOf(platform: string): string[] {
  return platform
    .toLowerCase()
    .replace(/^([^/]*\/arm64)\/v8$/, '$1')
    .split('/')
}
