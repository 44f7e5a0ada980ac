import { AppError } from '../core/app-error.ts'
import { isFreeText } from '../core/free-text.ts'
import { repositoryGlobFault, REPOSITORY_GLOB_REMEDY } from '../core/repository.ts'
import type { OwnershipErrorCode } from './errors.ts'
import type { Project } from './model.ts'
import { isNamespace, NAMESPACE_REMEDY } from './namespace.ts'
import { readContact, readDescription } from './read-text.ts'

/** A project as it is written. */
export interface ProjectDraft {
  description?: string
  repositories?: readonly string[]
  namespaces?: readonly string[]
  owners: readonly string[]
  contact?: string | null
}

const MOST_PLACES = 100
const MOST_OWNERS = 20
const MAX_NAME = 63

/**
 * Reads a project. What could hold nothing, or belong to nobody, is refused: its author would believe that it is owned.
 * @throws {AppError} `project_invalid`, naming the field
 */
export function readProject(draft: ProjectDraft): Pick<Project, 'description' | 'repositories' | 'namespaces' | 'owners' | 'contact'> {
  const repositories = readList('repositories', draft.repositories ?? [], MOST_PLACES)
  const namespaces = readList('namespaces', draft.namespaces ?? [], MOST_PLACES)
  const owners = readList('owners', draft.owners, MOST_OWNERS)
  if (repositories.length + namespaces.length === 0) {
    throw invalid('repositories', 'The project holds neither repositories nor namespaces', 'Name what belongs to it.')
  }
  if (owners.length === 0 || !owners.every((owner) => isFreeText(owner, MAX_NAME))) {
    throw invalid('owners', 'The project belongs to nobody', 'Name at least one team.')
  }
  for (const glob of repositories) {
    const fault = repositoryGlobFault(glob)
    if (fault) throw invalid('repositories', `"${glob.slice(0, 80)}" ${fault}`, REPOSITORY_GLOB_REMEDY)
  }
  const malformed = namespaces.find((namespace) => !isNamespace(namespace))
  if (malformed !== undefined) throw invalid('namespaces', `"${malformed.slice(0, 80)}" is no namespace`, NAMESPACE_REMEDY)
  return {
    description: readDescription(draft.description, 'project_invalid'),
    repositories,
    namespaces,
    owners,
    contact: readContact(draft.contact, 'project_invalid'),
  }
}

function readList(field: string, items: readonly string[], most: number): string[] {
  if (items.length <= most) return [...new Set(items)]
  throw invalid(field, `There are more than ${most} of them`, 'Use wildcards, or divide the project.')
}

function invalid(field: string, problem: string, remedy: string): AppError<OwnershipErrorCode> {
  return new AppError('project_invalid', `${problem}.`, { field: `body.${field}`, remedy })
}
