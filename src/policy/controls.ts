const CONTROL = /^[A-Za-z0-9][A-Za-z0-9._:/()-]{0,63}$/

/** True of what can be the id of a control in somebody's catalogue: `SOC2-CC8.1`, `PCI-6.5.1`, `SLSA-L3`. */
export function isControlId(value: unknown): value is string {
  return typeof value === 'string' && CONTROL.test(value)
}
