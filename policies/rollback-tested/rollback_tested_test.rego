package portcullis.rollback_tested_test

import data.portcullis.lib.support
import data.portcullis.rollback_tested

defaults := {
	"withinDays": 90,
	"maxMinutes": 30,
	"drilledIn": [],
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

drill(parts) := support.report("rollback-drill", {
	"document": object.union(
		{
			"environment": "staging",
			"succeeded": true,
			"started": support.now - 4200,
			"finished": support.now - 3600,
		},
		parts,
	),
})

judged(changes, reports) := results if {
	results := rollback_tested.results with input as support.asked(object.union(defaults, changes), reports)
}

rules(changes, reports) := support.rules([result | some result in judged(changes, reports); object.get(result, "effect", "") != "none"])

test_a_recent_quick_drill_passes_until_it_is_too_old if {
	judged({}, [drill({})]) == [{
		"rule": "drill_too_old",
		"effect": "none",
		"valid_until": (support.now - 3600) + (90 * support.day),
	}]
}

test_a_drill_that_failed_denies if {
	rules({}, [drill({"succeeded": false})]) == ["drill_failed"]
}

test_the_days_count_from_its_end_to_the_second if {
	edge := support.now - (90 * support.day)
	rules({}, [drill({"started": edge - 60, "finished": edge + 1})]) == []
	rules({}, [drill({"started": edge - 60, "finished": edge})]) == ["drill_too_old"]
}

test_it_may_take_as_long_as_allowed_and_no_second_more if {
	finished := support.now - 3600
	rules({}, [drill({"started": finished - 1800})]) == []
	rules({}, [drill({"started": finished - 1801})]) == ["drill_too_slow"]
}

test_only_some_environments_count if {
	rules({"drilledIn": ["Staging"]}, [drill({})]) == []
	rules({"drilledIn": ["production"]}, [drill({})]) == ["drilled_elsewhere"]
}

test_every_drill_has_to_be_sound if {
	rules({}, [drill({}), drill({"succeeded": false, "started": support.now - 9000})]) == ["drill_failed", "drill_too_slow"]
}

test_without_a_drill_it_says_so if {
	rules({}, []) == ["missing_evidence"]
	rules({"missing": "ignore"}, []) == []
	rules({}, [object.union(drill({}), {"completeness": "partial"})]) == ["missing_evidence"]
}

test_an_environment_can_demand_more if {
	rules({"environments": {support.asked({}, []).environment: {"maxMinutes": 5}}}, [drill({})]) == ["drill_too_slow"]
}

test_what_can_not_be_read_gives_no_result if {
	not rollback_tested.results with input as support.asked(defaults, [drill({"finished": null})])
	not rollback_tested.results with input as support.asked({}, [drill({})])
}
