package portcullis.promotion_test

import data.portcullis.lib.support
import data.portcullis.promotion

defaults := {
	"soakHours": {},
	"oneInFlight": true,
	"inFlightHours": 24,
	"forwardOnly": true,
	"environments": {},
}

nothing := {"runs": [], "in_flight": [], "steps_back": []}

judged(changes, told) := results if {
	asked := support.asked(object.union(defaults, changes), [])
	results := promotion.results with input as object.union(asked, {"promotion": object.union(nothing, told)})
}

run(parts) := object.union(
	{"environment": "staging", "deployment": "d1", "target": null, "since": support.now - 7200, "until": null},
	parts,
)

soak := {"soakHours": {"staging": 2}}

test_without_demands_everything_passes if {
	judged({}, {}) == []
	judged({}, {"runs": [run({})]}) == []
}

test_what_never_ran_before_has_not_soaked if {
	judged(soak, {}) == [{
		"rule": "not_soaked",
		"args": {"environment": "staging", "hours": 2, "since": null},
		"next_open": null,
	}]
}

test_it_has_soaked_to_the_second if {
	judged(soak, {"runs": [run({})]}) == []
	judged(soak, {"runs": [run({"since": support.now - 7199})]}) == [{
		"rule": "not_soaked",
		"args": {"environment": "staging", "hours": 2, "since": support.now - 7199},
		"next_open": "2027-01-15T08:00:01Z",
	}]
}

test_what_was_replaced_soaked_until_then if {
	judged(soak, {"runs": [run({"since": support.now - 90000, "until": support.now - 82800})]}) == []
	support.rules(judged(soak, {"runs": [run({"since": support.now - 90000, "until": support.now - 82801})]})) == ["not_soaked"]
}

test_another_environment_is_none if {
	support.rules(judged(soak, {"runs": [run({"environment": "qa"})]})) == ["not_soaked"]
}

test_one_is_on_its_way_at_a_time if {
	other := {"deployment": "d2", "target": null, "since": support.now - 60}
	judged({}, {"in_flight": [other]}) == [{"rule": "in_flight", "args": {"count": 1, "since": support.now - 60}}]
	judged({"oneInFlight": false}, {"in_flight": [other]}) == []
}

test_only_a_rollback_goes_back if {
	told := {"steps_back": [{"target": "eu", "from": "sha256:cc"}, {"target": null, "from": "sha256:cc"}]}
	judged({}, told) == [{"rule": "step_back", "args": {"targets": ["eu"], "environment": "production"}}]
	judged({"forwardOnly": false}, told) == []
	asked := object.union(support.asked(defaults, []), {"stage": "Rollback", "promotion": object.union(nothing, told)})
	promotion.results == [] with input as asked
}

test_without_the_fact_there_is_no_result if {
	not promotion.results with input as object.union(support.asked(defaults, []), {"promotion": null})
	not promotion.results with input as object.union(support.asked({}, []), {"promotion": nothing})
}
