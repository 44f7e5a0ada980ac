import type { ReportParser } from './parser.ts'
import { bandit } from './parsers/bandit.ts'
import { bundlerAudit } from './parsers/bundler-audit.ts'
import { cargoAudit } from './parsers/cargo-audit.ts'
import { changeRecord } from './parsers/change-record.ts'
import { checkov } from './parsers/checkov.ts'
import { clair } from './parsers/clair.ts'
import { clairScanner } from './parsers/clair-scanner.ts'
import { clover } from './parsers/clover.ts'
import { cobertura } from './parsers/cobertura.ts'
import { coveragePy } from './parsers/coverage-py.ts'
import { csaf } from './parsers/csaf.ts'
import { ctrf } from './parsers/ctrf.ts'
import { cucumber } from './parsers/cucumber.ts'
import { cyclonedx } from './parsers/cyclonedx.ts'
import { dependencyCheck } from './parsers/dependency-check.ts'
import { dependencyTrack } from './parsers/dependency-track.ts'
import { ecr } from './parsers/ecr.ts'
import { findings } from './parsers/findings.ts'
import { githubCommit } from './parsers/github-commit.ts'
import { githubPullRequest } from './parsers/github-pull-request.ts'
import { githubReview } from './parsers/github-review.ts'
import { gitlabMergeRequest } from './parsers/gitlab-merge-request.ts'
import { gitlabReview } from './parsers/gitlab-review.ts'
import { gitlabContainerScanning, gitlabDast, gitlabDependencyScanning, gitlabSast, gitlabSecretDetection } from './parsers/gitlab.ts'
import { gitleaks } from './parsers/gitleaks.ts'
import { goCover } from './parsers/go-cover.ts'
import { goTest } from './parsers/go-test.ts'
import { govulncheck } from './parsers/govulncheck.ts'
import { grype } from './parsers/grype.ts'
import { hadolint } from './parsers/hadolint.ts'
import { inspector2 } from './parsers/inspector2.ts'
import { istanbul } from './parsers/istanbul.ts'
import { istanbulSummary } from './parsers/istanbul-summary.ts'
import { jacoco } from './parsers/jacoco.ts'
import { jira } from './parsers/jira.ts'
import { json } from './parsers/json.ts'
import { junit } from './parsers/junit.ts'
import { k6 } from './parsers/k6.ts'
import { kics } from './parsers/kics.ts'
import { klar } from './parsers/klar.ts'
import { kubernetesManifest } from './parsers/kubernetes-manifest.ts'
import { lcov } from './parsers/lcov.ts'
import { migrations } from './parsers/migrations.ts'
import { rollbackDrill } from './parsers/rollback-drill.ts'
import { npmAudit } from './parsers/npm-audit.ts'
import { nunit } from './parsers/nunit.ts'
import { ociIndex } from './parsers/oci-index.ts'
import { opencover } from './parsers/opencover.ts'
import { openvex } from './parsers/openvex.ts'
import { osvScanner } from './parsers/osv-scanner.ts'
import { pipAudit } from './parsers/pip-audit.ts'
import { prometheus } from './parsers/prometheus.ts'
import { sarif } from './parsers/sarif.ts'
import { semgrep } from './parsers/semgrep.ts'
import { servicenow } from './parsers/servicenow.ts'
import { snyk } from './parsers/snyk.ts'
import { sonarqube } from './parsers/sonarqube.ts'
import { sourceReview } from './parsers/source-review.ts'
import { squawk } from './parsers/squawk.ts'
import { tap } from './parsers/tap.ts'
import { testng } from './parsers/testng.ts'
import { tfsec } from './parsers/tfsec.ts'
import { trivy } from './parsers/trivy.ts'
import { trufflehog } from './parsers/trufflehog.ts'
import { trx } from './parsers/trx.ts'
import { xunit } from './parsers/xunit.ts'
import { yarnAudit } from './parsers/yarn-audit.ts'
import { zap } from './parsers/zap.ts'

/** Every report format that can be read. The order doesn't matter: recognition asks them all. */
export const PARSERS: readonly ReportParser[] = [
  trivy,
  grype,
  npmAudit,
  snyk,
  osvScanner,
  pipAudit,
  cargoAudit,
  bundlerAudit,
  govulncheck,
  cyclonedx,
  dependencyTrack,
  clair,
  clairScanner,
  klar,
  ecr,
  inspector2,
  yarnAudit,
  sarif,
  gitleaks,
  ociIndex,
  openvex,
  csaf,
  githubCommit,
  githubPullRequest,
  gitlabMergeRequest,
  sourceReview,
  githubReview,
  gitlabReview,
  lcov,
  cobertura,
  clover,
  junit,
  ctrf,
  tap,
  trx,
  xunit,
  nunit,
  testng,
  cucumber,
  goTest,
  jacoco,
  istanbulSummary,
  istanbul,
  goCover,
  coveragePy,
  opencover,
  dependencyCheck,
  bandit,
  checkov,
  hadolint,
  kics,
  semgrep,
  tfsec,
  gitlabSast,
  gitlabSecretDetection,
  gitlabDast,
  gitlabContainerScanning,
  gitlabDependencyScanning,
  zap,
  trufflehog,
  sonarqube,
  squawk,
  migrations,
  k6,
  prometheus,
  kubernetesManifest,
  changeRecord,
  rollbackDrill,
  servicenow,
  jira,
  findings,
  json,
]
