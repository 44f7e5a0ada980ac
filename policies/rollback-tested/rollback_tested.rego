# METADATA
# title: Rollback tested
# description: >-
#   Demands that the way back was tried: a drill that succeeded, not long ago and quickly enough. Every drill that counts has to meet all demands.
# scope: package
# custom:
#   classes: [rollback-drill]
#   rules:
#     drill_failed: { title: The newest drill failed, controls: [SOC2-A1.3] }
#     drill_too_old: { title: The newest drill was too long ago, controls: [SOC2-A1.3] }
#     drill_too_slow: { title: Going back took too long, controls: [SOC2-A1.3] }
#     drilled_elsewhere: The drill was in an environment that doesn't count
#     missing_evidence: No usable drill
package portcullis.rollback_tested

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(faults, array.concat(end_of_drills, evidence.none_at_all(["rollback-drill"]))) if {
	settings.complete(["withinDays", "maxMinutes", "drilledIn", "missing", "missingByStage"])
	every at in evidence.usable {
		is_number(input.evidence[at].document.started)
		is_number(input.evidence[at].document.finished)
		is_boolean(input.evidence[at].document.succeeded)
	}
}

faults := [result |
	some at in evidence.usable
	some fault in faults_of(input.evidence[at].document)
	result := object.union(fault, {"evidence": [at]})
]

faults_of(drill) := array.concat(outcome(drill), array.concat(age(drill), array.concat(pace(drill), place(drill))))

outcome(drill) := [{"rule": "drill_failed", "args": {"environment": drill.environment, "finished": drill.finished}} |
	not drill.succeeded
]

age(drill) := [{"rule": "drill_too_old", "args": {"days": settings.effective.withinDays, "finished": drill.finished}} |
	input.now >= end(drill)
]

end(drill) := drill.finished + (settings.effective.withinDays * 86400)

pace(drill) := [{"rule": "drill_too_slow", "args": {"minutes": settings.effective.maxMinutes, "took": took}} |
	took := drill.finished - drill.started
	took > settings.effective.maxMinutes * 60
]

place(drill) := [{"rule": "drilled_elsewhere", "args": {"environment": drill.environment, "environments": settings.effective.drilledIn}} |
	count(settings.effective.drilledIn) > 0
	not lower(drill.environment) in {lower(name) | some name in settings.effective.drilledIn}
]

# An allow ends as the first of the drills that it rests on grows too old.
end_of_drills := [{"rule": "drill_too_old", "effect": "none", "valid_until": min(ends)} |
	count(faults) == 0
	ends := [end(input.evidence[at].document) | some at in evidence.usable]
	count(ends) > 0
]
