# METADATA
# title: Change record
# description: >-
#   Demands a ticket of the change management for every change: approved, planned for now, and with a plan to undo it.
#   One ticket that meets all demands is enough.
# scope: package
# custom:
#   classes: [change-record]
#   rules:
#     ticket_pattern: The ticket's number is not of the kind demanded
#     other_ticket: The ticket is another one than the pipeline names
#     wrong_type: The type of ticket may not carry a change
#     not_approved: The ticket is not approved
#     no_planned_window: The ticket plans no window
#     outside_planned_window: Now is outside of the ticket's planned window
#     no_back_out_plan: The ticket does not say how the change is undone
#     record_too_old: What was posted of the ticket is older than allowed
#     missing_evidence: No usable ticket
package portcullis.change_record

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(faults, array.concat(end_of_window, evidence.none_at_all(["change-record"]))) if {
	settings.complete([
		"ticketPattern",
		"approvedStates",
		"types",
		"plannedWindow",
		"backOutPlan",
		"maxAgeHours",
		"missing",
		"missingByStage",
	])
	every at in evidence.usable { is_string(input.evidence[at].document.ticket) }
}

records := [{"at": at, "faults": faults_of(at, input.evidence[at].document)} | some at in evidence.usable]

sound := [record | some record in records; record.faults == []]

# Of several tickets without a sound one among them, the newest tells what to repair.
faults := newest.faults if {
	count(sound) == 0
	count(records) > 0
} else := []

newest := [record |
	some record in records
	input.evidence[record.at].time == max([input.evidence[at].time | some at in evidence.usable])
][0]

# An allow ends with the last planned window that it could rest on.
end_of_window := [{"rule": "outside_planned_window", "effect": "none", "valid_until": max(ends)} |
	settings.effective.plannedWindow != "ignored"
	count(sound) > 0
	ends := [end | some record in sound; end := input.evidence[record.at].document.planned_end; end != null]
	count(ends) == count(sound)
]

faults_of(at, ticket) := [result |
	some fault in array.concat(identity(ticket), array.concat(approval(ticket), array.concat(window(ticket), plan(at, ticket))))
	result := object.union(fault, {"evidence": [at]})
]

identity(ticket) := array.concat(
	[{"rule": "ticket_pattern", "args": {"ticket": ticket.ticket, "pattern": settings.effective.ticketPattern}} |
		not regex.match(concat("", ["^(?:", settings.effective.ticketPattern, ")$"]), ticket.ticket)
	],
	# The pipeline's word can only narrow the choice: it makes no ticket count that would not.
	[{"rule": "other_ticket", "args": {"ticket": ticket.ticket, "named": named}} |
		named := input.context.changeTicket
		is_string(named)
		lower(named) != lower(ticket.ticket)
	],
)

approval(ticket) := array.concat(
	[{"rule": "wrong_type", "args": {"ticket": ticket.ticket, "type": ticket.type, "types": settings.effective.types}} |
		settings.effective.types != []
		not one_of(ticket.type, settings.effective.types)
	],
	[{
		"rule": "not_approved",
		"args": {
			"ticket": ticket.ticket,
			"state": ticket.state,
			"states": settings.effective.approvedStates,
			"withheld": ticket.approved == false,
		},
	} |
		not approved(ticket)
	],
)

approved(ticket) if {
	ticket.approved != false
	one_of(ticket.state, settings.effective.approvedStates)
}

one_of(word, words) if {
	some other in words
	lower(word) == lower(other)
}

window(_) := [] if settings.effective.plannedWindow == "ignored"

window(ticket) := array.concat(
	[{"rule": "no_planned_window", "args": {"ticket": ticket.ticket}} |
		settings.effective.plannedWindow == "required"
		null in [ticket.planned_start, ticket.planned_end]
	],
	[{
		"rule": "outside_planned_window",
		"args": {"ticket": ticket.ticket, "start": ticket.planned_start, "end": ticket.planned_end},
		"next_open": opening(ticket),
	} |
		outside(ticket)
	],
) if {
	settings.effective.plannedWindow != "ignored"
}

outside(ticket) if {
	ticket.planned_start != null
	input.now < ticket.planned_start
}

outside(ticket) if {
	ticket.planned_end != null
	input.now >= ticket.planned_end
}

opening(ticket) := ticket.planned_start_at if {
	ticket.planned_start != null
	input.now < ticket.planned_start
} else := null

plan(at, ticket) := array.concat(
	[{"rule": "no_back_out_plan", "args": {"ticket": ticket.ticket}} |
		settings.effective.backOutPlan
		not ticket.back_out_plan
	],
	[{"rule": "record_too_old", "args": {"ticket": ticket.ticket, "limit": limit, "time": input.evidence[at].time}} |
		limit := settings.effective.maxAgeHours
		limit != null
		input.now - input.evidence[at].time > limit * 3600
	],
)
