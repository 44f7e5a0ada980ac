package portcullis.approvals_test

import data.portcullis.approvals
import data.portcullis.lib.support

defaults := {
	"required": 1,
	"groups": ["release-managers"],
	"also": [],
	"fourEyes": {"authors": "verified", "requester": true},
	"validFor": "P7D",
}

item(parts) := object.union(
	{
		"id": "a1",
		"by": "ann",
		"groups": ["release-managers"],
		"at": support.now - 600,
		"expires": support.now + 600,
		"objections": [],
		"not_with": [],
	},
	parts,
)

demand(given) := {"required": 1, "groups": ["release-managers"], "given": given}

asked(parameters, found) := object.union(support.asked(parameters, []), {"approvals": found})

judged(parameters, found) := results if {
	results := approvals.results with input as asked(parameters, found)
}

test_enough_approvals_let_pass if {
	judged(defaults, {"requirements": [demand([0])], "items": [item({})]}) == []
}

test_too_few_are_named_as_missing if {
	two := object.union(defaults, {"required": 2})
	results := judged(two, {"requirements": [{"required": 2, "groups": ["release-managers"], "given": [0]}], "items": [item({})]})
	results == [{
		"rule": "missing_approvals",
		"awaits": "approval",
		"args": {"required": 2, "given": 1, "groups": ["release-managers"], "excluded": [], "others": []},
		"missing": ["2 of group release-managers, 1 given"],
	}]
}

test_each_requirement_is_judged_by_itself if {
	both := object.union(defaults, {"also": [{"required": 1, "groups": ["security", "audit"]}, {"required": 1, "groups": []}]})
	further := [{"required": 1, "groups": ["security", "audit"], "given": []}, {"required": 1, "groups": [], "given": [0]}]
	results := judged(both, {"requirements": array.concat([demand([0])], further), "items": [item({})]})
	[result.missing | some result in results] == [["1 of groups security or audit, 0 given"]]
}

test_who_does_not_count_is_named_with_the_reasons if {
	found := {"requirements": [demand([])], "items": [item({"objections": ["own_work", "own_request"]}), item({"by": "ben", "groups": []})]}
	[result.args.excluded | some result in judged(defaults, found)] == [["ann: own_work, own_request"]]
	[result.args.others | some result in judged(defaults, found)] == [["ben"]]
}

test_anybody_is_told_as_such if {
	free := object.union(defaults, {"groups": []})
	results := judged(free, {"requirements": [{"required": 1, "groups": [], "given": []}], "items": []})
	[result.missing | some result in results] == [["1 of anybody who may approve, 0 given"]]
}

test_an_environment_can_demand_other_things if {
	parameters := object.union(defaults, {"environments": {"Production": {"required": 2}}})
	not judged(parameters, {"requirements": [demand([0])], "items": [item({})]})
	[result.args.required |
		some result in judged(parameters, {"requirements": [{"required": 2, "groups": ["release-managers"], "given": []}], "items": []})
	] == [2]
}

test_an_approval_that_does_not_count_but_was_counted_gives_no_result if {
	every parts in [
		{"objections": ["own_work"]},
		{"expires": support.now - 1},
		{"groups": ["others"]},
	] {
		not judged(defaults, {"requirements": [demand([0])], "items": [item(parts)]})
	}
}

test_one_that_is_counted_twice_or_beside_another_of_the_same_person_gives_no_result if {
	two := object.union(defaults, {"required": 2})
	twice := {"required": 2, "groups": ["release-managers"], "given": [0, 0]}
	not judged(two, {"requirements": [twice], "items": [item({})]})
	pair := {"required": 2, "groups": ["release-managers"], "given": [0, 1]}
	not judged(two, {"requirements": [pair], "items": [item({"not_with": [1]}), item({"not_with": [0]})]})
	judged(two, {"requirements": [pair], "items": [item({}), item({"by": "ben"})]}) == []
}

test_without_the_fact_or_other_demands_there_is_no_result if {
	not judged(defaults, null)
	not judged(defaults, {"requirements": [], "items": []})
	not judged(defaults, {"requirements": [{"required": 1, "groups": [], "given": [0]}], "items": [item({})]})
}

test_without_its_parameters_there_is_no_result if {
	every name in object.keys(defaults) {
		not judged(object.remove(defaults, [name]), {"requirements": [demand([0])], "items": [item({})]})
	}
}
