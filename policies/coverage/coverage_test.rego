package portcullis.coverage_test

import data.portcullis.coverage
import data.portcullis.lib.support

defaults := {
	"minimum": {"lines": 80, "branches": null, "functions": null},
	"combine": "each",
	"weights": {},
	"maxDrop": {"lines": null, "branches": null, "functions": null},
	"requiredReports": [],
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

report(name, lines, branches) := support.report("coverage", {
	"name": name,
	"coverage": {"lines": lines, "branches": branches, "functions": null},
})

after(lines, before) := support.report("coverage", {
	"coverage": {"lines": lines, "branches": null, "functions": null},
	"previous": {"digest": "sha256:cc", "coverage": {"lines": before, "branches": null, "functions": null}},
})

judged(parameters, evidence) := results if {
	results := coverage.results with input as support.asked(parameters, evidence)
}

test_the_minimum_itself_passes if judged(defaults, [report(null, 80, null)]) == []

test_less_than_the_minimum_is_a_violation if {
	judged(defaults, [report("api", 79.99, null)]) == [{
		"rule": "below_minimum",
		"args": {"measure": "lines", "measured": 79.99, "minimum": 80, "floor": null, "name": "api"},
		"evidence": [0],
	}]
}

test_each_report_is_judged_on_its_own if {
	results := judged(defaults, [report("api", 100, null), report("web", 70, null)])
	[result.args.name | some result in results] == ["web"]
	[result.evidence | some result in results] == [[1]]
}

test_each_measure_has_its_own_minimum if {
	results := judged(with_parameters({"minimum": {"branches": 60}}), [report(null, 10, 20)])
	sort([result.args.measure | some result in results]) == ["branches", "lines"]
}

test_a_measure_without_minimum_is_not_judged if {
	judged(with_parameters({"minimum": {"lines": null}}), [report(null, 0, 0)]) == []
}

test_a_demanded_measure_that_is_not_measured_is_a_violation if {
	parameters := with_parameters({"minimum": {"branches": 60, "functions": 60}})
	judged(parameters, [report("api", 90, null)]) == [{
		"rule": "not_measured",
		"args": {"measures": ["branches", "functions"], "name": "api"},
		"missing": ["branches", "functions"],
		"evidence": [0],
	}]
}

test_a_report_without_any_figures_does_not_pass if {
	support.rules(judged(defaults, [support.report("coverage", {})])) == ["not_measured"]
}

test_a_drop_of_what_is_allowed_passes if {
	parameters := with_parameters({"minimum": {"lines": null}, "maxDrop": {"lines": 0.29}})
	judged(parameters, [after(89.71, 90)]) == []
	judged(parameters, [after(95, 90)]) == []
	judged(parameters, [after(89.7, 90)]) == [{
		"rule": "dropped",
		"args": {"measure": "lines", "measured": 89.7, "before": 90, "limit": 0.29, "name": null},
		"evidence": [0],
	}]
}

test_no_drop_at_all_may_be_allowed if {
	parameters := with_parameters({"maxDrop": {"lines": 0}})
	judged(parameters, [after(90, 90)]) == []
	support.rules(judged(parameters, [after(89.99, 90)])) == ["dropped"]
}

test_a_first_report_cannot_drop if {
	judged(with_parameters({"maxDrop": {"lines": 0}}), [report(null, 90, null)]) == []
}

test_what_is_no_longer_measured_does_not_escape_the_drop if {
	parameters := with_parameters({"minimum": {"lines": null}, "maxDrop": {"lines": 5}})
	support.rules(judged(parameters, [after(null, 90)])) == ["not_measured"]
}

held(lines, floor) := object.union(report(null, lines, 10), {"floor": {"lines": floor, "branches": null, "functions": null}})

test_what_a_baseline_holds_may_stay_below_the_minimum_but_not_fall if {
	judged(defaults, [held(42.1, 42.1)]) == []
	judged(defaults, [held(60, 42.1)]) == []
	[result.args.floor | some result in judged(defaults, [held(42.09, 42.1)])] == [42.1]
}

test_a_measure_that_the_baseline_lacks_is_not_held if {
	support.rules(judged(defaults, [held(42.1, null)])) == ["below_minimum"]
	both := with_parameters({"minimum": {"branches": 60}})
	[result.args.measure | some result in judged(both, [held(42.1, 42.1)])] == ["branches"]
}

test_a_baseline_does_not_excuse_a_drop_or_a_measure_that_is_gone if {
	falling := with_parameters({"maxDrop": {"lines": 5}})
	before := {"previous": {"digest": "sha256:cc", "coverage": {"lines": 60, "branches": null, "functions": null}}}
	support.rules(judged(falling, [object.union(held(50, 50), before)])) == ["dropped"]
	support.rules(judged(defaults, [held(null, 50)])) == ["not_measured"]
}

test_missing_evidence_counts_as_the_stage_says if {
	parameters := with_parameters({"missingByStage": {"production": "warning"}})
	judged(defaults, []) == [{"rule": "missing_evidence", "effect": "violation", "missing": ["coverage"]}]
	judged(parameters, []) == [{"rule": "missing_evidence", "effect": "warning", "missing": ["coverage"]}]
	judged(with_parameters({"missing": "ignore"}), []) == []
}

test_incomplete_evidence_satisfies_nothing if {
	failed := object.union(report(null, 100, 100), {"completeness": "failed"})
	support.rules(judged(defaults, [failed])) == ["missing_evidence"]
}

test_required_reports_are_named if {
	parameters := with_parameters({"requiredReports": ["api", "web"]})
	judged(parameters, [report("api", 90, null)]) == [{"rule": "required_reports", "missing": ["web"]}]
}

test_an_environment_overrides_only_what_it_names if {
	parameters := with_parameters({"environments": {"production": {"minimum": {"branches": 50}}}})
	support.rules(judged(parameters, [report(null, 70, 40)])) == ["below_minimum", "below_minimum"]
}

test_without_any_one_parameter_there_is_no_result if {
	every name in object.keys(object.remove(defaults, ["environments"])) {
		not coverage.results with input as support.asked(object.remove(defaults, [name]), [])
	}
}

test_without_a_value_for_every_measure_there_is_no_result if {
	every name in ["minimum", "maxDrop"] {
		every measure in ["lines", "branches", "functions"] {
			cut := object.union(object.remove(defaults, [name]), {name: object.remove(defaults[name], [measure])})
			not coverage.results with input as support.asked(cut, [])
		}
	}
}

counted(name, covered, total) := object.union(
	report(name, floor((covered * 10000) / total) / 100, null),
	{"units": {"lines": {"covered": covered, "total": total}, "branches": null, "functions": null}},
)

test_reports_can_be_judged_by_all_their_lines_together if {
	small_and_bad := [counted("api", 950, 1000), counted("web", 10, 100)]
	rules := {combine: count(judged(with_parameters({"combine": combine}), small_and_bad)) | some combine in ["each", "sum", "weighted"]}
	rules == {"each": 1, "sum": 0, "weighted": 1}
	[result] := judged(with_parameters({"combine": "sum"}), [counted("api", 799, 1000), counted("web", 80, 100)])
	result.args == {"measure": "lines", "measured": 79.9, "minimum": 80, "floor": null, "name": null, "reports": 2}
	result.evidence == [0, 1]
}

test_reports_can_be_weighted_by_name if {
	reports := [counted("api", 90, 100), counted("web", 50, 100), counted(null, 80, 100)]
	judged(with_parameters({"combine": "weighted", "weights": {"api": 10}}), reports) == []
	[result] := judged(with_parameters({"combine": "weighted", "weights": {"web": 3}}), reports)
	result.args.measured == 64
}

test_an_unknown_combination_gives_no_result if {
	not coverage.results with input as support.asked(with_parameters({"combine": "best"}), [])
}
