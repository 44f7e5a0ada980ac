# METADATA
# title: Coverage
# description: >-
#   Demands a minimum of test coverage, and limits its drop against the previous report of the same repository. Several
#   reports (modules, tools) are not averaged, each must meet the demands on its own.
# scope: package
# custom:
#   classes: [coverage]
#   rules:
#     below_minimum: Coverage below the minimum
#     dropped: Coverage dropped by more than allowed
#     not_measured: A report doesn't measure what the parameters demand
#     missing_evidence: No usable coverage report
#     required_reports: A required coverage report is absent
package portcullis.coverage

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(below_minimum, array.concat(dropped, array.concat(not_measured, absent))) if {
	settings.complete(["minimum", "maxDrop", "requiredReports", "missing", "missingByStage"])
	every measure in measures { _ = settings.effective.minimum[measure] }
	every measure in measures { _ = settings.effective.maxDrop[measure] }
}

measures := ["lines", "branches", "functions"]

below_minimum := [result |
	some at in evidence.usable
	some measure in measures
	minimum := settings.effective.minimum[measure]
	minimum != null
	measured := input.evidence[at].coverage[measure]
	measured != null
	measured < minimum
	floor := floor_of(at, measure)
	not holds(floor, measured)
	result := {
		"rule": "below_minimum",
		"args": {"measure": measure, "measured": measured, "minimum": minimum, "floor": floor, "name": input.evidence[at].name},
		"evidence": [at],
	}
]

# What the baseline holds the measure at; null if nothing does.
floor_of(at, measure) := object.get(input.evidence[at], ["floor", measure], null)

# Null compares as less than any number.
holds(floor, measured) if {
	floor != null
	measured >= floor
}

# Compared in hundredths of a percentage point, so that no rounding error decides.
dropped := [result |
	some at in evidence.usable
	some measure in measures
	limit := settings.effective.maxDrop[measure]
	limit != null
	measured := input.evidence[at].coverage[measure]
	measured != null
	before := input.evidence[at].previous.coverage[measure]
	before != null
	round((before - measured) * 100) > round(limit * 100)
	result := {
		"rule": "dropped",
		"args": {"measure": measure, "measured": measured, "before": before, "limit": limit, "name": input.evidence[at].name},
		"evidence": [at],
	}
]

not_measured := [result |
	some at in evidence.usable
	absent_measures := [measure | some measure in measures; demanded(measure, at); not measures_it(at, measure)]
	count(absent_measures) > 0
	result := {
		"rule": "not_measured",
		"args": {"measures": absent_measures, "name": input.evidence[at].name},
		"missing": absent_measures,
		"evidence": [at],
	}
]

demanded(measure, _) if settings.effective.minimum[measure] != null

demanded(measure, at) if {
	settings.effective.maxDrop[measure] != null
	input.evidence[at].previous.coverage[measure] != null
}

measures_it(at, measure) if input.evidence[at].coverage[measure] != null

absent := array.concat(
	evidence.none_at_all(["coverage"]),
	evidence.required_reports(settings.effective.requiredReports),
)
