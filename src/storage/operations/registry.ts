import { addApproval, revokeApproval, settleApprovals } from './approvals.ts'
import { putBinding, removeBinding, seedBindings } from './bindings.ts'
import { placeBlock } from './blocks.ts'
import { decideChange, submitChange } from './changes.ts'
import { recordDecision } from './decisions.ts'
import { finishDeployment, startDeployment } from './deployments.ts'
import { recordDelivery, recordEvidence, reserveEvidence, stageFindings, sweepStaged } from './evidence.ts'
import { claimOperation, finishOperation, releaseOperation, saveOperation, startOperation } from './operations.ts'
import { putProject, putTeam, removeProject, removeTeam } from './ownership.ts'
import { publishPolicy, registerPolicies, removePolicy } from './policies.ts'
import { linkIdentity, putPrincipal, unlinkIdentity } from './principals.ts'
import { closeReview } from './reviews.ts'
import { claimJti } from './used-jwts.ts'
import { keepSecret, logIn } from './logins.ts'
import { appendEntries, createLog, forgetClaims, noteHealth } from './system.ts'
import { approveWaiver, rejectWaiver, requestWaiver, revokeWaiver } from './waivers.ts'
import { createToken, revokeToken, rotateToken, touchTokens } from './tokens.ts'

/** Everything that the writer can be asked to do. Arguments and results are plain data that cross threads. */
export const OPERATIONS = {
  recordDecision,
  closeReview,
  addApproval,
  revokeApproval,
  settleApprovals,
  startDeployment,
  finishDeployment,
  recordEvidence,
  recordDelivery,
  reserveEvidence,
  stageFindings,
  sweepStaged,
  createToken,
  revokeToken,
  rotateToken,
  touchTokens,
  putPrincipal,
  logIn,
  keepSecret,
  linkIdentity,
  unlinkIdentity,
  claimJti,
  submitChange,
  decideChange,
  placeBlock,
  putBinding,
  removeBinding,
  seedBindings,
  publishPolicy,
  registerPolicies,
  removePolicy,
  putProject,
  removeProject,
  putTeam,
  removeTeam,
  requestWaiver,
  approveWaiver,
  rejectWaiver,
  revokeWaiver,
  startOperation,
  claimOperation,
  saveOperation,
  releaseOperation,
  finishOperation,
  appendEntries,
  createLog,
  noteHealth,
  forgetClaims,
}

export type Operations = typeof OPERATIONS
export type OperationName = keyof Operations
export type OperationArguments<Name extends OperationName> = Parameters<Operations[Name]>[1]
export type OperationResult<Name extends OperationName> = Awaited<ReturnType<Operations[Name]>>

/** Operations that read and refuse before they gather their first row, and write nothing else: they need no savepoint. */
export const GATHERING: ReadonlySet<OperationName> = new Set(['recordDecision'])
