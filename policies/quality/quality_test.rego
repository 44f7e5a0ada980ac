package portcullis.quality_test

import data.portcullis.lib.support
import data.portcullis.quality

defaults := {
	"gate": true,
	"maxDuplication": null,
	"maxComplexity": null,
	"max": {},
	"min": {},
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

analysis(measures, parts) := support.report("quality", object.union({"measures": measures}, parts))

judged(parameters, evidence) := results if {
	results := quality.results with input as support.asked(parameters, evidence)
}

rules(parameters, evidence) := support.rules(judged(parameters, evidence))

passed := analysis({"quality_gate": 1, "duplicated_lines_density": 3, "complexity_per_function": 2.5, "ncloc": 900}, {})

unmet := support.finding("critical", {"id": "new_coverage", "class": "quality"})

test_a_gate_that_passed if judged(defaults, [passed]) == []

test_a_gate_that_did_not_pass_names_its_conditions if {
	failed := analysis({"quality_gate": 0}, {"findings": [unmet, object.union(unmet, {"suppressed": true})]})
	judged(defaults, [failed]) == [{"rule": "gate_not_passed", "args": {"count": 1}, "findings": [[0, 0]]}]
	judged(with_parameters({"gate": false}), [failed]) == []
}

test_findings_without_a_gate_are_no_gate if {
	rules(defaults, [analysis(null, {"findings": [unmet]})]) == ["not_measured"]
	rules(defaults, [analysis({"ncloc": 9}, {"findings": [unmet]}), passed]) == []
}

test_a_gate_must_have_been_measured if {
	judged(defaults, [analysis({"ncloc": 9}, {})])[0].missing == ["quality_gate"]
	rules(defaults, [object.union(passed, {"covers": []})]) == ["missing_evidence"]
	rules(defaults, []) == ["missing_evidence"]
	rules(with_parameters({"missing": "ignore"}), []) == []
}

test_duplication_and_complexity_have_limits if {
	judged(with_parameters({"maxDuplication": 3, "maxComplexity": 2.5}), [passed]) == []
	rules(with_parameters({"maxDuplication": 2.9, "maxComplexity": 2}), [passed]) == ["complexity", "duplication"]
	judged(with_parameters({"maxDuplication": 1}), [analysis({"quality_gate": 1}, {})])[0].missing == ["duplicated_lines_density"]
}

test_any_measure_may_have_a_limit if {
	judged(with_parameters({"max": {"ncloc": 899}}), [passed]) == [{
		"rule": "above_maximum",
		"args": {"measure": "ncloc", "value": 900, "limit": 899, "name": null},
		"evidence": [0],
	}]
	rules(with_parameters({"min": {"ncloc": 901}}), [passed]) == ["below_minimum"]
	rules(with_parameters({"max": {"ncloc": 900, "other": null}, "min": {"ncloc": 900}}), [passed]) == []
	rules(with_parameters({"max": {"other": 1}}), [passed]) == ["not_measured"]
}

test_every_report_must_meet_the_limits if {
	rules(with_parameters({"max": {"ncloc": 900}}), [passed, analysis({"ncloc": 901}, {"covers": []})]) == ["above_maximum"]
}

test_an_environment_may_lift_a_limit if {
	parameters := with_parameters({"max": {"ncloc": 1}, "environments": {"production": {"max": {"ncloc": null}}}})
	rules(parameters, [passed]) == []
}

test_nothing_is_said_without_parameters if {
	not quality.results with input as support.asked(object.remove(defaults, ["min"]), [passed])
}
