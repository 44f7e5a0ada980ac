import type { Binding } from './model.ts'

/**
 * The record that a log entry about a binding speaks for: `body.digest` is `canonicalDigest` of it.
 * The revision is not part of it, since only the store knows it.
 */
export function bindingRecord(binding: Omit<Binding, 'revision'>): object {
  const { name, pack, version, parameters, mode, validFor, breakGlass, updatedAt, updatedBy } = binding
  const { stage, environment, repository, source, team, labels } = binding
  const selector = {
    ...(stage && { stage }),
    ...(environment && { environment }),
    ...(repository && { repository }),
    ...(source && { source }),
    ...(team && { team }),
    ...(labels && { labels }),
  }
  return { name, pack, version, parameters, mode, validFor, ...(breakGlass && { breakGlass }), updatedAt, updatedBy, ...selector }
}

/** The record that the entry about a deleted binding speaks for. */
export function bindingDeletionRecord(name: string): object {
  return { name, deleted: true }
}
