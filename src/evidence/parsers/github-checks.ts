import type { RequiredCheck } from './github-protection.ts'
import type { PullRequest } from './github-pull-request.ts'
import { numberOf, objectOf, textOf, type JsonObject } from './json-fields.ts'
import { countedItems } from './paged.ts'
import { malformed } from './report.ts'
import type { CheckResult } from './source-review.ts'

/** What ran on the commits of a change. */
export interface GithubChecks {
  results: CheckResult[]
  /** When each ran, as it is written. */
  times: unknown[]
  mayContinue: boolean
}

interface Run {
  name: string
  result: string
  /** Null for a status, which belongs to no app. */
  app: number | null
}

/**
 * Reads `check_runs` (`GET …/commits/SHA/check-runs`) and `status` (`GET …/commits/SHA/status`). A required check that didn't run, or only
 * one of the same name by another app than the branch requires it of, is `absent`.
 * @throws {ReportError} `report_malformed`, also for those of another commit
 */
export function githubChecks(format: string, json: JsonObject, change: PullRequest, required: readonly RequiredCheck[]): GithubChecks {
  const runs = countedItems(format, json, 'check_runs', 'check_runs')
  const statuses = countedItems(format, json, 'status', 'statuses')
  const isOfChange = (sha: unknown): boolean =>
    typeof sha === 'string' && change.authorship.revisions.some((revision) => revision.endsWith(`@${sha}`))
  if (!runs.items.every((run) => isOfChange(run['head_sha']))) throw malformed(format, 'has checks of another commit')
  if (!pagesOf(json['status']).every((page) => isOfChange(page['sha']))) throw malformed(format, 'has the status of another commit')
  const all = [...runs.items.map((run) => runOf(format, run)), ...statuses.items.map((status) => statusOf(format, status))]
  return {
    results: resultsOf(all, required),
    times: [
      ...runs.items.flatMap((run) => [run['started_at'], run['completed_at']]),
      ...statuses.items.map((status) => status['updated_at']),
    ],
    mayContinue: runs.mayContinue || statuses.mayContinue,
  }
}

function pagesOf(stated: unknown): JsonObject[] {
  return [stated ?? []].flat().map(objectOf)
}

function runOf(format: string, run: JsonObject): Run {
  const done = run['status'] === 'completed'
  return {
    name: nameOf(format, run['name']),
    result: textOf(run[done ? 'conclusion' : 'status']) ?? 'unknown',
    app: numberOf(objectOf(run['app'])['id']),
  }
}

function statusOf(format: string, status: JsonObject): Run {
  return { name: nameOf(format, status['context']), result: textOf(status['state']) ?? 'unknown', app: null }
}

/** @throws {ReportError} for one without a name: it may be the one that failed */
function nameOf(format: string, value: unknown): string {
  const name = textOf(value)
  if (name === null) throw malformed(format, 'has a check without a name')
  return name
}

function resultsOf(runs: readonly Run[], required: readonly RequiredCheck[]): CheckResult[] {
  const meets = (run: Run, { name, app }: RequiredCheck): boolean => run.name === name && (app === null || run.app === app)
  return [
    ...runs.map((run) => ({ name: run.name, result: run.result, required: required.some((check) => meets(run, check)) })),
    ...required.filter((check) => !runs.some((run) => meets(run, check))).map(({ name }) => ({ name, result: 'absent', required: true })),
  ]
}
