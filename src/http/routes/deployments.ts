import type { Handlers } from '../call.ts'
import { definedOnly, instantFilter, subjectFilter } from '../filters.ts'
import { replayHeader } from '../idempotency.ts'
import { ownedFilter } from '../owned.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type DeploymentHandlers = Pick<Handlers, 'createDeployment' | 'listDeployments' | 'getDeployment' | 'finishDeployment'>

/** What followed from decisions, or happened without one. */
export function deploymentRoutes({ deployments, owners }: Pick<HttpDependencies, 'deployments' | 'owners'>): DeploymentHandlers {
  return {
    createDeployment: async ({ access, body, requestId, idempotency }) => {
      const { deployment, repeated } = await deployments.start(access, definedOnly(body), { requestId, idempotency })
      return json(repeated ? 200 : 201, deployment, { location: `/v1/deployments/${deployment.id}`, ...replayHeader(repeated) })
    },

    listDeployments: async ({ access, query, path }) => {
      const { limit: _limit, cursor: _cursor, from, to, project, team, ...filter } = query
      const owned = await ownedFilter(owners, access, { project, team })
      const wanted = { ...definedOnly(filter), ...subjectFilter(query), ...instantFilter({ from, to }), ...owned }
      return pageReply({ path, query }, await deployments.list(access, wanted, pageRequest({ path, query })))
    },

    getDeployment: async ({ access, parameters }) => json(200, found(await deployments.find(access, parameters.id))),

    finishDeployment: async ({ access, parameters, body, requestId }) =>
      json(200, found(await deployments.finish(access, parameters.id, definedOnly(body), requestId))),
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('deployment', 'path.id')
  return value
}
