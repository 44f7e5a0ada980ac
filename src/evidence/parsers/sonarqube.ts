import type { ReportParser } from '../parser.ts'
import { isObject, type JsonObject } from './json-fields.ts'
import { jsonOf, wrongFormat } from './report.ts'
import { readGate } from './sonarqube-gate.ts'
import { isHotspotSearch, isIssueSearch, readHotspots, readIssues } from './sonarqube-issues.ts'
import { readMeasures } from './sonarqube-measures.ts'

/**
 * What SonarQube and SonarCloud send and answer: the quality gate's webhook, and the replies of `api/measures/component`,
 * `api/issues/search` and `api/hotspots/search`.
 * https://docs.sonarsource.com/sonarqube-server/project-administration/webhooks
 */
export const sonarqube: ReportParser = {
  format: 'sonarqube',
  classes: ['quality', 'sast', 'secrets', 'coverage', 'tests'],
  claims: ({ json }) => isWebhook(json) || isMeasures(json) || isIssueSearch(json) || isHotspotSearch(json),
  parse: (source) => {
    const json = jsonOf('sonarqube', source)
    if (isWebhook(json)) return readGate(json)
    if (isMeasures(json)) return readMeasures(json)
    if (isIssueSearch(json)) return readIssues(json)
    if (isHotspotSearch(json)) return readHotspots(json)
    throw wrongFormat('sonarqube', 'it is neither the webhook nor a reply about measures, issues or hotspots')
  },
}

function isWebhook(json: unknown): json is JsonObject {
  return isObject(json) && 'taskId' in json && 'serverUrl' in json && 'status' in json && isObject(json['project'])
}

function isMeasures(json: unknown): json is JsonObject {
  return isObject(json) && isObject(json['component']) && Array.isArray(json['component']['measures'])
}
