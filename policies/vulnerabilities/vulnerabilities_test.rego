package portcullis.vulnerabilities_test

import data.portcullis.lib.support
import data.portcullis.vulnerabilities

none := {"critical": 0, "high": 0, "medium": 0, "low": 0, "negligible": 0, "unknown": 0}

unlimited := {"critical": null, "high": null, "medium": null, "low": null, "negligible": null, "unknown": null}

defaults := {
	"max": object.union(unlimited, {"critical": 0, "high": 0}),
	"fixableOnly": ["high"],
	"ignoreUnfixed": false,
	"graceDays": none,
	"unknownAs": "high",
	"toolSuppressionsCount": false,
	"requiredScanners": [],
	"requiredReports": [],
	"maxScanAgeDays": null,
	"maxDatabaseAgeDays": null,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

scan(findings) := support.report("vulnerabilities", {"findings": findings})

judged(parameters, evidence) := results if {
	results := vulnerabilities.results with input as support.asked(parameters, evidence)
}

# limits

test_a_clean_report_passes if judged(defaults, [scan([])]) == []

test_a_critical_breaks_the_limit_and_is_referenced if {
	results := judged(defaults, [scan([support.finding("low", {}), support.finding("critical", {"fixed_version": null})])])
	results == [{
		"rule": "max_severity",
		"severity": "critical",
		"args": {"severity": "critical", "count": 1, "limit": 0, "fixable": 0, "unknown": 0},
		"findings": [[0, 1]],
	}]
}

test_a_limit_may_be_reached_but_not_passed if {
	parameters := with_parameters({"max": {"critical": 2}})
	critical := support.finding("critical", {})
	judged(parameters, [scan([critical, critical])]) == []
	results := judged(parameters, [scan([critical, critical, critical])])
	results[0].args.count == 3
	results[0].args.limit == 2
}

test_every_severity_over_its_limit_is_a_result_of_its_own if {
	severities := ["critical", "high", "medium", "low", "negligible"]
	results := judged(with_parameters({"max": none}), [scan([support.finding(severity, {}) | some severity in severities])])
	sort([result.severity | some result in results]) == sort(severities)
}

test_null_sets_no_limit if {
	parameters := with_parameters({"max": unlimited})
	severities := ["critical", "high", "medium", "low", "negligible", "unknown"]
	judged(parameters, [scan([support.finding(severity, {}) | some severity in severities])]) == []
}

test_reports_add_up if {
	parameters := with_parameters({"max": {"critical": 1}})
	critical := support.finding("critical", {})
	results := judged(parameters, [scan([critical]), scan([critical])])
	results[0].findings == [[0, 0], [1, 0]]
}

test_what_another_report_says_already_counts_once if {
	parameters := with_parameters({"max": {"critical": 1}})
	judged(parameters, [scan([support.finding("critical", {})]), scan([support.finding("critical", {"repeated": true})])]) == []
}

# fixes

test_high_counts_only_with_a_fix_by_default if {
	judged(defaults, [scan([support.finding("high", {"fixed_version": null})])]) == []
	support.rules(judged(defaults, [scan([support.finding("high", {})])])) == ["max_severity"]
}

test_fixable_only_may_name_no_severity if {
	results := judged(with_parameters({"fixableOnly": []}), [scan([support.finding("high", {"fixed_version": null})])])
	results[0].args.fixable == 0
}

test_ignore_unfixed_leaves_out_what_has_no_fix_at_every_severity if {
	parameters := with_parameters({"ignoreUnfixed": true})
	judged(parameters, [scan([support.finding("critical", {"fixed_version": null})])]) == []
	support.rules(judged(parameters, [scan([support.finding("critical", {})])])) == ["max_severity"]
}

test_fixable_ones_are_counted if {
	findings := [support.finding("critical", {}), support.finding("critical", {"fixed_version": null})]
	results := judged(defaults, [scan(findings)])
	results[0].args.fixable == 1
}

# unknown severity

test_unknown_counts_as_high_by_default if {
	results := judged(defaults, [scan([support.finding("unknown", {})])])
	results[0].severity == "high"
	results[0].args.unknown == 1
}

test_unknown_counts_as_what_it_is_taken_for if {
	results := judged(with_parameters({"unknownAs": "critical"}), [scan([support.finding("unknown", {"fixed_version": null})])])
	results[0].severity == "critical"
	judged(with_parameters({"unknownAs": "low"}), [scan([support.finding("unknown", {})])]) == []
}

test_unknown_has_a_limit_of_its_own_beside if {
	parameters := with_parameters({"max": {"high": null, "unknown": 0}})
	results := judged(parameters, [scan([support.finding("unknown", {"fixed_version": null})])])
	[result.severity | some result in results] == ["unknown"]
	both := judged(with_parameters({"max": {"unknown": 0}}), [scan([support.finding("unknown", {})])])
	sort([result.severity | some result in both]) == ["high", "unknown"]
}

test_unknown_as_unknown_meets_only_its_own_limit if {
	parameters := with_parameters({"unknownAs": "unknown"})
	judged(parameters, [scan([support.finding("unknown", {})])]) == []
	limited := object.union(parameters, {"max": {"unknown": 0}})
	results := judged(limited, [scan([support.finding("unknown", {})])])
	[result.args.count | some result in results] == [1]
}

# grace

test_grace_only_warns_and_says_when_it_ends if {
	parameters := with_parameters({"graceDays": {"critical": 7}})
	first := support.now - (2 * support.day)
	second := support.now - support.day
	findings := [support.finding("critical", {"first_seen": second}), support.finding("critical", {"first_seen": first})]
	judged(parameters, [scan(findings)]) == [{
		"rule": "grace_period",
		"effect": "warning",
		"severity": "critical",
		"args": {"severity": "critical", "count": 2, "days": 7, "ends": first + (7 * support.day)},
		"findings": [[0, 0], [0, 1]],
		"valid_until": first + (7 * support.day),
	}]
}

test_grace_ends_at_its_last_second if {
	parameters := with_parameters({"graceDays": {"critical": 7}})
	last := [scan([support.finding("critical", {"first_seen": (support.now - (7 * support.day)) + 1})])]
	over := [scan([support.finding("critical", {"first_seen": support.now - (7 * support.day)})])]
	support.rules(judged(parameters, last)) == ["grace_period"]
	support.rules(judged(parameters, over)) == ["max_severity"]
}

test_grace_is_per_severity if {
	parameters := with_parameters({"graceDays": {"high": 7}})
	young := {"first_seen": support.now}
	results := judged(parameters, [scan([support.finding("critical", young), support.finding("high", young)])])
	support.rules(results) == ["grace_period", "max_severity"]
}

test_what_was_first_seen_later_than_now_counts_without_grace if {
	results := judged(defaults, [scan([support.finding("critical", {"first_seen": support.now + support.day})])])
	support.rules(results) == ["max_severity"]
}

test_grace_is_not_told_of_where_there_is_no_limit if {
	parameters := with_parameters({"max": {"critical": null}, "graceDays": {"critical": 7}})
	judged(parameters, [scan([support.finding("critical", {"first_seen": support.now})])]) == []
}

# suppression

test_what_the_tool_suppressed_does_not_count if {
	judged(defaults, [scan([support.finding("critical", {"suppressed": true})])]) == []
}

test_what_the_tool_suppressed_counts_if_asked if {
	results := judged(with_parameters({"toolSuppressionsCount": true}), [scan([support.finding("critical", {"suppressed": true})])])
	support.rules(results) == ["max_severity"]
}

# missing evidence

test_missing_evidence_is_named if {
	judged(defaults, []) == [{"rule": "missing_evidence", "effect": "violation", "missing": ["vulnerabilities"]}]
}

test_missing_evidence_counts_as_the_stage_says if {
	parameters := with_parameters({"missing": "warning", "missingByStage": {"production": "violation", "build": "ignore"}})
	at_stage := {stage: effects |
		some stage in ["production", "test", "build"]
		asked := object.union(support.asked(parameters, []), {"stage": stage})
		results := vulnerabilities.results with input as asked
		effects := [result.effect | some result in results]
	}
	at_stage == {"production": ["violation"], "test": ["warning"], "build": []}
}

test_incomplete_evidence_satisfies_nothing_but_its_findings_count if {
	broken := object.union(scan([support.finding("critical", {})]), {"completeness": "partial"})
	support.rules(judged(defaults, [broken])) == ["max_severity", "missing_evidence"]
}

test_required_scanners_are_named_by_tool_or_format_in_any_case if {
	parameters := with_parameters({"requiredScanners": ["TRIVY", "grype", "CodeQL"]})
	codeql := support.report("vulnerabilities", {"tool": "codeql", "format": "sarif"})
	failed := support.report("vulnerabilities", {"tool": "Grype", "format": "grype", "completeness": "failed"})
	judged(parameters, [scan([]), codeql, failed]) == [{"rule": "required_scanner", "missing": ["grype"]}]
}

test_a_required_scanner_is_demanded_even_where_missing_evidence_is_ignored if {
	parameters := with_parameters({"requiredScanners": ["grype"], "missing": "ignore"})
	support.rules(judged(parameters, [])) == ["required_scanner"]
}

# age

test_a_scan_of_the_greatest_age_is_young_enough if {
	parameters := with_parameters({"maxScanAgeDays": 2})
	judged(parameters, [object.union(scan([]), {"time": support.now - (2 * support.day)})]) == []
	old := object.union(scan([]), {"time": (support.now - (2 * support.day)) - 1})
	older := object.union(scan([]), {"time": support.now - (3 * support.day), "tool": "Grype"})
	judged(parameters, [scan([]), old, older]) == [{
		"rule": "scan_too_old",
		"args": {"limit": 2, "count": 2, "time": older.time, "tools": ["Trivy", "Grype"]},
		"evidence": [1, 2],
	}]
}

test_a_database_of_the_greatest_age_is_young_enough if {
	parameters := with_parameters({"maxDatabaseAgeDays": 1})
	fresh := object.union(scan([]), {"database_time": support.now - support.day})
	old := object.union(scan([]), {"database_time": (support.now - support.day) - 1})
	judged(parameters, [fresh]) == []
	judged(parameters, [fresh, old]) == [{
		"rule": "database_too_old",
		"args": {"limit": 1, "count": 1, "unstated": 0, "tools": ["Trivy"]},
		"evidence": [1],
	}]
}

test_a_database_of_unstated_age_breaks_the_limit if {
	results := judged(with_parameters({"maxDatabaseAgeDays": 1}), [scan([])])
	results[0].args.unstated == 1
}

# environments

test_an_environment_overrides_only_what_it_names if {
	parameters := with_parameters({"environments": {"production": {"max": {"low": 0}, "fixableOnly": []}}})
	findings := [scan([support.finding("low", {}), support.finding("high", {"fixed_version": null}), support.finding("medium", {})])]
	results := judged(parameters, findings)
	sort([result.severity | some result in results]) == ["high", "low"]
	elsewhere := vulnerabilities.results with input as object.union(support.asked(parameters, findings), {"environment": "test"})
	elsewhere == []
}

test_another_letter_case_escapes_nothing_laid_down_for_a_place if {
	parameters := with_parameters({
		"missing": "ignore",
		"missingByStage": {"production": "violation"},
		"environments": {"production": {"max": {"low": 0}}, "Staging": {"max": {"low": 5}}, "staging": {"max": {"low": 0}}},
	})
	stages := {stage: results |
		some stage in ["production", "Production", "PRODUCTION", "build"]
		asked := object.union(support.asked(parameters, []), {"stage": stage})
		results := [result.effect | some result in vulnerabilities.results with input as asked]
	}
	stages == {"production": ["violation"], "Production": ["violation"], "PRODUCTION": ["violation"], "build": []}
	environments := {environment: count(results) |
		some environment in ["production", "Production", "Staging", "staging", "test"]
		asked := object.union(support.asked(parameters, [scan([support.finding("low", {})])]), {"environment": environment})
		results := vulnerabilities.results with input as asked
	}
	environments == {"production": 1, "Production": 1, "Staging": 0, "staging": 1, "test": 0}
}

# completeness of the input

test_without_any_one_parameter_there_is_no_result if {
	every name in object.keys(object.remove(defaults, ["environments"])) {
		asked := support.asked(object.remove(defaults, [name]), [])
		not vulnerabilities.results with input as asked
	}
}

test_without_a_limit_for_every_severity_there_is_no_result if {
	every name in ["max", "graceDays"] {
		every severity in object.keys(none) {
			cut := object.union(object.remove(defaults, [name]), {name: object.remove(defaults[name], [severity])})
			not vulnerabilities.results with input as support.asked(cut, [scan([])])
		}
	}
}

test_without_any_one_part_of_the_input_there_is_no_result if {
	every part in ["version", "now", "stage", "environment", "evidence", "prior", "parameters"] {
		asked := object.remove(support.asked(defaults, []), [part])
		not vulnerabilities.results with input as asked
	}
}

test_required_reports_are_named if {
	named := object.union(support.report("vulnerabilities", {}), {"name": "cart"})
	parameters := object.union(defaults, {"requiredReports": ["cart", "till"], "missing": "ignore"})
	judged(parameters, [named]) == [{"rule": "required_reports", "missing": ["till"]}]
}
