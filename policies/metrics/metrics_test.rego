package portcullis.metrics_test

import data.portcullis.lib.support
import data.portcullis.metrics

defaults := {
	"checks": [{"name": "errors", "max": 0.01}],
	"failureLimit": 0,
	"inconclusiveLimit": 0,
	"minSamples": 1,
	"noData": "violation",
	"maxAgeMinutes": 60,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

reply(name, values) := support.report("metrics", {
	"name": name,
	"document": {"series": [{"labels": "job=api", "values": values}], "newest": support.now - 60},
})

judged(parameters, evidence) := results if {
	results := metrics.results with input as support.asked(parameters, evidence)
}

rules(parameters, values) := support.rules(judged(parameters, [reply("errors", values)]))

test_samples_within_their_bounds_pass if {
	rules(defaults, [0, 0.01]) == []
	rules(with_parameters({"checks": [{"name": "errors", "min": 2, "max": 4}]}), [2, 3, 4]) == []
}

test_without_a_bound_of_failure_what_does_not_pass_fails if {
	judged(defaults, [reply("errors", [0.02, 0.5, 0])])[0] == {
		"rule": "metric_failed",
		"args": {"metric": "errors", "count": 2, "samples": 3, "limit": 0, "least": 0.02, "most": 0.5},
		"evidence": [0],
	}
	rules(with_parameters({"checks": [{"name": "errors", "min": 2}]}), [1]) == ["metric_failed"]
}

test_between_the_bounds_is_inconclusive if {
	banded := with_parameters({"checks": [{"name": "errors", "max": 0.01, "failAbove": 0.05}]})
	rules(banded, [0.02]) == ["metric_inconclusive"]
	rules(banded, [0.05]) == ["metric_inconclusive"]
	rules(banded, [0.06]) == ["metric_failed"]
	rules(object.union(banded, {"inconclusiveLimit": 1}), [0.02, 0]) == []
	low := with_parameters({"checks": [{"name": "errors", "min": 10, "failBelow": 5}]})
	rules(low, [7]) == ["metric_inconclusive"]
	rules(low, [4]) == ["metric_failed"]
	rules(with_parameters({"checks": [{"name": "errors", "failAbove": 1}]}), [1]) == []
}

test_a_few_failures_may_be_tolerated if {
	rules(with_parameters({"failureLimit": 1}), [0.5, 0]) == []
	rules(with_parameters({"failureLimit": 1}), [0.5, 0.5]) == ["metric_failed"]
}

test_no_data_is_no_pass if {
	rules(defaults, []) == ["no_data"]
	rules(with_parameters({"minSamples": 2}), [0]) == ["no_data"]
	judged(with_parameters({"noData": "warning"}), [reply("errors", [])])[0].effect == "warning"
	rules(with_parameters({"noData": "ignore"}), []) == []
}

test_old_samples_are_refused if {
	parameters := with_parameters({"maxAgeMinutes": 0.5})
	rules(parameters, [0]) == ["metric_too_old"]
	rules(with_parameters({"maxAgeMinutes": null}), [0]) == []
	empty := object.union(reply("errors", []), {"document": {"newest": null}})
	support.rules(judged(with_parameters({"noData": "ignore"}), [empty])) == []
	support.rules(judged(object.union(parameters, {"noData": "ignore"}), [empty])) == ["metric_too_old"]
}

test_every_check_needs_its_reply if {
	judged(defaults, [reply("latency", [0])])[0].missing == ["errors"]
	judged(defaults, [object.union(reply("errors", [0]), {"covers": []})])[0].missing == ["errors"]
	support.rules(judged(with_parameters({"missing": "ignore"}), [])) == []
}

test_what_does_not_satisfy_counts_against if {
	against := object.union(reply("errors", [1]), {"covers": []})
	support.rules(judged(defaults, [reply("errors", [0]), against])) == ["metric_failed"]
}

test_a_binding_without_metrics_lets_nothing_pass if {
	support.rules(judged(with_parameters({"checks": []}), [reply("errors", [0])])) == ["no_checks"]
}

test_nothing_is_said_without_parameters_or_of_what_cannot_be_read if {
	not metrics.results with input as support.asked(object.remove(defaults, ["noData"]), [])
	not metrics.results with input as support.asked(defaults, [support.report("metrics", {"document": null})])
}
