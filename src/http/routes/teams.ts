import { requireUnconfined } from '../../auth/authorize.ts'
import type { Handlers } from '../call.ts'
import { definedOnly } from '../filters.ts'
import { pageOf } from '../page-of.ts'
import { pageReply, pageRequest } from '../pagination.ts'
import type { HttpDependencies } from '../ports.ts'
import { empty, json } from '../reply.ts'

type TeamHandlers = Pick<Handlers, 'listTeams' | 'getTeam' | 'putTeam' | 'deleteTeam'>

/** Who answers for projects. That concerns everybody, so a confined token may read but not change it. */
export function teamRoutes({ teams }: Pick<HttpDependencies, 'teams'>): TeamHandlers {
  return {
    listTeams: async ({ access, query, path }) => {
      const listed = await teams.list(access, definedOnly({ project: query.project }))
      return pageReply(
        { path, query },
        pageOf(listed, ({ name }) => name, pageRequest({ path, query })),
      )
    },

    getTeam: async ({ access, parameters }) => json(200, await teams.find(access, parameters.name)),

    putTeam: async ({ access, parameters, body, requestId }) => {
      requireUnconfined(access)
      const { team, created } = await teams.put(access, parameters.name, definedOnly(body), requestId)
      return created ? json(201, team, { location: `/v1/teams/${team.name}` }) : json(200, team)
    },

    deleteTeam: async ({ access, parameters, requestId }) => {
      requireUnconfined(access)
      await teams.remove(access, parameters.name, requestId)
      return empty(204)
    },
  }
}
