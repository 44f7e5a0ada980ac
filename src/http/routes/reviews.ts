import type { Handlers } from '../call.ts'
import type { HttpDependencies } from '../ports.ts'
import { notFound } from '../problem.ts'
import { json } from '../reply.ts'

type ReviewHandlers = Pick<Handlers, 'getDecisionReview' | 'closeDecisionReview'>

/** Looking afterwards at what passed by an exception. */
export function reviewRoutes({ reviews }: Pick<HttpDependencies, 'reviews'>): ReviewHandlers {
  return {
    getDecisionReview: async ({ access, parameters }) => json(200, found(await reviews.find(access, parameters.id))),

    closeDecisionReview: async ({ access, parameters, body, requestId }) =>
      json(200, found(await reviews.close(access, parameters.id, body, requestId))),
  }
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw notFound('review', 'path.id')
  return value
}
