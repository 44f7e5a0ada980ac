package portcullis.migrations_test

import data.portcullis.lib.support
import data.portcullis.migrations

defaults := {
	"destructive": ["ban-drop-column", "ban-drop-table"],
	"downScripts": true,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

checked(without, findings) := support.report("migrations", {
	"format": "migrations",
	"findings": findings,
	"document": {"migrations": 2, "without_down": without},
})

remark(id, suppressed) := support.finding("medium", {"id": id, "class": "migrations", "suppressed": suppressed})

judged(parameters, evidence) := results if {
	results := migrations.results with input as support.asked(parameters, evidence)
}

rules(parameters, evidence) := support.rules(judged(parameters, evidence))

test_migrations_that_add_and_can_go_back_pass if {
	judged(defaults, [checked([], [remark("prefer-text-field", false)])]) == []
}

test_a_destructive_change_denies_in_forward_migrations_only if {
	results := judged(defaults, [checked([], [remark("Ban-Drop-Column", false), remark("ban-drop-table", true)])])
	results == [{"rule": "destructive_change", "severity": "high", "args": {"count": 1}, "findings": [[0, 0]]}]
	rules(with_parameters({"destructive": []}), [checked([], [remark("ban-drop-column", false)])]) == []
}

test_what_does_not_satisfy_counts_against if {
	partial := object.union(checked([], [remark("ban-drop-column", false)]), {"covers": []})
	rules(defaults, [partial]) == ["destructive_change", "missing_evidence"]
}

test_every_migration_has_a_down_script if {
	judged(defaults, [checked(["2.up.sql"], [])])[0].missing == ["2.up.sql"]
	rules(with_parameters({"downScripts": false}), [checked(["2.up.sql"], [])]) == []
}

test_a_report_that_does_not_tell_of_down_scripts_has_none if {
	plain := object.union(checked([], []), {"document": null})
	judged(defaults, [plain]) == [{"rule": "no_down_script", "args": {"unknown": 1}, "missing": [], "evidence": [0]}]
	rules(with_parameters({"downScripts": false}), [plain]) == []
}

test_no_check_is_missing_evidence if {
	rules(defaults, []) == ["missing_evidence"]
	rules(with_parameters({"missing": "ignore"}), []) == []
}

test_nothing_is_said_without_parameters if {
	not migrations.results with input as support.asked(object.remove(defaults, ["downScripts"]), [checked([], [])])
}
