import { execFileSync } from 'node:child_process'

import { readResourceFiles } from '../../src/composition/resource-files.ts'
import type { SourceDocument } from '../../src/governance/resources/documents.ts'
import type { ApplyReport } from '../../src/governance/resources/resources.ts'
import { ApiError, type ApiClient } from './api-client.ts'
import { planText } from './plan-text.ts'

export interface ApplyOptions {
  directory: string
  set: string
  /** Undefined takes the one of the directory's repository. */
  commit: string | undefined
  dryRun: boolean
  prune: boolean
}

/** What waits for a second person is neither done nor failed. */
export const WAITING = 3

/** Applies a directory of documents to a running service. @returns the exit code */
export async function apply(client: ApiClient, options: ApplyOptions, write: (line: string) => void): Promise<number> {
  const { directory, set, dryRun, prune } = options
  const sources = readResourceFiles(directory)
  const commit = options.commit ?? commitOf(directory, write)
  const body = { ...(commit !== undefined && { commit }), dryRun, prune, resources: sources.map(({ value }) => value) }
  const reply = await client.send('PUT', `/v1/resources/${encodeURIComponent(set)}`, body).catch((error: unknown) => {
    throw atFile(error, sources)
  })
  if (reply.status === 202) {
    const { id, summary } = reply.body as { id: string; summary: string }
    write(`${summary} It waits for a second person: POST /v1/changes/${id}/approve`)
    return WAITING
  }
  write(planText(reply.body as ApplyReport, dryRun))
  return 0
}

/** Only a tree that is as committed has a commit to name. */
function commitOf(directory: string, write: (line: string) => void): string | undefined {
  const git = (...args: string[]): string =>
    execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', 'HEAD')
    if (git('status', '--porcelain', '--', '.') === '') return commit
    write(`no commit is named, since the files differ from ${commit}`)
  } catch {
    write('no commit is named, since the directory is in no git repository')
  }
  return undefined
}

function atFile(error: unknown, sources: readonly SourceDocument[]): unknown {
  if (!(error instanceof ApiError)) return error
  const at = /^body\.resources\.(\d+)(?:\.(.*))?$/.exec(error.field ?? '')
  const source = at && sources[Number(at[1])]
  return source ? new Error(`${source.file}:${source.line}: ${error.message}`, { cause: error }) : error
}
