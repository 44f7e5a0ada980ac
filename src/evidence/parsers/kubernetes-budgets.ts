import { isObject, objectOf, objectsOf, stringsOf, textOf, type JsonObject } from './json-fields.ts'

/** Whether a PodDisruptionBudget keeps some of the pods with these labels running. One that lets all of them go protects nothing. */
export function protects(budget: JsonObject, namespace: string, labels: JsonObject): boolean {
  const { minAvailable: least, maxUnavailable: most, selector } = objectOf(budget['spec'])
  if ((textOf(objectOf(budget['metadata'])['namespace']) ?? '') !== namespace || !isObject(selector)) return false
  return (isSome(least) || (isStated(most) && most !== '100%')) && selects(selector, labels)
}

function isStated(amount: unknown): boolean {
  return typeof amount === 'number' || (typeof amount === 'string' && amount !== '')
}

function isSome(amount: unknown): boolean {
  return isStated(amount) && amount !== 0 && amount !== '0' && amount !== '0%'
}

/** Labels by a selector of Kubernetes; an empty one selects everything, and one that can't be read nothing. */
function selects(selector: JsonObject, labels: JsonObject): boolean {
  const exact = Object.entries(objectOf(selector['matchLabels']))
  return exact.every(([name, value]) => valueOf(labels, name) === value) && expressions(selector).every((each) => holds(each, labels))
}

function expressions(selector: JsonObject): (JsonObject | undefined)[] {
  const stated = selector['matchExpressions'] ?? []
  return Array.isArray(stated) && stated.every(isObject) ? objectsOf(stated) : [undefined]
}

function holds(expression: JsonObject | undefined, labels: JsonObject): boolean {
  const name = textOf(expression?.['key'])
  if (!expression || name === null) return false
  const value = valueOf(labels, name)
  const values: readonly unknown[] = stringsOf(expression['values'])
  switch (expression['operator']) {
    case 'In':
      return values.includes(value)
    case 'NotIn':
      return !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}

function valueOf(labels: JsonObject, name: string): unknown {
  return Object.hasOwn(labels, name) ? labels[name] : undefined
}
