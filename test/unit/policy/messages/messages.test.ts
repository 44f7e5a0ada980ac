import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { renderResult, type MessageFinding } from '../../../../src/policy/messages/index.ts'
import type { PackResult } from '../../../../src/policy/result.ts'
import { manifestOf, PACKS } from '../shipped-packs.ts'

const openssl: MessageFinding = { id: 'CVE-2027-0001', package: 'openssl', version: '3.0.2', fixedVersion: '3.0.14', severity: 'critical' }
const zlib: MessageFinding = { id: 'CVE-2027-0002', package: 'zlib', version: '1.2', fixedVersion: null, severity: 'critical' }
const leak: MessageFinding = { id: 'aws-key', package: null, version: null, fixedVersion: null, severity: 'high' }

interface Case {
  pack: string
  result: PackResult
  findings?: MessageFinding[]
  message: string
  fix: string | null
}

const CASES: Case[] = [
  {
    pack: 'vulnerabilities',
    result: { rule: 'max_severity', args: { severity: 'critical', count: 2, limit: 0, fixable: 1, unknown: 0 } },
    findings: [openssl, zlib],
    message: '2 critical vulnerabilities, none is allowed: CVE-2027-0001 in openssl 3.0.2 and CVE-2027-0002 in zlib 1.2.',
    fix: 'Update openssl to 3.0.14; 1 has no known fix: replace the package, or ask for a waiver.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'max_severity', args: { severity: 'high', count: 1, limit: 0, fixable: 1, unknown: 1 } },
    findings: [openssl],
    message: '1 high vulnerability (1 of unknown severity), none is allowed: CVE-2027-0001 in openssl 3.0.2.',
    fix: 'Update openssl to 3.0.14.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'max_severity', args: { severity: 'unknown', count: 3, limit: 2, fixable: 0, unknown: 3 } },
    findings: [zlib],
    message: '3 vulnerabilities of unknown severity, at most 2 are allowed: CVE-2027-0002 in zlib 1.2.',
    fix: 'No fix is known: replace the package, or ask for a waiver.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'grace_period', effect: 'warning', args: { severity: 'high', count: 2, days: 7, ends: 1_800_000_000 } },
    findings: [openssl],
    message:
      '2 high vulnerabilities do not count yet, within 7 days of grace that first end at 2027-01-15T08:00:00Z: CVE-2027-0001 in openssl 3.0.2.',
    fix: 'Update openssl to 3.0.14.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'missing_evidence', missing: ['vulnerabilities'] },
    message: 'No usable vulnerability report counts for this subject.',
    fix: 'Scan the artifact (with Trivy or Grype, for example) and post the report to /v1/evidence for this subject.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'required_scanner', missing: ['trivy', 'grype'] },
    message: 'No usable report of the required scanners trivy and grype.',
    fix: 'Run trivy and grype and post the report to /v1/evidence for this subject.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'scan_too_old', args: { limit: 2, count: 1, time: 1_800_000_000, tools: ['Trivy'] } },
    message: '1 vulnerability report (Trivy) older than the 2 days allowed; the oldest is from 2027-01-15T08:00:00Z.',
    fix: 'Scan the artifact again with the same tools and post the new reports.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'database_too_old', args: { limit: 1, count: 2, unstated: 1, tools: ['Trivy', 'Trivy'] } },
    message: '2 reports (Trivy) not shown to rest on a vulnerability database of at most 1 day; 1 of them do not state it.',
    fix: 'Update the database of the scanner, scan again in a format that states the time of the database, and post the report.',
  },
  {
    pack: 'findings',
    result: { rule: 'max_severity', args: { class: 'secrets', severity: 'high', count: 1, limit: 0, unknown: 0 } },
    findings: [leak],
    message: '1 secret of high severity, none is allowed: aws-key.',
    fix: 'Revoke each secret where it was issued, since removing it from the code alone is not enough; then remove it and scan again.',
  },
  {
    pack: 'findings',
    result: { rule: 'required_class', missing: ['sast'] },
    message: 'No usable report covers sast.',
    fix: 'Run a tool that examines sast and post its report to /v1/evidence for this subject.',
  },
  {
    pack: 'findings',
    result: { rule: 'missing_evidence', missing: ['findings'] },
    message: 'No usable report of a secret scanner, code analyser or configuration checker counts for this subject.',
    fix: 'Run one (Gitleaks, Trivy or a tool that writes SARIF, for example) and post the report to /v1/evidence for this subject.',
  },
  {
    pack: 'findings',
    result: { rule: 'required_scanner', missing: ['gitleaks'] },
    message: 'No usable report of the required scanner gitleaks.',
    fix: 'Run gitleaks and post the report to /v1/evidence for this subject.',
  },
  {
    pack: 'coverage',
    result: { rule: 'below_minimum', args: { measure: 'lines', measured: 79.999, minimum: 80, name: 'api' } },
    message: 'Coverage of lines in "api" is 79.99 %, at least 80 % is demanded.',
    fix: 'Add tests until 80 % of lines are covered, and post the new report.',
  },
  {
    pack: 'coverage',
    result: { rule: 'below_minimum', args: { measure: 'lines', measured: 41, minimum: 80, floor: 42.1, name: null } },
    message: 'Coverage of lines is 41 %, at least 80 % is demanded, and the baseline holds it at 42.1 %.',
    fix: 'Add tests until 42.1 % of lines are covered, and post the new report.',
  },
  {
    pack: 'coverage',
    result: { rule: 'below_minimum', args: { measure: 'lines', measured: 79, minimum: 80, floor: 85, name: null } },
    message: 'Coverage of lines is 79 %, at least 80 % is demanded.',
    fix: 'Add tests until 80 % of lines are covered, and post the new report.',
  },
  {
    pack: 'findings',
    result: { rule: 'no_baseline', args: { by: '2026-11-20T10:00:00.000Z', reports: ['trivy', 'gitleaks "web"'] } },
    message:
      'No trivy and gitleaks "web" report of this repository was there by 2026-11-20T10:00:00.000Z: the baseline holds nothing of it, and all that it found counts.',
    fix: 'Post the report under the name that it had then; debt of a report that is new since is paid or waived, or the binding gets a later snapshot.',
  },
  {
    pack: 'tests',
    result: { rule: 'no_baseline', args: { environment: 'production', reports: ['junit'] } },
    message:
      'Nothing with a junit report was deployed to production from this repository, allowed and with success: the baseline holds nothing of it, and all that it found counts.',
    fix: 'Post the report under the name that it had then; debt of a report that is new since is paid or waived, or the binding gets a later snapshot.',
  },
  {
    pack: 'tests',
    result: { rule: 'baseline_expired', args: { owner: 'platform-team', expires: 1_800_000_000 } },
    message: 'The baseline, owned by platform-team, expired at 2027-01-15T08:00:00Z: everything counts again.',
    fix: 'Pay what is left of the old debt, or let a policy administrator agree on a new expiry with its owner: PUT /v1/bindings/{name}.',
  },
  {
    pack: 'coverage',
    result: { rule: 'dropped', args: { measure: 'branches', measured: 64.29, before: 70.1, limit: 5, name: null } },
    message: 'Coverage of branches dropped from 70.1 % to 64.29 %, by more than the 5 percentage points allowed.',
    fix: 'Cover what was added until at least 65.1 % of branches are covered again.',
  },
  {
    pack: 'coverage',
    result: { rule: 'not_measured', args: { measures: ['branches', 'functions'], name: null } },
    message: 'The coverage report does not measure branches and functions, which the policy demands.',
    fix: 'Let the tool measure branches and functions, and post the new report.',
  },
  {
    pack: 'coverage',
    result: { rule: 'missing_evidence', missing: ['coverage'] },
    message: 'No usable coverage report counts for this subject.',
    fix: 'Let the test run write one (LCOV, Cobertura or Clover, for example) and post it to /v1/evidence for this subject or its source.',
  },
  {
    pack: 'coverage',
    result: { rule: 'required_reports', missing: ['web'] },
    message: 'The required report web is absent.',
    fix: 'Post the report to /v1/evidence with its name: name=web.',
  },
  {
    pack: 'tests',
    result: { rule: 'max_failed', args: { count: 1, limit: 0 } },
    message: '1 test failed, none is allowed.',
    fix: 'Repair the failing tests, run all of them again and post the new report under the same name: one of some suites replaces no report of more.',
  },
  {
    pack: 'tests',
    result: { rule: 'max_errored', args: { count: 2, limit: 1 } },
    message: '2 tests ended in an error, at most 1 is allowed.',
    fix: 'Repair what broke them, run all of them again and post the new report under the same name: one of some suites replaces no report of more.',
  },
  {
    pack: 'tests',
    result: { rule: 'max_skipped', args: { count: 9, limit: 5 } },
    message: '9 tests skipped, at most 5 are allowed.',
    fix: 'Enable the skipped tests or delete them, and post the new report.',
  },
  {
    pack: 'tests',
    result: { rule: 'max_flaky', args: { count: 1, limit: 0 } },
    message: '1 test failed before passing, none is allowed.',
    fix: 'Make the flaky tests pass at the first attempt, and post the new report.',
  },
  {
    pack: 'tests',
    result: { rule: 'min_total', args: { count: 0, minimum: 1, skipped: 12 } },
    message: 'No test ran (12 more skipped), at least 1 must.',
    fix: 'Run the whole suite, and post the reports of all its parts, each under its own name.',
  },
  {
    pack: 'tests',
    result: { rule: 'min_pass_rate', args: { passed: 199, ran: 200, minimum: 99.9 } },
    message: 'The pass rate is below 99.9 %: 199 of 200 tests passed (99.5 %).',
    fix: 'Repair the tests that did not pass, and post the new report.',
  },
  {
    pack: 'tests',
    result: { rule: 'required_names', missing: ['login › works'] },
    message: 'The required test did not pass: login › works.',
    fix: 'Make sure that each of them runs and passes, and post the new report.',
  },
  {
    pack: 'tests',
    result: { rule: 'required_reports', missing: ['1', '2'] },
    message: 'The required reports 1 and 2 are absent.',
    fix: 'Post each report to /v1/evidence with its name: name=1.',
  },
  {
    pack: 'tests',
    result: { rule: 'missing_evidence', missing: ['tests'] },
    message: 'No usable test report counts for this subject.',
    fix: 'Run the tests with a JUnit report and post it to /v1/evidence for this subject or its source.',
  },
  {
    pack: 'change-window',
    result: { rule: 'outside_window', args: { next_open: '2027-01-11T08:00:00.000Z' } },
    message: 'No change window is open; the next one opens at 2027-01-11T08:00:00Z.',
    fix: 'Ask again from 2027-01-11T08:00:00Z on.',
  },
  {
    pack: 'change-window',
    result: { rule: 'outside_window', args: { next_open: null } },
    message: 'No change window is open.',
    fix: 'No opening follows within a year: change the windows or freezes.',
  },
  {
    pack: 'change-window',
    result: {
      rule: 'frozen',
      args: { name: 'year end', reason: 'Audit.', until: '2027-01-06T00:00:00.000Z', next_open: '2027-01-06T08:00:00.000Z' },
    },
    message: 'The freeze "year end" is in force until 2027-01-06T00:00:00Z: Audit.',
    fix: 'Ask again from 2027-01-06T08:00:00Z on.',
  },
  {
    pack: 'approvals',
    result: {
      rule: 'missing_approvals',
      args: { required: 2, given: 0, groups: ['release-managers', 'security'], excluded: [], others: [] },
    },
    message: '2 approvals of groups release-managers or security are needed, 0 given.',
    fix: 'Let somebody of groups release-managers or security approve this very digest: POST /v1/approvals. Ask them with "action": "request", and wait with Prefer: wait=60.',
  },
  {
    pack: 'approvals',
    result: {
      rule: 'missing_approvals',
      args: { required: 1, given: 0, groups: [], excluded: ['ann: own_request, own_work'], others: ['ben'] },
    },
    message: '1 approval is needed, 0 given (not counted: ann (asked for it, took part in the change); counted for nothing here: ben).',
    fix: 'Let somebody approve this very digest: POST /v1/approvals. Ask them with "action": "request", and wait with Prefer: wait=60.',
  },
  {
    pack: 'approvals',
    result: { rule: 'missing_approvals', args: { required: 1, given: 0, groups: [], excluded: ['ann: author_unverified'], others: [] } },
    message: '1 approval is needed, 0 given (not counted: ann (nobody knows for sure who made the change)).',
    fix: 'Let a principal other than the asker post the forge’s document about the change (docs/evidence.md), and link the logins that it names to principals; or let others approve.',
  },
  {
    pack: 'change-record',
    result: { rule: 'ticket_pattern', args: { ticket: 'X1', pattern: 'CHG[0-9]+' } },
    message: 'The ticket X1 has no number of the kind demanded (CHG[0-9]+).',
    fix: 'Post the ticket that this change belongs to.',
  },
  {
    pack: 'change-record',
    result: { rule: 'other_ticket', args: { ticket: 'CHG1', named: 'CHG2' } },
    message: 'The pipeline names the ticket CHG2, and what was posted is CHG1.',
    fix: 'Post the ticket that is named in context.changeTicket, or name the one that was posted.',
  },
  {
    pack: 'change-record',
    result: { rule: 'wrong_type', args: { ticket: 'CHG1', type: 'emergency', types: ['standard', 'normal'] } },
    message: 'The ticket CHG1 is of type emergency; a change needs one of type standard and normal.',
    fix: 'Open a ticket of such a type, and post it.',
  },
  {
    pack: 'change-record',
    result: { rule: 'not_approved', args: { ticket: 'CHG1', state: 'Scheduled', states: ['scheduled'], withheld: true } },
    message: 'The ticket CHG1 is in state Scheduled and not approved; a change needs an approved one (scheduled).',
    fix: 'Have the ticket approved, and post it again.',
  },
  {
    pack: 'change-record',
    result: { rule: 'no_planned_window', args: { ticket: 'CHG1' } },
    message: 'The ticket CHG1 does not say when the change is planned.',
    fix: 'Fill in start and end of the planned window, and post it again.',
  },
  {
    pack: 'change-record',
    result: { rule: 'outside_planned_window', args: { ticket: 'CHG1', start: 1_800_000_000, end: null } },
    message: 'Now is outside of the window planned by the ticket CHG1, 2027-01-15T08:00:00Z to an open end.',
    fix: 'Ask again within it, or have the ticket planned anew and post it again.',
  },
  {
    pack: 'change-record',
    result: { rule: 'no_back_out_plan', args: { ticket: 'CHG1' } },
    message: 'The ticket CHG1 does not say how the change is undone.',
    fix: 'Fill in the back-out plan, and post it again.',
  },
  {
    pack: 'change-record',
    result: { rule: 'record_too_old', args: { ticket: 'CHG1', limit: 24, time: 1_800_000_000 } },
    message: 'What was posted of the ticket CHG1 is from 2027-01-15T08:00:00Z, older than the 24 hours allowed.',
    fix: 'Post the ticket as it is now.',
  },
  {
    pack: 'change-record',
    result: { rule: 'missing_evidence', missing: ['change-record'] },
    message: 'No usable ticket of the change management counts for this subject.',
    fix: 'Post the approved ticket (ServiceNow, Jira or the format change-record) to /v1/evidence for this subject or its source.',
  },
  {
    pack: 'rollback',
    result: { rule: 'never_deployed', args: { environment: 'production', repository: 'acme/shop' } },
    message: 'No deployment of acme/shop in production that an enforced allow had grounded is known to have succeeded with this subject.',
    fix: 'GET /v1/environments/{name}/rollback-target names what can be gone back to. What is new needs a decision at its own stage.',
  },
  {
    pack: 'rollback',
    result: { rule: 'too_old', args: { days: 90, finished: 1_800_000_000 } },
    message: 'Its last deployment here succeeded at 2027-01-15T08:00:00Z, more than 90 days ago.',
    fix: 'GET /v1/environments/{name}/rollback-target names what can be gone back to. What is older needs a decision at its own stage.',
  },
  {
    pack: 'rollback',
    result: { rule: 'runs_already', args: { targets: ['eu'] } },
    message: 'This is what runs here (target eu): there is nothing to go back from.',
    fix: 'GET /v1/environments/{name}/rollback-target names what can be gone back to.',
  },
  {
    pack: 'rollback',
    result: { rule: 'not_older', args: { targets: [] } },
    message: 'What runs here is older than this: going to it is a step forward, not a rollback.',
    fix: 'Ask for a decision at the stage that deploys to this environment.',
  },
  {
    pack: 'rollback',
    result: { rule: 'wrong_stage', args: { stage: 'production' } },
    message: 'The pack rollback is bound to stage production, but says only what may pass at stage rollback.',
    fix: 'Let a policy administrator bind it with "stage": ["rollback"].',
  },
  {
    pack: 'source-governance',
    result: { rule: 'other_change', args: { change: 'github.com/acme/app/pull/7' } },
    message: 'The review that was posted, github.com/acme/app/pull/7, is not about this subject or the revision that it was made of.',
    fix: 'Post the review of the change that this revision came by; for an artifact name its revision with source=.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'wrong_branch', args: { change: 'pull/7', branch: 'next', branches: ['main', 'release/*'] } },
    message: 'pull/7 went to the branch next; only main and release/* may be used.',
    fix: 'Bring the change to such a branch, and build that revision.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'unprotected_branch', args: { change: 'pull/7', branch: 'main' } },
    message: 'The branch main, to which pull/7 went, is not known to be protected.',
    fix: 'Protect the branch, and post it again with what the forge says of its protection.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'too_few_reviews', args: { change: 'pull/7', count: 1, minimum: 2, outdated: 1, involved: 1 } },
    message:
      'pull/7 has 1 approval that counts (not counted: 1 of an older commit and 1 by people who had a hand in it or may not approve); 2 must.',
    fix: 'Have its last commit approved by somebody who had no hand in it, and post it again.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'changes_requested', args: { change: 'pull/7', by: ['eve', 'carl'] } },
    message: 'eve and carl asked for changes of pull/7.',
    fix: 'Settle it with them, have the review approved or dismissed, and post it again.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'check_not_passed', args: { change: 'pull/7', checks: ['build: failure'], absent: ['lint'] } },
    message: 'Demanded checks of pull/7 did not pass: build: failure; others are not there: lint.',
    fix: 'Let them pass on the last commit, and post the review with its checks again.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'check_not_passed', args: { change: 'pull/7', checks: [], absent: ['lint'] } },
    message: 'Demanded checks of pull/7 are not there: lint.',
    fix: 'Let them pass on the last commit, and post the review with its checks again.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'unsigned_commits', args: { change: 'pull/7', commits: 3, signed: 1 } },
    message: 'pull/7 must have only signed commits; 1 of 3 have a verified signature.',
    fix: 'Sign its commits, and post it again with what the forge says of their signatures.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'code_owners', args: { change: 'pull/7', pending: true } },
    message: 'The code owners have not approved pull/7.',
    fix: 'Let the branch demand them, have them approve, and post it again with what the forge says of it.',
  },
  {
    pack: 'source-governance',
    result: { rule: 'missing_evidence', missing: ['source-review'] },
    message: 'No usable review counts for this subject.',
    fix: "Post GitHub's or GitLab's replies about the change, or the format source-review, to /v1/evidence for the source revision.",
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'not_an_artifact' },
    message: 'The subject is a source revision; only an artifact by its digest may pass.',
    fix: 'Build the artifact, and ask about its digest.',
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'no_tag', args: { semver: true, commit: true } },
    message: 'The artifact was named without a tag; it needs one that is a semantic version and names its commit.',
    fix: 'Ask with the whole name, NAME:TAG@sha256:….',
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'tag_not_semver', args: { tag: 'latest' } },
    message: 'The tag latest is not a semantic version such as 1.4.0 or 1.4.0-rc.1.',
    fix: 'Push the artifact under the tag of its version, and name it so.',
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'tag_without_commit', args: { tag: '1.4.0', commits: ['3f2c1ab59d0e4c7a8b6f5e4d3c2b1a0918273645'] } },
    message: 'The tag 1.4.0 does not name the commit that the artifact was built from, 3f2c1ab59d0e.',
    fix: 'Push the artifact under a tag that holds the first seven or more digits of the commit, and name it so.',
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'tag_without_commit', args: { tag: '1.4.0', commits: [] } },
    message: 'The tag 1.4.0 must name the commit that the artifact was built from, and none is known.',
    fix: 'Link the artifact to its source revision: source= with evidence, or its provenance.',
  },
  {
    pack: 'artifact-integrity',
    result: { rule: 'not_promoted', missing: ['build', 'test'], args: { denied: ['test'] } },
    message: 'This digest did not pass build and test; the newest decision at test is a denial.',
    fix: 'Take the digest that was built once through every stage, and ask at each: another build is another digest.',
  },
  {
    pack: 'quality',
    result: { rule: 'gate_not_passed', args: { count: 1 } },
    message: 'The quality gate did not pass, 1 condition unmet.',
    fix: 'Meet the conditions that it names, analyse the code again and post the result.',
  },
  {
    pack: 'quality',
    result: { rule: 'duplication', args: { measure: 'duplicated_lines_density', value: 4.2, limit: 3, name: 'api' } },
    message: 'The duplicated share of the lines in "api" is 4.2 %, at most 3 % is allowed.',
    fix: 'Take out the repetition that the tool names, and post the new analysis.',
  },
  {
    pack: 'quality',
    result: { rule: 'complexity', args: { measure: 'complexity_per_function', value: 2.6666666666666665, limit: 2.5, name: null } },
    message: 'The complexity of the functions on average is 2.66666666667, at most 2.5 is allowed.',
    fix: 'Split the most complex functions that the tool names, and post the new analysis.',
  },
  {
    pack: 'quality',
    result: { rule: 'above_maximum', args: { measure: 'ncloc', value: 9, limit: 8, name: null } },
    message: 'ncloc is 9, at most 8 is allowed.',
    fix: 'Improve the code until it is, and post the new analysis.',
  },
  {
    pack: 'quality',
    result: { rule: 'below_minimum', args: { measure: 'ncloc', value: 7, limit: 8, name: null } },
    message: 'ncloc is 7, no less than 8 is allowed.',
    fix: 'Improve the code until it is, and post the new analysis.',
  },
  {
    pack: 'performance',
    result: { rule: 'above_maximum', args: { measure: 'ncloc', value: 9, limit: 8, name: null } },
    message: 'ncloc is 9, at most 8 is allowed.',
    fix: 'Bring the measured value within its limit, run the load test again and post its summary.',
  },
  {
    pack: 'performance',
    result: { rule: 'below_minimum', args: { measure: 'ncloc', value: 7, limit: 8, name: null } },
    message: 'ncloc is 7, no less than 8 is allowed.',
    fix: 'Bring the measured value within its limit, run the load test again and post its summary.',
  },
  {
    pack: 'quality',
    result: { rule: 'not_measured', missing: ['quality_gate'] },
    message: 'No usable report measures quality_gate, which the policy demands.',
    fix: 'Ask the tool for these measures as well (metricKeys), and post its reply.',
  },
  {
    pack: 'quality',
    result: { rule: 'missing_evidence', missing: ['quality'] },
    message: 'No usable report of the code analysis counts for this subject.',
    fix: "Post SonarQube's measures or its webhook to /v1/evidence for this subject or its source.",
  },
  {
    pack: 'performance',
    result: { rule: 'threshold_crossed', args: { count: 2 } },
    message: '2 thresholds of the load test were crossed.',
    fix: 'Bring the measured values within their thresholds, run the load test again and post its summary.',
  },
  {
    pack: 'performance',
    result: { rule: 'no_thresholds' },
    message: 'The load test had no thresholds of its own, so it could not fail.',
    fix: 'Give its script thresholds, run the load test again and post its summary; or let a policy administrator set limits and the parameter "thresholds" to false.',
  },
  {
    pack: 'performance',
    result: { rule: 'not_measured', missing: ['http_reqs.count'] },
    message: 'No usable report measures http_reqs.count, which the policy demands.',
    fix: 'Let the script measure them, run the load test again and post its summary.',
  },
  {
    pack: 'performance',
    result: { rule: 'too_old', args: { limit: 7, time: 1_800_000_000 } },
    message: 'The load test is from 2027-01-15T08:00:00Z, older than the 7 hours allowed.',
    fix: 'Against what is deployed now, run the load test again and post its summary.',
  },
  {
    pack: 'performance',
    result: { rule: 'missing_evidence', missing: ['performance'] },
    message: 'No usable load test counts for this subject.',
    fix: 'Run one (k6 --summary-export) and post its summary to /v1/evidence for this subject.',
  },
  {
    pack: 'migrations',
    result: { rule: 'destructive_change', args: { count: 1 } },
    message: '1 destructive change in forward migrations.',
    fix: 'Let the new version do without first, and destroy in a later release what no running version uses any more.',
  },
  {
    pack: 'migrations',
    result: { rule: 'no_down_script', args: { unknown: 0 }, missing: ['2.up.sql'] },
    message: '1 migration without a down script: 2.up.sql.',
    fix: 'Write the script that takes each of them back, and post the list again.',
  },
  {
    pack: 'migrations',
    result: { rule: 'no_down_script', args: { unknown: 1 }, missing: [] },
    message: 'Nothing tells whether the migrations have down scripts.',
    fix: 'Post the format migrations, which lists them, in place of what the linter alone wrote.',
  },
  {
    pack: 'migrations',
    result: { rule: 'missing_evidence', missing: ['migrations'] },
    message: 'No usable check of the database migrations counts for this subject.',
    fix: 'Post the format migrations with what squawk found to /v1/evidence for this subject or its source; "migrations": "none" says that there are none.',
  },
  {
    pack: 'metrics',
    result: { rule: 'no_checks' },
    message: 'The binding names no metric that would be judged.',
    fix: 'Let a policy administrator name some in its parameter "checks".',
  },
  {
    pack: 'metrics',
    result: { rule: 'metric_failed', args: { metric: 'errors', count: 2, samples: 30, limit: 0, least: 0.02, most: Number.MAX_VALUE } },
    message: '2 of 30 samples of errors failed (0.02 to infinity), none is allowed.',
    fix: 'Find out what is wrong with what runs, and once it is well, ask the monitoring again and post its reply under the same name.',
  },
  {
    pack: 'metrics',
    result: { rule: 'metric_inconclusive', args: { metric: 'errors', count: 2, samples: 2, limit: 1, least: 0.02, most: 0.02 } },
    message: '2 of 2 samples of errors are neither passed nor failed (0.02), at most 1 is allowed.',
    fix: 'Wait for more samples, then ask the monitoring again and post its reply under the same name.',
  },
  {
    pack: 'metrics',
    result: { rule: 'no_data', args: { metric: 'errors', samples: 0, minimum: 5 } },
    message: 'errors has 0 samples, at least 5 must be there.',
    fix: 'Make sure that the query finds what is measured and that there is traffic, then ask the monitoring again and post its reply under the same name.',
  },
  {
    pack: 'metrics',
    result: { rule: 'metric_too_old', args: { metric: 'errors', time: 1_800_000_000, limit: 60 } },
    message: 'The newest sample of errors is from 2027-01-15T08:00:00Z, older than the 60 minutes allowed.',
    fix: 'For the time until now, ask the monitoring again and post its reply under the same name.',
  },
  {
    pack: 'metrics',
    result: { rule: 'missing_evidence', missing: ['errors'] },
    message: 'No usable reply for the metric errors counts for this subject.',
    fix: "Post Prometheus's reply to /v1/evidence for this subject with the metric's name: name=errors.",
  },
  {
    pack: 'readiness',
    result: { rule: 'no_probe', args: { count: 1, places: ['Deployment/shop'] } },
    message: 'A demanded probe is absent in 1 place: Deployment/shop.',
    fix: 'Give these containers the probe, and post the manifest again.',
  },
  {
    pack: 'readiness',
    result: { rule: 'no_limit', args: { count: 1, places: ['Deployment/shop'] } },
    message: 'A demanded limit is absent in 1 place: Deployment/shop.',
    fix: 'Give these containers a limit of the resource, and post the manifest again.',
  },
  {
    pack: 'readiness',
    result: { rule: 'no_request', args: { count: 1, places: ['Deployment/shop'] } },
    message: 'A demanded request is absent in 1 place: Deployment/shop.',
    fix: 'Let these containers request an amount of the resource, and post the manifest again.',
  },
  {
    pack: 'readiness',
    result: { rule: 'no_disruption_budget', args: { count: 1, places: ['Deployment/shop'] } },
    message: 'A disruption budget is absent in 1 place: Deployment/shop.',
    fix: 'Add a PodDisruptionBudget that selects the pods in their namespace and keeps some of them, and post the manifest again.',
  },
  {
    pack: 'readiness',
    result: { rule: 'mutable_tag', args: { count: 3, places: ['Job/a/b c:latest', 'Job/b/b d'] } },
    message: 'An image can move in 3 places: Job/a/b c:latest and Job/b/b d and 1 more.',
    fix: 'Name the image by its digest or by the tag of a version, and post the manifest again.',
  },
  {
    pack: 'readiness',
    result: { rule: 'missing_evidence', missing: ['manifests'] },
    message: 'No usable manifest counts for this subject.',
    fix: 'Post what is deployed as JSON (yq -o=json, kubectl get -o json) to /v1/evidence for this subject or its source.',
  },
  {
    pack: 'verdict',
    result: { rule: 'no_allow', args: { stages: ['production'], environment: 'eu' } },
    message: 'No enforced decision for environment eu at stage production is on record for this subject.',
    fix: 'Let the pipeline ask for one: POST /v1/decisions with this subject, stage production and environment eu.',
  },
  {
    pack: 'verdict',
    result: { rule: 'denied', args: { decision: 'd1', stage: 'production', environment: 'eu' } },
    message: 'The newest decision that counts, d1 (stage production, environment eu), is a denial.',
    fix: 'GET /v1/decisions/d1 names what to repair; then ask for a new decision.',
  },
  {
    pack: 'verdict',
    result: { rule: 'expired', args: { decision: 'd1', stage: 'production', environment: 'eu', expires: 1_800_000_000 } },
    message: 'The newest allow, d1 (stage production, environment eu), expired at 2027-01-15T08:00:00Z.',
    fix: 'Ask for a new decision: POST /v1/decisions with the same subject, stage and environment.',
  },
  {
    pack: 'promotion',
    result: { rule: 'not_soaked', args: { environment: 'staging', hours: 24, since: null } },
    message: 'It did not run in staging for 24 hours by an allow.',
    fix: 'Deploy it to staging first, report that to /v1/deployments, and ask again after 24 hours.',
  },
  {
    pack: 'promotion',
    result: { rule: 'not_soaked', args: { environment: 'staging', hours: 1, since: 1_800_000_000 } },
    message: 'It runs in staging since 2027-01-15T08:00:00Z, not yet for 1 hour.',
    fix: 'Ask again once it ran long enough.',
  },
  {
    pack: 'promotion',
    result: { rule: 'in_flight', args: { count: 1, since: 1_800_000_000 } },
    message: '1 other deployment of the repository is on the way into the environment, the newest since 2027-01-15T08:00:00Z.',
    fix: 'Wait for it to end, or report how it ended: POST /v1/deployments/{id}/finish.',
  },
  {
    pack: 'promotion',
    result: { rule: 'step_back', args: { environment: 'production', targets: ['eu'] } },
    message: 'What runs in production (target eu) is newer than this.',
    fix: 'Deploy a newer one; to go back on purpose, ask at stage rollback.',
  },
  {
    pack: 'rollback-tested',
    result: { rule: 'drill_failed', args: { environment: 'staging', finished: 1_800_000_000 } },
    message: 'The newest drill, in staging at 2027-01-15T08:00:00Z, failed: it did not go back.',
    fix: 'Repair the way back, try it again, and post the drill.',
  },
  {
    pack: 'rollback-tested',
    result: { rule: 'drill_too_old', args: { days: 90, finished: 1_800_000_000 } },
    message: 'The way back was last tried at 2027-01-15T08:00:00Z, more than 90 days ago.',
    fix: 'Try going back again, and post the drill.',
  },
  {
    pack: 'rollback-tested',
    result: { rule: 'drill_too_slow', args: { minutes: 30, took: 1801 } },
    message: 'Going back took 30.1 minutes; at most 30 are allowed.',
    fix: 'Make going back quicker, try it again, and post the drill.',
  },
  {
    pack: 'rollback-tested',
    result: { rule: 'drilled_elsewhere', args: { environment: 'qa', environments: ['staging', 'production'] } },
    message: 'The drill was in qa; it counts in staging and production.',
    fix: 'Try going back again, and post the drill.',
  },
  {
    pack: 'rollback-tested',
    result: { rule: 'missing_evidence', missing: ['rollback-drill'] },
    message: 'No usable drill of the way back counts for this subject.',
    fix: 'Try a rollback, and post the format rollback-drill to /v1/evidence for this subject or its source.',
  },
  {
    pack: 'gate',
    result: { rule: 'no_binding', args: { pack: null, binding: null, reason: null } },
    message: 'No policy is bound to this stage and environment, and what nobody judges does not pass.',
    fix: 'Check the spelling of stage and environment, or let an administrator bind a pack there: PUT /v1/bindings/{name}.',
  },
  {
    pack: 'gate',
    result: { rule: 'blocked', args: { block: 'b1', subject: null, reason: 'It leaks.', since: '2026-11-21T03:00:00.000Z' } },
    message: 'This is blocked since 2026-11-21T03:00:00.000Z: It leaks.',
    fix: "Use another digest; a block holds at every stage and can't be waived. A policy administrator can lift it: DELETE /v1/blocks/b1.",
  },
  {
    pack: 'gate',
    result: { rule: 'blocked', args: { block: 'b1', subject: 'sha256:aa', reason: 'It leaks', since: '2026-11-21T03:00:00.000Z' } },
    message: 'It is linked to sha256:aa, which is blocked since 2026-11-21T03:00:00.000Z: It leaks',
    fix: "Use another digest; a block holds at every stage and can't be waived. A policy administrator can lift it: DELETE /v1/blocks/b1.",
  },
  {
    pack: 'gate',
    result: { rule: 'policy_error', args: { pack: 'tests', binding: 'nightly', reason: 'the result is undefined.' } },
    message: 'The pack tests of binding nightly could not be evaluated: the result is undefined.',
    fix: 'This is no fault of the artifact: let a policy administrator repair or replace the binding, then ask again.',
  },
  {
    pack: 'gate',
    result: { rule: 'break_glass_refused', args: { pack: null, binding: null, reason: 'tests, windows' } },
    message: 'The glass can’t be broken here: what denies permits no exception (tests, windows).',
    fix: 'Repair what denies, or let a policy administrator permit it with "breakGlass" in PUT /v1/bindings/{name}.',
  },
  {
    pack: 'gate',
    result: { rule: 'break_glass_refused', args: { pack: null, binding: null, reason: null } },
    message: 'The glass can’t be broken here: what denies is no binding that could permit it.',
    fix: 'Repair what denies, or let a policy administrator permit it with "breakGlass" in PUT /v1/bindings/{name}.',
  },
  {
    pack: 'gate',
    result: { rule: 'policy_timeout', args: { pack: 'tests', binding: 'tests', reason: null } },
    message: 'The pack tests did not answer within its deadline.',
    fix: 'Ask again; if it happens again, let a policy administrator make the policy cheaper or the reports smaller.',
  },
  {
    pack: 'tests',
    result: {
      rule: 'evidence_unusable',
      args: { format: 'junit', name: 'shard 2', completeness: 'empty', reason: 'It holds no test case.', mismatch: false, stated: null },
    },
    message:
      'The newest junit report "shard 2" examined nothing: It holds no test case. It satisfies nothing, and what the one before it found still counts.',
    fix: 'Run the tool again until it completes, and post the new report under the same name.',
  },
  {
    pack: 'own-pack',
    result: {
      rule: 'evidence_unusable',
      args: { format: 'trivy', name: null, completeness: 'complete', reason: null, mismatch: true, stated: 'sha256:ab' },
    },
    message:
      'The newest trivy report is about another artifact (sha256:ab). It satisfies nothing, and what the one before it found still counts.',
    fix: 'Post the report for the digest that it names, or scan this subject and post that report.',
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'missing_platform', missing: ['linux/arm64', 'linux/s390x'] },
    message: 'No usable vulnerability report covers the platforms linux/arm64 and linux/s390x of this image index.',
    fix: "Scan each platform by itself and post its report for the platform's own digest, or for the index's with a tool that names the platform.",
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'required_reports', missing: ['cart'] },
    message: 'The required report cart is absent.',
    fix: 'Post the report to /v1/evidence with its name: name=cart.',
  },
  {
    pack: 'findings',
    result: { rule: 'required_reports', missing: ['cart'] },
    message: 'The required report cart is absent.',
    fix: 'Post the report to /v1/evidence with its name: name=cart.',
  },
  {
    pack: 'findings',
    result: { rule: 'missing_platform', missing: ['linux/arm64'] },
    message: 'No usable report of this kind covers the platform linux/arm64 of this image index.',
    fix: "Scan each platform by itself and post its report for the platform's own digest, or for the index's with a tool that names the platform.",
  },
  {
    pack: 'vulnerabilities',
    result: { rule: 'ambiguous_source', args: { sources: 2, declarers: ['ci', 'builder'] } },
    message: 'The artifact is linked to 2 different source revisions (declared by ci and builder), so whose reports belong to it is open.',
    fix: 'Rebuild the artifact from one revision, or set the parameter "sources" of the binding to "any" if several are right.',
  },
]

describe('the sentences of shipped rules', () => {
  for (const { pack, result, findings = [], message, fix } of CASES) {
    it(`${pack}.${result.rule}: ${message.slice(0, 60)}`, () => {
      assert.deepEqual(renderResult(pack, result, findings), { message, fix })
    })
  }

  it('exist for every rule that a shipped pack declares', () => {
    const declared = PACKS.flatMap((pack) => manifestOf(pack).rules.map(({ name }) => `${pack}.${name}`))
    assert.ok(declared.length >= 29)
    const written = new Set(CASES.map(({ pack, result }) => `${pack}.${result.rule}`))
    assert.deepEqual(
      declared.filter((rule) => !written.has(rule)),
      [],
    )
  })

  it('survive a result without any arguments', () => {
    for (const { pack, result } of CASES) {
      const { message } = renderResult(pack, { rule: result.rule }, [])
      assert.match(message, /\.$/)
      assert.doesNotMatch(message, /undefined|null|NaN/)
    }
  })

  it('list five findings and count the others, each once', () => {
    const findings = Array.from({ length: 40 }, (_, at) => ({ ...zlib, id: `CVE-2027-${at % 20}` }))
    const { message } = renderResult(
      'vulnerabilities',
      { rule: 'max_severity', args: { severity: 'critical', count: 40, limit: 0 } },
      findings,
    )
    assert.match(message, /CVE-2027-4 in zlib 1\.2 and 15 more\.$/)
  })
})

describe('sentences of custom packs', () => {
  it('pass through', () => {
    assert.deepEqual(renderResult('own', 'Not on a Friday.', []), { message: 'Not on a Friday.', fix: null })
    assert.deepEqual(renderResult('own', { rule: 'friday', message: 'Not on a Friday.', fix: 'Wait.' }, []), {
      message: 'Not on a Friday.',
      fix: 'Wait.',
    })
  })

  it('are replaced by the name of the rule where there are none', () => {
    assert.equal(renderResult('own', { rule: 'friday' }, []).message, 'Rule own.friday is broken.')
    assert.equal(renderResult('own', { rule: 'toString' }, []).message, 'Rule own.toString is broken.')
  })

  it('are cut at 1,000 characters', () => {
    const { message, fix } = renderResult('own', { rule: 'long', message: 'x'.repeat(5000), fix: 'y'.repeat(5000) }, [])
    assert.equal(message.length, 1000)
    assert.equal(fix?.length, 1000)
    assert.ok(message.endsWith('…'))
  })
})

describe('texts from reports', () => {
  it('cannot carry control characters into a terminal or turn its writing direction', () => {
    const hostile = { ...openssl, id: 'CVE\u001b[2J\r\n\u0007\u202Egnirts\u2028' }
    const { message } = renderResult('vulnerabilities', { rule: 'max_severity', args: { severity: 'critical', count: 1, limit: 0 } }, [
      hostile,
    ])
    assert.doesNotMatch(message, /[\p{Cc}\p{Cf}\p{Zl}]/u)
  })

  it('cannot fill a sentence', () => {
    const long = { ...openssl, id: 'C'.repeat(100_000) }
    const { message } = renderResult('vulnerabilities', { rule: 'max_severity', args: { severity: 'critical', count: 2, limit: 0 } }, [
      long,
      openssl,
    ])
    assert.ok(message.length < 300)
    assert.match(message, /CVE-2027-0001/)
  })
})
