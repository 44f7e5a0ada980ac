import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type ProjectHandlers = Pick<Handlers, 'listProjects' | 'getProject' | 'putProject' | 'deleteProject'>

/** What belongs together and to whom. Whose something is concerns everybody, so a confined token may read but not change it. */
export function projectRoutes({ projects }: Pick<HttpDependencies, 'projects'>): ProjectHandlers {
  return {
    listProjects: async ({ access, query, path }) => {
      const { team, repository, namespace } = query
      const listed = await projects.list(access, definedOnly({ team, repository, namespace }))
      return pageReply(
        { path, query },
        pageOf(listed, ({ name }) => name, pageRequest({ path, query })),
      )
    },

    getProject: async ({ access, parameters }) => json(200, await projects.find(access, parameters.name)),

    putProject: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const { project, created } = await projects.put(access, parameters.name, definedOnly(body), requestId)
      return created ? json(201, project, { location: `/v1/projects/${project.name}` }) : json(200, project)
    },

    deleteProject: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      await projects.remove(access, parameters.name, requestId)
      return empty(204)
    },
  }
}
