# METADATA
# title: Quality
# description: >-
#   Demands that the quality gate of the code analysis passed, and limits duplication, complexity and any other measure. Each report
#   must meet the limits on its own.
# scope: package
# custom:
#   classes: [quality]
#   rules:
#     gate_not_passed: { title: The quality gate did not pass, controls: [PCI-6.2.3] }
#     duplication: More of the code is duplicated than allowed
#     complexity: The functions are more complex than allowed
#     above_maximum: A measure is above its limit
#     below_minimum: A measure is below its limit
#     not_measured: What a limit speaks of was not measured
#     missing_evidence: No usable report of the code analysis
package portcullis.quality

import data.portcullis.lib.evidence
import data.portcullis.lib.measures
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(gate, array.concat(measures.broken(limits), absent)) if {
	settings.complete(["gate", "maxDuplication", "maxComplexity", "max", "min", "missing", "missingByStage"])
}

# The conditions that a gate found unmet, or the gate itself: other findings of the same tool are no matter of a gate.
gate := [{"rule": "gate_not_passed", "args": {"count": count(found)}, "findings": found} |
	settings.effective.gate
	found := [[at, index] |
		some at, report in input.evidence
		report.measures.quality_gate >= 0
		some index, finding in report.findings
		not finding.suppressed
	]
	count(found) > 0
]

limits := array.concat(
	[{"rule": "duplication", "measure": "duplicated_lines_density", "most": most} |
		most := settings.effective.maxDuplication
		most != null
	],
	array.concat(
		[{"rule": "complexity", "measure": "complexity_per_function", "most": most} |
			most := settings.effective.maxComplexity
			most != null
		],
		measures.stated,
	),
)

absent := array.concat(
	measures.unmeasured(array.concat([limit.measure | some limit in limits], ["quality_gate" | settings.effective.gate])),
	evidence.none_at_all(["quality"]),
)
