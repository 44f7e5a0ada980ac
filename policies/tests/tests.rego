# METADATA
# title: Tests
# description: >-
#   Limits failed, errored, skipped and flaky tests, and demands a number of tests, a pass rate and tests by name.
#   Several reports (shards, suites) are added up.
# scope: package
# custom:
#   classes: [tests]
#   rules:
#     max_failed: More failed tests than allowed
#     max_errored: More tests ended in an error than allowed
#     max_skipped: More skipped tests than allowed
#     max_flaky: More flaky tests than allowed
#     min_total: Fewer tests ran than demanded
#     min_pass_rate: Fewer tests passed than demanded
#     required_names: A required test did not pass
#     missing_evidence: No usable test report
#     required_reports: A required test report is absent
package portcullis.tests

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(too_many, array.concat(too_few, array.concat(unproven, absent))) if {
	settings.complete([
		"maxFailed",
		"maxErrored",
		"maxSkipped",
		"maxFlaky",
		"minTotal",
		"minPassRate",
		"requiredNames",
		"requiredReports",
		"missing",
		"missingByStage",
	])
}

limits := [
	{"rule": "max_failed", "field": "failed", "parameter": "maxFailed"},
	{"rule": "max_errored", "field": "errored", "parameter": "maxErrored"},
	{"rule": "max_skipped", "field": "skipped", "parameter": "maxSkipped"},
	{"rule": "max_flaky", "field": "flaky", "parameter": "maxFlaky"},
]

# Failures count from every report that the service passes on, complete or not.
total(field) := sum([report.tests[field] | some report in input.evidence])

too_many := [result |
	some limit in limits
	most := settings.effective[limit.parameter]
	most != null
	total(limit.field) > most
	result := {
		"rule": limit.rule,
		"args": {"count": total(limit.field), "limit": most},
		"evidence": [at | some at, report in input.evidence; report.tests[limit.field] > 0],
	}
]

# What the pass rate is a share of.
judged := (total("total") - total("skipped")) - total("excused")

# What counts towards a minimum must come from evidence that satisfies.
proven(field) := sum([input.evidence[at].tests[field] | some at in evidence.usable])

proven_ran := proven("total") - proven("skipped")

too_few := [result |
	count(evidence.usable) > 0
	some result in array.concat(
		[{
			"rule": "min_total",
			"args": {"count": proven_ran, "minimum": settings.effective.minTotal, "skipped": proven("skipped")},
			"evidence": evidence.usable,
		} |
			proven_ran < settings.effective.minTotal
		],
		[{
			"rule": "min_pass_rate",
			"args": {"passed": proven("passed"), "ran": judged, "minimum": settings.effective.minPassRate},
			"evidence": evidence.usable,
		} |
			settings.effective.minPassRate != null
			not rate_met
		],
	)
]

# Nothing that ran has no rate, and so doesn't meet any.
rate_met if {
	judged > 0
	proven("passed") * 100 >= settings.effective.minPassRate * judged
}

unproven := [{"rule": "required_names", "missing": names, "evidence": evidence.usable} |
	count(evidence.usable) > 0
	passed := [name | some at in evidence.usable; some name in input.evidence[at].tests.passed_names]
	names := [name | some name in settings.effective.requiredNames; not name in passed]
	count(names) > 0
]

absent := array.concat(
	evidence.none_at_all(["tests"]),
	evidence.required_reports(settings.effective.requiredReports),
)
