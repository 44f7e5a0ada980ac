# METADATA
# title: Performance
# description: >-
#   Demands that a load test met its own thresholds, and limits what it measured. Each report must meet the limits on its own.
# scope: package
# custom:
#   classes: [performance]
#   rules:
#     threshold_crossed: A threshold of the load test was crossed
#     no_thresholds: The load test had no thresholds of its own
#     above_maximum: A measure is above its limit
#     below_minimum: A measure is below its limit
#     not_measured: What a limit speaks of was not measured
#     too_old: The load test is older than allowed
#     missing_evidence: No usable load test
package portcullis.performance

import data.portcullis.lib.evidence
import data.portcullis.lib.measures
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(thresholds, array.concat(measures.broken(measures.stated), array.concat(old, absent))) if {
	settings.complete(["thresholds", "max", "min", "maxAgeHours", "missing", "missingByStage"])
}

thresholds := array.concat(
	[{"rule": "threshold_crossed", "severity": "high", "args": {"count": count(found)}, "findings": found} |
		found := [[at, index] |
			some at, report in input.evidence
			some index, finding in report.findings
			not finding.suppressed
		]
		count(found) > 0
	],
	[{"rule": "no_thresholds", "evidence": without} |
		settings.effective.thresholds
		without := [at | some at in evidence.usable; not has_thresholds(input.evidence[at])]
		count(without) > 0
	],
)

has_thresholds(report) if report.measures.thresholds > 0

old := [{"rule": "too_old", "args": {"limit": limit, "time": min([input.evidence[at].time | some at in outdated])}, "evidence": outdated} |
	limit := settings.effective.maxAgeHours
	limit != null
	outdated := [at | some at in evidence.usable; input.now - input.evidence[at].time > limit * 3600]
	count(outdated) > 0
]

absent := array.concat(
	measures.unmeasured([limit.measure | some limit in measures.stated]),
	evidence.none_at_all(["performance"]),
)
