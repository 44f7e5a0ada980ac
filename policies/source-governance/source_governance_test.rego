package portcullis.source_governance_test

import data.portcullis.lib.support
import data.portcullis.source_governance

defaults := {
	"branches": [],
	"protectedBranch": true,
	"minReviews": 1,
	"currentReviews": true,
	"noObjections": true,
	"branchChecks": true,
	"requiredChecks": [],
	"acceptedResults": ["success"],
	"signedCommits": false,
	"codeOwners": false,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

approval(by) := {"by": by, "current": true, "independent": true}

posted(changes, parts) := support.report("source-review", object.union(
	{"document": object.union(
		{
			"change": "github.com/acme/app/pull/7",
			"revisions": ["sha256:bb"],
			"base": "main",
			"protected": true,
			"approvals": [approval("ben")],
			"objections": [],
			"checks": [{"name": "build", "result": "success", "required": true}],
			"commits": 2,
			"signed": 2,
			"code_owners": "approved",
		},
		changes,
	)},
	parts,
))

review(changes) := posted(changes, {})

judged(parameters, evidence) := results if {
	results := source_governance.results with input as support.asked(parameters, evidence)
}

rules(parameters, changes) := support.rules(judged(parameters, [review(changes)]))

test_a_reviewed_change_passes if {
	judged(defaults, [review({})]) == []
}

test_no_review_is_missing_evidence if {
	support.rules(judged(defaults, [])) == ["missing_evidence"]
	support.rules(judged(defaults, [posted({}, {"covers": []})])) == ["missing_evidence"]
	judged(with_parameters({"missing": "ignore"}), []) == []
}

test_a_review_of_another_revision_is_none if {
	rules(defaults, {"revisions": ["git+https://github.com/acme/app@cc"]}) == ["other_change"]
	rules(with_parameters({"minReviews": 0, "protectedBranch": false}), {"revisions": []}) == ["other_change"]
}

from_source(parameters, proof) := support.rules(results) if {
	asked := object.union(
		support.asked(parameters, [review({"revisions": ["git+https://github.com/acme/app@cc"]})]),
		{"sources": [{"id": "git+https://github.com/acme/app@cc", "proof": proof}]},
	)
	results := source_governance.results with input as asked
}

test_a_review_of_the_source_counts_as_far_as_the_link_is_trusted if {
	from_source(defaults, "declared") == []
	from_source(with_parameters({"linkProof": "provenance"}), "provenance") == []
	from_source(with_parameters({"linkProof": "provenance"}), "declared") == ["other_change"]
}

test_only_the_branches_that_are_named if {
	some_branches := with_parameters({"branches": ["main", "release/*"]})
	rules(some_branches, {}) == []
	rules(some_branches, {"base": "release/2"}) == []
	rules(some_branches, {"base": "release/2/x"}) == ["wrong_branch"]
	rules(some_branches, {"base": "Main"}) == ["wrong_branch"]
}

test_the_branch_must_be_known_to_be_protected if {
	rules(defaults, {"protected": false}) == ["unprotected_branch"]
	rules(defaults, {"protected": null}) == ["unprotected_branch"]
	rules(with_parameters({"protectedBranch": false}), {"protected": null}) == []
}

test_approvals_count_by_person_of_the_last_commit_and_of_nobody_involved if {
	two := with_parameters({"minReviews": 2})
	rules(two, {"approvals": [approval("ben"), approval("eve")]}) == []
	rules(two, {"approvals": [approval("ben"), approval("Ben")]}) == ["too_few_reviews"]
	rules(defaults, {"approvals": [object.union(approval("ben"), {"independent": false})]}) == ["too_few_reviews"]
	outdated := [object.union(approval("ben"), {"current": false})]
	rules(defaults, {"approvals": outdated}) == ["too_few_reviews"]
	judged(defaults, [review({"approvals": outdated})])[0].args.outdated == 1
	rules(with_parameters({"currentReviews": false}), {"approvals": outdated}) == []
	rules(with_parameters({"currentReviews": false, "minReviews": 2}), {"approvals": outdated}) == ["too_few_reviews"]
}

test_an_objection_denies_whoever_approved if {
	rules(defaults, {"objections": ["eve"]}) == ["changes_requested"]
	rules(with_parameters({"noObjections": false}), {"objections": ["eve"]}) == []
}

test_the_checks_of_the_branch_must_have_passed if {
	failed := {"checks": [{"name": "build", "result": "failure", "required": true}]}
	rules(defaults, failed) == ["check_not_passed"]
	rules(with_parameters({"branchChecks": false}), failed) == []
	rules(defaults, {"checks": [{"name": "build", "result": "skipped", "required": true}]}) == ["check_not_passed"]
	rules(with_parameters({"acceptedResults": ["success", "skipped"]}), {"checks": [{
		"name": "build",
		"result": "skipped",
		"required": true,
	}]}) == []
	rules(defaults, {"checks": [{"name": "lint", "result": "failure", "required": false}]}) == []
}

test_checks_by_name_must_be_there_and_all_have_passed if {
	named := with_parameters({"requiredChecks": ["build"]})
	rules(named, {}) == []
	rules(named, {"checks": []}) == ["check_not_passed"]
	judged(named, [review({"checks": []})])[0].args.absent == ["build"]
	rules(named, {"checks": [
		{"name": "build", "result": "success", "required": false},
		{"name": "build", "result": "failure", "required": false},
	]}) == ["check_not_passed"]
}

test_signatures_and_code_owners_where_demanded if {
	rules(with_parameters({"signedCommits": true}), {}) == []
	rules(with_parameters({"signedCommits": true}), {"signed": 1}) == ["unsigned_commits"]
	rules(with_parameters({"signedCommits": true}), {"signed": null}) == ["unsigned_commits"]
	rules(with_parameters({"codeOwners": true}), {}) == []
	rules(with_parameters({"codeOwners": true}), {"code_owners": "pending"}) == ["code_owners"]
	rules(with_parameters({"codeOwners": true}), {"code_owners": "unknown"}) == ["code_owners"]
	rules(defaults, {"code_owners": "unknown", "signed": 0}) == []
}

test_one_sound_review_is_enough_and_else_the_newest_of_the_judged_revision_tells if {
	judged(defaults, [review({"protected": false}), review({})]) == []
	old := posted({"protected": false}, {"time": support.now - 10})
	new := posted({"objections": ["eve"]}, {"time": support.now - 5})
	other := posted({"revisions": []}, {"time": support.now})
	results := judged(defaults, [old, new, other])
	support.rules(results) == ["changes_requested"]
	results[0].evidence == [1]
}

test_an_environment_may_ask_for_more if {
	rules(with_parameters({"environments": {"production": {"minReviews": 2}}}), {}) == ["too_few_reviews"]
}

test_nothing_is_said_without_parameters if {
	not source_governance.results with input as support.asked(object.remove(defaults, ["minReviews"]), [review({})])
	not source_governance.results with input as support.asked(defaults, [support.report("source-review", {"document": null})])
}
