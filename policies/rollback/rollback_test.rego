package portcullis.rollback_test

import data.portcullis.lib.support
import data.portcullis.rollback

candidate(parts) := object.union(
	{
		"deployment": "d1",
		"subject": "sha256:bb",
		"target": null,
		"started": support.now - 3700,
		"finished": support.now - 3600,
		"grounded_by": "g1",
		"replaces": {"deployment": "d2", "subject": "sha256:cc", "state": "succeeded"},
	},
	parts,
)

options(parts) := object.union({"candidates": [], "running": [], "newer": []}, parts)

asked(told) := object.union(
	support.asked({"withinDays": 90}, []),
	{"stage": "rollback", "rollback": told},
)

rules(told) := support.rules(results) if {
	results := rollback.results with input as asked(told)
}

test_what_ran_before_passes if {
	rules(options({"candidates": [candidate({})]})) == []
}

test_any_letter_case_of_the_stage_is_a_rollback if {
	rollback.results == [] with input as object.union(asked(options({"candidates": [candidate({})]})), {"stage": "Rollback"})
}

test_one_target_is_enough if {
	rules(options({"candidates": [candidate({"target": "eu"})], "running": ["us"], "newer": ["asia"]})) == []
}

test_what_never_ran_here_does_not_pass if {
	rules(options({})) == ["never_deployed"]
}

test_the_days_count_from_the_success_to_the_second if {
	edge := support.now - (90 * support.day)
	rules(options({"candidates": [candidate({"finished": edge + 1})]})) == []
	rules(options({"candidates": [candidate({"finished": edge})]})) == ["too_old"]
}

test_the_newest_one_tells_how_old_it_is if {
	old := support.now - (100 * support.day)
	told := options({"candidates": [candidate({"finished": old - 1}), candidate({"finished": old})], "running": ["us"]})
	results := rollback.results with input as asked(told)
	results == [{"rule": "too_old", "args": {"days": 90, "finished": old}}]
}

test_what_runs_is_no_rollback if {
	results := rollback.results with input as asked(options({"running": ["eu", null], "newer": ["us"]}))
	results == [{"rule": "runs_already", "args": {"targets": ["eu"]}}]
}

test_a_step_forward_is_no_rollback if {
	results := rollback.results with input as asked(options({"newer": [null]}))
	results == [{"rule": "not_older", "args": {"targets": []}}]
}

test_at_another_stage_nothing_passes if {
	results := rollback.results with input as support.asked({"withinDays": 90}, [])
	support.rules(results) == ["wrong_stage"]
}

test_without_the_fact_there_is_no_result if {
	not rollback.results with input as asked(null)
	not rollback.results with input as asked({})
	not rollback.results with input as asked(object.remove(options({}), ["running"]))
	not rollback.results with input as asked(options({"candidates": [candidate({"finished": null})]}))
	not rollback.results with input as object.union(asked(options({})), {"stage": "production"})
}

test_without_parameters_there_is_no_result if {
	told := {"stage": "rollback", "rollback": options({})}
	not rollback.results with input as object.union(support.asked({}, []), told)
}
