import { itemsOf } from './report.ts'
import { textOf, type JsonObject } from './json-fields.ts'
import { keepOnly } from './keep-only.ts'
import { withoutQuery } from './url-parts.ts'

const SITE = ['@name', '@host', '@port', '@ssl']
const ALERT = [
  ...['pluginid', 'alertRef', 'alert', 'name', 'riskcode', 'confidence', 'riskdesc', 'confidencedesc'],
  ...['desc', 'count', 'solution', 'reference', 'cweid', 'wascid', 'sourceid'],
]

/** A copy of the site without requests, answers and what was found in them: they carry sessions, passwords and personal data. */
export function redactSite(site: JsonObject): JsonObject {
  return { ...keepOnly(site, SITE), alerts: itemsOf('zap', site, 'alerts').map(redactAlert) }
}

function redactAlert(alert: JsonObject): JsonObject {
  const instances = itemsOf('zap', alert, 'instances').map((instance) => ({
    ...keepOnly(instance, ['method', 'param']),
    uri: withoutQuery(textOf(instance['uri']) ?? ''),
  }))
  return { ...keepOnly(alert, ALERT), ...('uri' in alert && { uri: withoutQuery(textOf(alert['uri']) ?? '') }), instances }
}
