# METADATA
# title: Rollback
# description: >-
#   Lets pass what ran before, at stage `rollback` - a digest whose deployment here an enforced allow had grounded, that
#   succeeded within a number of days and started before what was started last. Nothing else is asked of it.
# scope: package
# custom:
#   classes: []
#   facts: [rollback]
#   rules:
#     never_deployed: It never ran here by an allow
#     too_old: It ran here too long ago
#     runs_already: It is what runs
#     not_older: What runs is older
#     wrong_stage: Bound to another stage
package portcullis.rollback

import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := denied if {
	settings.complete(["withinDays"])
	is_number(settings.effective.withinDays)
	known
}

# The fact is absent only where this isn't about a rollback.
known if {
	lower(input.stage) == "rollback"
	is_array(input.rollback.candidates)
	is_array(input.rollback.running)
	is_array(input.rollback.newer)
	every candidate in input.rollback.candidates { is_number(candidate.finished) }
}

known if {
	lower(input.stage) != "rollback"
	input.rollback == null
}

denied := [{"rule": "wrong_stage", "args": {"stage": input.stage}}] if {
	lower(input.stage) != "rollback"
} else := [] if {
	some candidate in input.rollback.candidates
	candidate.finished > input.now - (settings.effective.withinDays * 86400)
} else := [{"rule": "too_old", "args": {"days": settings.effective.withinDays, "finished": newest}}] if {
	newest := max([candidate.finished | some candidate in input.rollback.candidates])
} else := [{"rule": "runs_already", "args": {"targets": named(input.rollback.running)}}] if {
	count(input.rollback.running) > 0
} else := [{"rule": "not_older", "args": {"targets": named(input.rollback.newer)}}] if {
	count(input.rollback.newer) > 0
} else := [{"rule": "never_deployed", "args": {"environment": input.environment, "repository": input.repository}}]

named(targets) := [target | some target in targets; target != null]
