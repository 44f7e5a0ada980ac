import { AppError } from '../../core/app-error.ts'
import { resourceKey, type ResourceDocument } from './resource.ts'

export type ResourceErrorCode = 'resource_repeated'

/** Two documents about one thing can't both hold. */
export function repeated(document: ResourceDocument, at: number): AppError<ResourceErrorCode> {
  return new AppError('resource_repeated', `Two documents say what ${resourceKey(document)} is to be.`, {
    field: `body.resources.${at}`,
    remedy: 'Keep one of them.',
  })
}
