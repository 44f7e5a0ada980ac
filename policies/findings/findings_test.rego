package portcullis.findings_test

import data.portcullis.findings
import data.portcullis.lib.support

none := {"critical": 0, "high": 0, "medium": 0, "low": 0, "negligible": 0, "unknown": 0}

critical_only := {"critical": 0, "high": null, "medium": null, "low": null, "negligible": null, "unknown": null}

defaults := {
	"max": {
		"secrets": none,
		"misconfigurations": critical_only,
		"sast": critical_only,
		"dast": critical_only,
		"quality": critical_only,
		"performance": critical_only,
		"migrations": critical_only,
		"licences": critical_only,
	},
	"unknownAs": "high",
	"toolSuppressionsCount": false,
	"requiredClasses": [],
	"requiredScanners": [],
	"requiredReports": [],
	"missing": "ignore",
	"missingByStage": {},
	"environments": {},
}

classes := ["secrets", "misconfigurations", "sast", "dast", "licences", "quality", "performance", "migrations"]

with_parameters(changes) := object.union(defaults, changes)

scan(class, severities) := support.report(class, {"findings": [
support.finding(severity, {"class": class, "fixed_version": null}) |
	some severity in severities
]})

judged(parameters, evidence) := results if {
	results := findings.results with input as support.asked(parameters, evidence)
}

test_clean_reports_pass if judged(defaults, [scan(class, []) | some class in classes]) == []

test_a_secret_of_any_severity_breaks_the_limit if {
	every severity in ["critical", "high", "medium", "low", "negligible"] {
		results := judged(defaults, [scan("secrets", [severity])])
		[result.severity | some result in results] == [severity]
	}
}

test_a_critical_of_any_class_breaks_the_limit_and_is_referenced if {
	every class in classes {
		judged(defaults, [scan("sast", ["low"]), scan(class, ["critical"])]) == [{
			"rule": "max_severity",
			"severity": "critical",
			"args": {"class": class, "severity": "critical", "count": 1, "limit": 0, "unknown": 0},
			"findings": [[1, 0]],
		}]
	}
}

test_other_severities_have_no_limit_but_for_secrets if {
	severities := ["high", "medium", "low", "negligible", "unknown"]
	every class in ["misconfigurations", "sast", "dast", "licences", "quality", "performance", "migrations"] {
		judged(defaults, [scan(class, severities)]) == []
	}
}

test_a_limit_may_be_reached_but_not_passed if {
	parameters := with_parameters({"max": {"sast": {"high": 1}}})
	judged(parameters, [scan("sast", ["high"])]) == []
	results := judged(parameters, [scan("sast", ["high"]), scan("sast", ["high"])])
	results[0].args.count == 2
}

test_classes_are_counted_apart if {
	parameters := with_parameters({"max": {"sast": {"critical": 1}, "dast": {"critical": 1}}})
	judged(parameters, [scan("sast", ["critical"]), scan("dast", ["critical"])]) == []
}

test_unknown_counts_as_high_and_against_its_own_limit if {
	results := judged(defaults, [scan("secrets", ["unknown"])])
	sort([result.severity | some result in results]) == ["high", "unknown"]
	every result in results { result.args.unknown == 1 }
}

test_unknown_counts_as_what_it_is_taken_for if {
	results := judged(with_parameters({"unknownAs": "critical"}), [scan("sast", ["unknown"])])
	[result.severity | some result in results] == ["critical"]
	judged(with_parameters({"unknownAs": "unknown"}), [scan("sast", ["unknown"])]) == []
}

test_what_the_tool_suppressed_counts_only_if_asked if {
	report := support.report("sast", {"findings": [support.finding("critical", {"class": "sast", "suppressed": true})]})
	judged(defaults, [report]) == []
	support.rules(judged(with_parameters({"toolSuppressionsCount": true}), [report])) == ["max_severity"]
}

test_what_another_report_says_already_counts_once if {
	report := support.report("sast", {"findings": [support.finding("critical", {"class": "sast", "repeated": true})]})
	judged(defaults, [report]) == []
}

test_missing_evidence_is_ignored_unless_asked_for if {
	judged(defaults, []) == []
	judged(with_parameters({"missing": "warning"}), []) == [{"rule": "missing_evidence", "effect": "warning", "missing": ["findings"]}]
	at_stage := judged(with_parameters({"missingByStage": {"production": "violation"}}), [])
	at_stage[0].effect == "violation"
}

test_required_classes_are_named_where_nothing_usable_covers_them if {
	parameters := with_parameters({"requiredClasses": ["secrets", "sast"]})
	failed := object.union(scan("sast", []), {"completeness": "failed"})
	judged(parameters, [scan("secrets", []), scan("sast", [])]) == []
	judged(parameters, [scan("secrets", []), failed]) == [{"rule": "required_class", "missing": ["sast"]}]
}

test_required_scanners_are_named if {
	parameters := with_parameters({"requiredScanners": ["gitleaks", "trivy"]})
	judged(parameters, [scan("secrets", [])]) == [{"rule": "required_scanner", "missing": ["gitleaks"]}]
}

test_an_environment_overrides_only_what_it_names if {
	parameters := with_parameters({"environments": {"production": {"max": {"sast": {"high": 0}}}}})
	support.rules(judged(parameters, [scan("sast", ["high"]), scan("dast", ["high"])])) == ["max_severity"]
}

test_without_any_one_parameter_there_is_no_result if {
	every name in object.keys(object.remove(defaults, ["environments"])) {
		not findings.results with input as support.asked(object.remove(defaults, [name]), [])
	}
}

test_without_a_limit_for_every_class_and_severity_there_is_no_result if {
	every class in classes {
		every severity in object.keys(none) {
			limits := {class: object.remove(defaults.max[class], [severity])}
			cut := object.union(object.remove(defaults, ["max"]), {"max": object.union(object.remove(defaults.max, [class]), limits)})
			not findings.results with input as support.asked(cut, [scan(class, [])])
		}
	}
}

test_required_reports_are_named if {
	named := object.union(support.report("sast", {}), {"name": "cart"})
	parameters := object.union(defaults, {"requiredReports": ["cart", "till"], "missing": "ignore"})
	judged(parameters, [named]) == [{"rule": "required_reports", "missing": ["till"]}]
}
