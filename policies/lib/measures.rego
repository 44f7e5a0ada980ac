# METADATA
# title: Measures
# description: Limits on named figures of reports.
# scope: package
package portcullis.lib.measures

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# description: >-
#   The limits of the parameters `max` and `min`, each as rule, measure, and either most or least. A limit of null is none.
stated := array.concat(
	[{"rule": "above_maximum", "measure": measure, "most": limit} |
		some measure in sort(object.keys(settings.effective.max))
		limit := settings.effective.max[measure]
		limit != null
	],
	[{"rule": "below_minimum", "measure": measure, "least": limit} |
		some measure in sort(object.keys(settings.effective.min))
		limit := settings.effective.min[measure]
		limit != null
	],
)

# METADATA
# description: One result for each limit that a report breaks. What doesn't satisfy counts against all the same.
broken(limits) := [result |
	some limit in limits
	some at, report in input.evidence
	value := report.measures[limit.measure]
	is_beyond(value, limit)
	result := {
		"rule": limit.rule,
		"args": {"measure": limit.measure, "value": value, "limit": bound(limit), "name": report.name},
		"evidence": [at],
	}
]

is_beyond(value, limit) if value > limit.most

is_beyond(value, limit) if value < limit.least

bound(limit) := limit.most

bound(limit) := limit.least

# METADATA
# description: At most one result, naming the measures that nothing usable has, where there is something usable at all.
unmeasured(names) := [{"rule": "not_measured", "missing": absent, "evidence": evidence.usable} |
	count(evidence.usable) > 0
	absent := sort([name | some name in {name | some name in names}; not name in measured])
	count(absent) > 0
]

measured contains name if {
	some at in evidence.usable
	some name, _ in input.evidence[at].measures
}
