package portcullis.tests_test

import data.portcullis.lib.support
import data.portcullis.tests

defaults := {
	"maxFailed": 0,
	"maxErrored": 0,
	"maxSkipped": null,
	"maxFlaky": null,
	"minTotal": 1,
	"minPassRate": null,
	"requiredNames": [],
	"requiredReports": [],
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

run(name, counts) := support.report("tests", {"name": name, "tests": object.union(
	{"total": 10, "passed": 10, "failed": 0, "errored": 0, "skipped": 0, "flaky": 0, "excused": 0, "passed_names": []},
	counts,
)})

judged(parameters, evidence) := results if {
	results := tests.results with input as support.asked(parameters, evidence)
}

test_a_green_run_passes if judged(defaults, [run(null, {})]) == []

test_each_kind_of_bad_test_has_its_own_limit if {
	kinds := {
		"failed": {"rule": "max_failed", "parameter": "maxFailed"},
		"errored": {"rule": "max_errored", "parameter": "maxErrored"},
		"skipped": {"rule": "max_skipped", "parameter": "maxSkipped"},
		"flaky": {"rule": "max_flaky", "parameter": "maxFlaky"},
	}
	every field, kind in kinds {
		parameters := with_parameters({kind.parameter: 2})
		judged(parameters, [run(null, {field: 2})]) == []
		judged(parameters, [run(null, {field: 3})]) == [{"rule": kind.rule, "args": {"count": 3, "limit": 2}, "evidence": [0]}]
		judged(with_parameters({kind.parameter: null}), [run(null, {field: 5})]) == []
	}
}

test_no_failed_and_no_errored_test_is_allowed_by_default if {
	support.rules(judged(defaults, [run(null, {"failed": 1, "errored": 1, "skipped": 1, "flaky": 1})])) == ["max_errored", "max_failed"]
}

test_shards_add_up_and_those_with_failures_are_named if {
	parameters := with_parameters({"maxFailed": 1})
	judged(parameters, [run("1", {"failed": 1}), run("2", {}), run("3", {"failed": 1})]) == [{
		"rule": "max_failed",
		"args": {"count": 2, "limit": 1},
		"evidence": [0, 2],
	}]
}

test_failures_of_incomplete_evidence_count_too if {
	partial := object.union(run("1", {"failed": 1}), {"completeness": "partial"})
	support.rules(judged(defaults, [partial, run("2", {})])) == ["max_failed"]
}

test_at_least_the_minimum_must_run_over_all_shards if {
	parameters := with_parameters({"minTotal": 20})
	judged(parameters, [run("1", {}), run("2", {})]) == []
	judged(parameters, [run("1", {}), run("2", {"skipped": 1, "passed": 9})]) == [{
		"rule": "min_total",
		"args": {"count": 19, "minimum": 20, "skipped": 1},
		"evidence": [0, 1],
	}]
}

test_a_run_that_skipped_everything_does_not_pass if {
	support.rules(judged(defaults, [run(null, {"passed": 0, "skipped": 10})])) == ["min_total"]
}

test_the_pass_rate_leaves_out_skipped_tests if {
	parameters := with_parameters({"maxFailed": null, "minPassRate": 90})
	judged(parameters, [run(null, {"total": 20, "skipped": 10, "passed": 9, "failed": 1})]) == []
	judged(parameters, [run(null, {"total": 20, "skipped": 9, "passed": 9, "failed": 2})]) == [{
		"rule": "min_pass_rate",
		"args": {"passed": 9, "ran": 11, "minimum": 90},
		"evidence": [0],
	}]
}

test_nothing_that_ran_meets_no_pass_rate if {
	parameters := with_parameters({"minTotal": 0, "minPassRate": 0})
	support.rules(judged(parameters, [run(null, {"passed": 0, "skipped": 10})])) == ["min_pass_rate"]
}

test_excused_tests_ran_but_have_no_part_in_the_pass_rate if {
	parameters := with_parameters({"minTotal": 10, "minPassRate": 100})
	judged(parameters, [run(null, {"passed": 7, "excused": 3})]) == []
	support.rules(judged(parameters, [run(null, {"passed": 7, "excused": 2})])) == ["min_pass_rate"]
	support.rules(judged(parameters, [run(null, {"passed": 0, "excused": 10})])) == ["min_pass_rate"]
}

test_required_tests_may_pass_in_any_shard if {
	parameters := with_parameters({"requiredNames": ["login › works", "logout › works"]})
	evidence := [run("1", {"passed_names": ["login › works"]}), run("2", {"passed_names": ["logout › works"]})]
	judged(parameters, evidence) == []
	judged(parameters, [evidence[0]]) == [{"rule": "required_names", "missing": ["logout › works"], "evidence": [0]}]
}

test_required_shards_are_named if {
	parameters := with_parameters({"requiredReports": ["1", "2"]})
	failed := object.union(run("2", {}), {"completeness": "failed"})
	judged(parameters, [run("1", {}), failed]) == [{"rule": "required_reports", "missing": ["2"]}]
}

test_missing_evidence_counts_as_asked if {
	judged(defaults, []) == [{"rule": "missing_evidence", "effect": "violation", "missing": ["tests"]}]
	judged(with_parameters({"missing": "warning", "requiredNames": ["a"]}), []) == [{
		"rule": "missing_evidence",
		"effect": "warning",
		"missing": ["tests"],
	}]
	judged(with_parameters({"missing": "ignore"}), []) == []
}

test_an_environment_overrides_only_what_it_names if {
	parameters := with_parameters({"environments": {"production": {"maxSkipped": 0}}})
	support.rules(judged(parameters, [run(null, {"skipped": 1, "failed": 1})])) == ["max_failed", "max_skipped"]
}

test_without_any_one_parameter_there_is_no_result if {
	every name in object.keys(object.remove(defaults, ["environments"])) {
		not tests.results with input as support.asked(object.remove(defaults, [name]), [])
	}
}
