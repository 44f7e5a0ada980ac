# METADATA
# title: Approvals
# description: >-
#   Demands that people approve the very digest that is asked about, for its stage and environment: so many of the named groups, none of whom made the
#   change or asked for it. The service knows who approved and what is against each of them, and passes it as `input.approvals`.
# scope: package
# custom:
#   classes: []
#   facts: [approvals]
#   rules:
#     missing_approvals: Fewer people approved than demanded
package portcullis.approvals

import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := missing_approvals if {
	settings.complete(["required", "groups", "also", "fourEyes", "validFor"])
	consistent
}

demanded := array.concat(
	[{"required": settings.effective.required, "groups": settings.effective.groups}],
	[{"required": further.required, "groups": further.groups} | some further in settings.effective.also],
)

# What the service counted for has to be what the parameters demand here, and each approval that it counted has to be one that counts.
consistent if {
	[object.remove(each, ["given"]) | some each in input.approvals.requirements] == demanded
	every each in input.approvals.requirements {
		count({at | some at in each.given}) == count(each.given)
		every at in each.given { counts(input.approvals.items[at], each) }
		every at in each.given { every other in each.given { not other in input.approvals.items[at].not_with } }
	}
}

counts(item, requirement) if {
	item.objections == []
	item.expires >= input.now
	member(item, requirement.groups)
}

member(_, groups) if groups == []

member(item, groups) if {
	some group in item.groups
	group in groups
}

missing_approvals := [result |
	some each in input.approvals.requirements
	count(each.given) < each.required
	result := {
		"rule": "missing_approvals",
		"awaits": "approval",
		"args": {
			"required": each.required,
			"given": count(each.given),
			"groups": each.groups,
			"excluded": [line |
				some item in input.approvals.items
				count(item.objections) > 0
				line := concat(": ", [item.by, concat(", ", item.objections)])
			],
			"others": [item.by |
				some at, item in input.approvals.items
				item.objections == []
				not at in each.given
			],
		},
		"missing": [concat("", [
			format_int(each.required, 10),
			" of ",
			whom(each.groups),
			", ",
			format_int(count(each.given), 10),
			" given",
		])],
	}
]

whom(groups) := "anybody who may approve" if groups == []

whom(groups) := concat("", ["group ", groups[0]]) if count(groups) == 1

whom(groups) := concat("", ["groups ", concat(" or ", groups)]) if count(groups) > 1
