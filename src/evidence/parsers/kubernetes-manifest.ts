import { AppError } from '../../core/app-error.ts'
import type { ReportErrorCode, ReportParser } from '../parser.ts'
import { isObject, numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { protects } from './kubernetes-budgets.ts'
import { itemsOf, jsonOf, malformed, report, wrongFormat } from './report.ts'

const FORMAT = 'kubernetes-manifest'

/**
 * Objects of Kubernetes as JSON: one, a list of them, or a `List` as `kubectl get -o json` writes it. YAML isn't read: where it was cut off,
 * what is left is mostly a whole document.
 * https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/
 */
export const kubernetesManifest: ReportParser = {
  format: FORMAT,
  classes: ['manifests'],
  claims: ({ json }) => (objectsIn(json) ?? []).some((object) => KINDS.has(String(textOf(object['kind'])))),
  parse: (source) => {
    const objects = objectsIn(jsonOf(FORMAT, source))
    if (!objects) throw wrongFormat(FORMAT, 'it is no object of Kubernetes, with apiVersion and kind, and no list of such')
    const workloads = objects.filter((object) => KINDS.has(String(textOf(object['kind'])))).map((object) => workloadOf(object, objects))
    return report({ name: 'kubernetes', version: null }, ['manifests'], {
      ...(workloads.length === 0 && { completeness: 'empty', completenessReason: 'It holds no workload.' }),
      document: { workloads },
    })
  },
}

/** What packs read of a workload. */
interface Workload {
  kind: string
  name: string
  namespace: string
  /** Whether it is to run for ever, so that it can be ready and alive. */
  serves: boolean
  /** Whether there are to be several pods of it that can go one after the other. */
  several: boolean
  /** Whether a disruption budget keeps some of them. */
  budget: boolean
  containers: Container[]
}

interface Container {
  name: string
  image: string
  /** Null where the image has none. */
  tag: string | null
  pinned: boolean
  /** Those that run before the others need no probes. */
  init: boolean
  probes: string[]
  limits: string[]
  requests: string[]
}

/** Kinds with pods in them, each with the way to the pod's specification. */
const KINDS: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ['Pod', []],
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'ReplicationController', 'Job'].map(
    (kind) => [kind, ['spec', 'template']] as const,
  ),
  ['CronJob', ['spec', 'jobTemplate', 'spec', 'template']],
])
const FINITE = new Set(['Job', 'CronJob'])
const SCALED = new Set(['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'])
const MAX_OBJECTS = 5000
const MAX_CONTAINERS = 100

/** Undefined for what is none. What yq makes of an empty document is left out. @throws {ReportError} `report_too_complex` */
function objectsIn(json: unknown): JsonObject[] | undefined {
  const list =
    isObject(json) && Array.isArray(json['items']) && textOf(json['kind'])?.endsWith('List') === true ? json['items'] : [json].flat()
  const stated = list.filter((item) => item !== null)
  if (stated.length > MAX_OBJECTS) throw tooMany(`${MAX_OBJECTS} objects`)
  const isList = (item: unknown): boolean => isObject(item) && Array.isArray(item['items'])
  return stated.length > 0 && stated.every((item) => isKubernetesObject(item) && !isList(item)) ? (stated as JsonObject[]) : undefined
}

function isKubernetesObject(item: unknown): item is JsonObject {
  return isObject(item) && textOf(item['apiVersion']) !== null && textOf(item['kind']) !== null && isObject(item['metadata'])
}

function tooMany(what: string): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The manifest holds more than ${what}.`, {
    field: 'body',
    remedy: 'Send the parts under names of their own.',
  })
}

function workloadOf(object: JsonObject, all: readonly JsonObject[]): Workload {
  const kind = textOf(object['kind']) ?? ''
  const metadata = objectOf(object['metadata'])
  const name = textOf(metadata['name']) ?? textOf(metadata['generateName'])
  if (name === null) throw malformed(FORMAT, `has a ${kind} without a name`)
  const namespace = textOf(metadata['namespace']) ?? ''
  const pod = (KINDS.get(kind) ?? []).reduce((owner: JsonObject, field) => objectOf(owner[field]), object)
  const labels = objectOf(objectOf(pod['metadata'])['labels'])
  return {
    ...{ kind, name, namespace },
    serves: !FINITE.has(kind),
    several: SCALED.has(kind) && (isScaled(kind, name, namespace, all) || (numberOf(objectOf(object['spec'])['replicas']) ?? 1) > 1),
    budget: all.some((other) => other['kind'] === 'PodDisruptionBudget' && protects(other, namespace, labels)),
    containers: containersOf(kind, objectOf(pod['spec'])),
  }
}

function isScaled(kind: string, name: string, namespace: string, all: readonly JsonObject[]): boolean {
  return all.some((other) => {
    const target = objectOf(objectOf(other['spec'])['scaleTargetRef'])
    const itsNamespace = textOf(objectOf(other['metadata'])['namespace']) ?? ''
    return other['kind'] === 'HorizontalPodAutoscaler' && itsNamespace === namespace && target['kind'] === kind && target['name'] === name
  })
}

/** @throws {ReportError} for a pod without containers: it can't be one */
function containersOf(kind: string, pod: JsonObject): Container[] {
  const containers = itemsOf(FORMAT, pod, 'containers')
  const before = itemsOf(FORMAT, pod, 'initContainers')
  if (containers.length === 0) throw malformed(FORMAT, `has a ${kind} without containers`)
  if (containers.length + before.length > MAX_CONTAINERS) throw tooMany(`${MAX_CONTAINERS} containers in a pod`)
  return [...before.map((container) => containerOf(container, true)), ...containers.map((container) => containerOf(container, false))]
}

const DIGEST = /@sha256:[0-9a-f]{64}$/
const TAG = /:([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$/
const MAX_WORD = 300

function containerOf(container: JsonObject, init: boolean): Container {
  const [name, image] = [textOf(container['name']), textOf(container['image'])]
  if (name === null || image === null) throw malformed(FORMAT, 'has a container without name or image')
  const resources = objectOf(container['resources'])
  return {
    name: name.slice(0, MAX_WORD),
    image: image.slice(0, MAX_WORD),
    tag: TAG.exec(image.replace(/@.*$/, '').replace(/^.*\//, ''))?.[1] ?? null,
    pinned: DIGEST.test(image),
    init,
    probes: ['liveness', 'readiness', 'startup'].filter((probe) => saysSomething(container[`${probe}Probe`])),
    limits: amountsIn(resources['limits']),
    requests: amountsIn(resources['requests']),
  }
}

/** An empty probe or a handler of null is none. */
function saysSomething(probe: unknown): boolean {
  return ['httpGet', 'tcpSocket', 'exec', 'grpc'].some((handler) => isObject(objectOf(probe)[handler]))
}

/** The resources for which there is an amount; nothing of it is none. */
function amountsIn(amounts: unknown): string[] {
  return Object.entries(objectOf(amounts)).flatMap(([name, amount]) => {
    const isSome = (typeof amount === 'number' && amount > 0) || (typeof amount === 'string' && /[1-9]/.test(amount))
    return isSome ? [name.slice(0, MAX_WORD)] : []
  })
}
