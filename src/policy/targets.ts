/** What a change of a binding is a change of. */
export function bindingTarget(name: string): string {
  return `bindings/${name}`
}

/** What moving a policy's `latest`, or deleting it, is a change of. */
export function policyTarget(name: string): string {
  return `policies/${name}`
}
