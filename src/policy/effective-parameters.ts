import { isSamePlace } from '../core/place-name.ts'

type Parameters = Readonly<Record<string, unknown>>

/**
 * The parameters as they hold in an environment: the overrides of `environments` laid over them, object by object, as every shipped pack
 * does it (`policies/lib/settings.rego`).
 */
export function effectiveParameters(parameters: Parameters, environment: string): Parameters {
  const { environments, ...general } = parameters
  return isObject(environments) ? laidOver(general, ofPlace(environments, environment)) : parameters
}

/** Under its exact name, else under the first that differs in letter case only. */
function ofPlace(table: Parameters, place: string): Parameters {
  const name = Object.hasOwn(table, place)
    ? place
    : Object.keys(table)
        .filter((key) => isSamePlace(key, place))
        .sort()[0]
  const found = name === undefined ? undefined : table[name]
  return isObject(found) ? found : {}
}

function laidOver(below: Parameters, above: Parameters): Parameters {
  const merged = Object.entries(above).map(([name, value]) => {
    const under = below[name]
    return [name, isObject(under) && isObject(value) ? laidOver(under, value) : value]
  })
  return { ...below, ...(Object.fromEntries(merged) as Parameters) }
}

function isObject(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
