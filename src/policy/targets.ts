/** What a change of a binding is a change of. */
export function bindingTarget(name: string): string {
  return `bindings/${name}`
}
