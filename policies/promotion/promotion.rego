# METADATA
# title: Promotion
# description: >-
#   Demands that a digest ran long enough in the environments before, that nothing else of the repository is on its way into the same
#   environment, and that no older one takes the place of a newer one but at stage `rollback`.
# scope: package
# custom:
#   classes: []
#   facts: [promotion]
#   rules:
#     not_soaked: { title: It did not run long enough in an environment before, controls: [SOC2-CC8.1] }
#     in_flight: Another deployment is on its way
#     step_back: { title: What runs is newer, controls: [SOC2-CC8.1] }
package portcullis.promotion

import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(unsoaked, array.concat(on_their_way, backwards)) if {
	settings.complete(["soakHours", "oneInFlight", "inFlightHours", "forwardOnly"])
	is_object(settings.effective.soakHours)
	is_array(input.promotion.runs)
	is_array(input.promotion.in_flight)
	is_array(input.promotion.steps_back)
	every run in input.promotion.runs { is_number(run.since) }
}

# In the order of their names, so that the same question has the same answer.
environments := sort(object.keys(settings.effective.soakHours))

unsoaked := [result |
	some environment in environments
	hours := settings.effective.soakHours[environment]
	not soaked(environment, hours)
	result := {
		"rule": "not_soaked",
		"args": {"environment": environment, "hours": hours, "since": since(environment)},
		"next_open": opening(environment, hours),
	}
]

runs_in(environment) := [run | some run in input.promotion.runs; run.environment == environment]

soaked(environment, hours) if {
	some run in runs_in(environment)
	left(run) - run.since >= hours * 3600
}

left(run) := input.now if run.until == null

left(run) := run.until if run.until != null

running(environment) := [run.since | some run in runs_in(environment); run.until == null]

since(environment) := min(running(environment)) if {
	count(running(environment)) > 0
} else := null

opening(environment, hours) := time.format(ceil(since(environment) + (hours * 3600)) * 1000000000) if {
	since(environment) != null
} else := null

on_their_way := [{"rule": "in_flight", "args": {"count": count(others), "since": max(others)}} |
	settings.effective.oneInFlight
	others := [deployment.since | some deployment in input.promotion.in_flight]
	count(others) > 0
]

backwards := [{"rule": "step_back", "args": {"targets": targets, "environment": input.environment}} |
	settings.effective.forwardOnly
	lower(input.stage) != "rollback"
	count(input.promotion.steps_back) > 0
	targets := [step.target | some step in input.promotion.steps_back; step.target != null]
]
