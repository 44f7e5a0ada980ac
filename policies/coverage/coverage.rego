# METADATA
# title: Coverage
# description: >-
#   Demands a minimum of test coverage, and limits its drop against the previous report of the same repository. Of several
#   reports (modules, tools) each must meet the minimum, unless the parameters combine them.
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
	settings.complete(["minimum", "combine", "weights", "maxDrop", "requiredReports", "missing", "missingByStage"])
	every measure in measures { _ = settings.effective.minimum[measure] }
	every measure in measures { _ = settings.effective.maxDrop[measure] }
	settings.effective.combine in ["each", "sum", "weighted"]
}

measures := ["lines", "branches", "functions"]

below_minimum := array.concat(below_alone, below_together)

below_alone := [result |
	settings.effective.combine == "each"
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

below_together := [result |
	settings.effective.combine in ["sum", "weighted"]
	some measure in measures
	minimum := settings.effective.minimum[measure]
	minimum != null
	measuring := [at | some at in evidence.usable; measures_it(at, measure)]
	count(measuring) > 0
	measured := together(settings.effective.combine, measure, measuring)
	measured < minimum
	not all_hold(measuring, measure)
	result := {
		"rule": "below_minimum",
		"args": {"measure": measure, "measured": measured, "minimum": minimum, "floor": null, "name": null, "reports": count(measuring)},
		"evidence": measuring,
	}
]

# Percent, cut to two decimals as those of single reports are.
together("sum", measure, measuring) := floor((covered * 10000) / total) / 100 if {
	total := sum([input.evidence[at].units[measure].total | some at in measuring])
	covered := sum([input.evidence[at].units[measure].covered | some at in measuring])
	total > 0
}

together("weighted", measure, measuring) := floor((weighted * 100) / weights) / 100 if {
	weights := sum([weight(input.evidence[at].name) | some at in measuring])
	weighted := sum([share |
		some at in measuring
		share := input.evidence[at].coverage[measure] * weight(input.evidence[at].name)
	])
}

weight(null) := 1

weight(name) := object.get(settings.effective.weights, name, 1) if name != null

all_hold(measuring, measure) if every at in measuring { holds(floor_of(at, measure), input.evidence[at].coverage[measure]) }

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
