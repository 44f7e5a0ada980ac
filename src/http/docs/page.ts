import type { ContractDocument } from '../contract/document.ts'
export function renderDocs(_contract: ContractDocument): string {
  return ''
}
