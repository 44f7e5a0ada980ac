/** By which set a resource was last applied. */
export interface AppliedResourceTable {
  kind: string
  name: string
  set_name: string
  /** Of its target, as it was applied. */
  revision: number
  commit_id: string | null
  /** RFC 3339. */
  at: string
}
