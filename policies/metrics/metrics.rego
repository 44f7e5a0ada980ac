# METADATA
# title: Metrics
# description: >-
#   Judges what a monitoring system replied to queries, such as error rate, latency or the burn of an error budget. Each sample passes, fails or
#   is inconclusive; nothing measured is no pass.
# scope: package
# custom:
#   classes: [metrics]
#   rules:
#     no_checks: The binding names no metric
#     metric_failed: { title: Samples of a metric failed, controls: [SOC2-CC7.1] }
#     metric_inconclusive: Samples of a metric are neither passed nor failed
#     no_data: A metric has too few samples
#     metric_too_old: The newest sample of a metric is older than allowed
#     missing_evidence: No usable reply for a metric
package portcullis.metrics

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(unasked, array.concat(beyond, array.concat(thin, array.concat(old, absent)))) if {
	settings.complete([
		"checks",
		"failureLimit",
		"inconclusiveLimit",
		"minSamples",
		"noData",
		"maxAgeMinutes",
		"missing",
		"missingByStage",
	])
	is_array(settings.effective.checks)
	every check in settings.effective.checks { is_string(check.name) }
	every report in input.evidence { is_array(report.document.series) }
}

# A binding that names no metric would let everything pass.
unasked := [{"rule": "no_checks"} | settings.effective.checks == []]

# What doesn't satisfy counts against all the same.
beyond := [result |
	some check in settings.effective.checks
	some at, report in input.evidence
	report.name == check.name
	some result in array.concat(
		judged("metric_failed", check, at, failing(check, report), settings.effective.failureLimit),
		judged("metric_inconclusive", check, at, inconclusive(check, report), settings.effective.inconclusiveLimit),
	)
]

judged(rule, check, at, values, limit) := [{
	"rule": rule,
	"args": {
		"metric": check.name,
		"count": count(values),
		"samples": count(samples(input.evidence[at])),
		"limit": limit,
		"least": min(values),
		"most": max(values),
	},
	"evidence": [at],
} |
	count(values) > limit
]

samples(report) := [value | some series in report.document.series; some value in series.values]

failing(check, report) := [value | some value in samples(report); fails(value, check)]

inconclusive(check, report) := [value |
	some value in samples(report)
	not fails(value, check)
	not passes(value, check)
]

# Where no bound of failure is given, what doesn't pass fails.
fails(value, check) if value > object.get(check, "failAbove", check.max)

fails(value, check) if value < object.get(check, "failBelow", check.min)

fails(value, check) if value > check.failAbove

fails(value, check) if value < check.failBelow

passes(value, check) if {
	not too_high(value, check)
	not too_low(value, check)
}

too_high(value, check) if value > check.max

too_low(value, check) if value < check.min

usable_of(check) := [at | some at in evidence.usable; input.evidence[at].name == check.name]

thin := [{
	"rule": "no_data",
	"effect": settings.effective.noData,
	"args": {"metric": check.name, "samples": found, "minimum": settings.effective.minSamples},
	"evidence": [at],
} |
	settings.effective.noData != "ignore"
	some check in settings.effective.checks
	some at in usable_of(check)
	found := count(samples(input.evidence[at]))
	found < settings.effective.minSamples
]

old := [{
	"rule": "metric_too_old",
	"args": {"metric": check.name, "time": newest, "limit": settings.effective.maxAgeMinutes},
	"evidence": [at],
} |
	settings.effective.maxAgeMinutes != null
	some check in settings.effective.checks
	some at in usable_of(check)
	newest := newest_sample(input.evidence[at])
	input.now - newest > settings.effective.maxAgeMinutes * 60
]

# Of a reply without samples nothing but its own time is known.
newest_sample(report) := report.document.newest if report.document.newest != null

newest_sample(report) := report.time if report.document.newest == null

absent := [{"rule": "missing_evidence", "effect": settings.missing, "missing": names} |
	settings.missing != "ignore"
	names := [check.name | some check in settings.effective.checks; count(usable_of(check)) == 0]
	count(names) > 0
]
