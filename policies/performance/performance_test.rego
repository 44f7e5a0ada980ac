package portcullis.performance_test

import data.portcullis.lib.support
import data.portcullis.performance

defaults := {
	"thresholds": true,
	"max": {},
	"min": {},
	"maxAgeHours": null,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

load(measures, parts) := support.report("performance", object.union({"measures": measures}, parts))

judged(parameters, evidence) := results if {
	results := performance.results with input as support.asked(parameters, evidence)
}

rules(parameters, evidence) := support.rules(judged(parameters, evidence))

met := load({"thresholds": 2, "http_req_duration.p(95)": 400}, {})

crossed := support.finding("high", {"id": "http_req_duration: p(95)<300", "class": "performance"})

test_a_load_test_that_met_its_thresholds if judged(defaults, [met]) == []

test_every_crossed_threshold_is_listed if {
	results := judged(defaults, [met, load({"thresholds": 1}, {"findings": [crossed], "covers": []})])
	results == [{"rule": "threshold_crossed", "severity": "high", "args": {"count": 1}, "findings": [[1, 0]]}]
	rules(defaults, [load({"thresholds": 1}, {"findings": [object.union(crossed, {"suppressed": true})]})]) == []
}

test_a_load_test_without_thresholds_proves_nothing if {
	rules(defaults, [load({"thresholds": 0}, {})]) == ["no_thresholds"]
	rules(defaults, [load(null, {})]) == ["no_thresholds"]
	rules(with_parameters({"thresholds": false}), [load({"thresholds": 0}, {})]) == []
}

test_measures_have_limits if {
	rules(with_parameters({"max": {"http_req_duration.p(95)": 400}}), [met]) == []
	rules(with_parameters({"max": {"http_req_duration.p(95)": 399}}), [met]) == ["above_maximum"]
	rules(with_parameters({"min": {"http_reqs.count": 1}}), [met]) == ["not_measured"]
	rules(with_parameters({"min": {"http_req_duration.p(95)": 401}}), [met]) == ["below_minimum"]
}

test_an_old_load_test_is_refused if {
	parameters := with_parameters({"maxAgeHours": 1})
	rules(parameters, [object.union(met, {"time": support.now - 3600})]) == []
	judged(parameters, [object.union(met, {"time": (support.now - 3600) - 1})])[0].rule == "too_old"
}

test_no_load_test_is_missing_evidence if {
	rules(with_parameters({"max": {"x": 1}}), []) == ["missing_evidence"]
	rules(with_parameters({"missing": "ignore"}), []) == []
}

test_nothing_is_said_without_parameters if {
	not performance.results with input as support.asked(object.remove(defaults, ["max"]), [met])
}
