import { proven } from './facts.ts'
import { DISCOVERY, type KindProfile } from './kind.ts'
import { anyOf } from './says-who.ts'

const OF_CLUSTER = 'kubernetes.io'

/**
 * Tokens of service accounts, of any cluster (EKS, GKE and AKS as well). They say which account of which namespace, which may be a runner
 * of any CI; about repositories they say nothing.
 */
export const kubernetes: KindProfile = {
  title: 'Kubernetes',
  keys: DISCOVERY,
  claims: {
    ...{ namespace: 'ascii', serviceaccount: 'ascii', serviceaccount_uid: 'ascii', sub: 'ascii' },
    ...{ pod: 'ascii', pod_uid: 'ascii', node: 'ascii', node_uid: 'ascii' },
  },
  nested: {
    namespace: [OF_CLUSTER, 'namespace'],
    serviceaccount: [OF_CLUSTER, 'serviceaccount', 'name'],
    serviceaccount_uid: [OF_CLUSTER, 'serviceaccount', 'uid'],
    pod: [OF_CLUSTER, 'pod', 'name'],
    pod_uid: [OF_CLUSTER, 'pod', 'uid'],
    node: [OF_CLUSTER, 'node', 'name'],
    node_uid: [OF_CLUSTER, 'node', 'uid'],
  },
  saysWho: anyOf({ namespace: 'some', serviceaccount: 'some' }, { serviceaccount_uid: 'exact' }),
  who: 'namespace and serviceaccount, or serviceaccount_uid',
  provesRepository: false,
  facts: (token) => proven({ execution: token.text('pod'), runner: token.text('node') }),
}
