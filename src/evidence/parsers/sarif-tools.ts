import type { EvidenceClass } from '../../core/evidence-class.ts'
import { stringsOf, objectOf, type JsonObject } from './json-fields.ts'
import { tellsOfSecrets } from './secret-words.ts'

/** What known tools look for, by the name of the SARIF driver in lower case; the first match counts. */
const TOOLS: readonly (readonly [RegExp, EvidenceClass])[] = [
  [/^(?:gitleaks|betterleaks|trufflehog|detect-secrets|ggshield|gitguardian|kingfisher|nosey ?parker|talisman|whispers)\b/, 'secrets'],
  [/^(?:git-secrets|credscan|credentialscanner|credential scanner|secretlint|2ms|ripsecrets)\b|secret scann/, 'secrets'],
  [/^(?:trivy config|snyk iac|checkov|tfsec|kics|dockle|hadolint|terrascan|kube-?linter|kubescape|kube-score)\b/, 'misconfigurations'],
  [/^(?:polaris|cfn-lint|cfn[-_]nag|tflint|regula|conftest|prowler|ansible-lint|datree|kube-bench|docker bench)\b/, 'misconfigurations'],
  [/^(?:trivy|grype|osv-scanner|snyk container|snyk open source|govulncheck|dependency-check|owasp dependency-check)\b/, 'vulnerabilities'],
  [/^(?:npm[- ]audit|cargo[- ](?:audit|deny)|pip-audit|bundler-audit|retire\.?js|nancy|docker scout|clair|anchore)\b/, 'vulnerabilities'],
  [/^(?:jfrog xray|xray|twistcli|prisma cloud|black ?duck|mend|whitesource|sonatype|nexus|dependabot)\b/, 'vulnerabilities'],
  [/^(?:zap|owasp zap|zaproxy|nuclei|nikto|wapiti|stackhawk|burp|dastardly|arachni)\b/, 'dast'],
]

/** What a tool looks for; unknown tools are taken for static analysis of code, which most writers of SARIF do. */
export function classOfTool(driverName: string): EvidenceClass {
  const name = driverName.trim().toLowerCase()
  return TOOLS.find(([pattern]) => pattern.test(name))?.[1] ?? 'sast'
}

const CLASS_OF_TRIVY_TAG: Readonly<Record<string, EvidenceClass>> = {
  vulnerability: 'vulnerabilities',
  misconfiguration: 'misconfigurations',
  secret: 'secrets',
  license: 'licences',
}

const ADVISORY_ID = /^(?:CVE|GHSA|BDSA|RUSTSEC|PYSEC|GO|OSV|DSA|DLA|USN|RHSA|ALAS|ELSA|SNYK)-[0-9A-Za-z]/i

/** What one result is about: some tools look for several things and tell by a tag; ids of advisories speak for themselves. */
export function classOfResult(toolClass: EvidenceClass, ruleId: string, rule: JsonObject): EvidenceClass {
  if (toolClass === 'vulnerabilities') {
    const tag = tagsOf(rule).find((name) => Object.hasOwn(CLASS_OF_TRIVY_TAG, name))
    return (tag === undefined ? undefined : CLASS_OF_TRIVY_TAG[tag]) ?? 'vulnerabilities'
  }
  return toolClass === 'sast' && ADVISORY_ID.test(ruleId) ? 'vulnerabilities' : toolClass
}

/** True if results of this rule may quote a secret, whatever the tool looks for in the main. */
export function mayQuoteSecrets(resultClass: EvidenceClass, ruleId: string, rule: JsonObject): boolean {
  if (resultClass === 'secrets') return true
  if (resultClass === 'vulnerabilities' || resultClass === 'licences') return false
  return tellsOfSecrets([ruleId, rule['name'], objectOf(rule['shortDescription'])['text'], ...tagsOf(rule)])
}

/** The tags of a rule. */
export function tagsOf(rule: JsonObject): string[] {
  return stringsOf(objectOf(rule['properties'])['tags'])
}
