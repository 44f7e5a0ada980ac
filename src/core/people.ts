/** Principals of these names, and those in one of these groups. */
export interface People {
  members: readonly string[]
  groups: readonly string[]
}
