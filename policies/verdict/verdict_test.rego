package portcullis.verdict_test

import data.portcullis.lib.support
import data.portcullis.verdict

defaults := {"fromStages": ["production"]}

decision(parts) := object.union(
	{
		"id": "d1",
		"verdict": "allow",
		"stage": "production",
		"environment": "production",
		"repository": "shop/api",
		"at": support.now - 600,
		"expires": support.now + 600,
	},
	parts,
)

asked(parameters, parts) := object.union(object.union(support.asked(parameters, []), {"stage": "admission"}), parts)

judged(parameters, prior) := denials(results) if {
	results := verdict.results with input as asked(parameters, {"prior": prior})
}

denials(results) := [result | some result in results; not result.effect == "none"]

test_admission_ends_with_the_allow_that_it_relies_on if {
	longer := decision({"id": "d2", "repository": null, "at": support.now - 600, "expires": support.now + 900})
	every prior in [[decision({})], [decision({"verdict": "deny", "at": support.now - 900}), decision({})]] {
		results := verdict.results with input as asked(defaults, {"prior": prior})
		results == [{"rule": "expired", "effect": "none", "valid_until": support.now + 600}]
	}
	both := verdict.results with input as asked(defaults, {"prior": [decision({}), longer]})
	both == [{"rule": "expired", "effect": "none", "valid_until": support.now + 900}]
}

test_an_allow_that_holds_lets_pass if judged(defaults, [decision({})]) == []

test_without_a_decision_nothing_passes if {
	judged(defaults, []) == [{"rule": "no_allow", "args": {"stages": ["production"], "environment": "production"}}]
}

test_a_decision_for_another_environment_or_stage_does_not_count if {
	every parts in [{"environment": "staging"}, {"stage": "staging"}] {
		support.rules(judged(defaults, [decision(parts)])) == ["no_allow"]
	}
}

test_the_stages_can_be_chosen if {
	judged({"fromStages": ["staging", "deploy"]}, [decision({"stage": "deploy"})]) == []
	support.rules(judged({"fromStages": ["staging", "deploy"]}, [decision({})])) == ["no_allow"]
}

test_a_denial_stops if {
	judged(defaults, [decision({"verdict": "deny"})]) == [{
		"rule": "denied",
		"args": {"decision": "d1", "stage": "production", "environment": "production"},
	}]
}

test_a_rollback_that_was_refused_says_nothing_against_running if {
	stages := {"fromStages": ["production", "rollback"]}
	refused := decision({"id": "d2", "verdict": "deny", "stage": "rollback", "at": support.now - 60})
	judged(stages, [decision({}), refused]) == []
	support.rules(judged(stages, [refused])) == ["no_allow"]
	judged(stages, [decision({"verdict": "deny", "at": support.now - 900}), decision({"stage": "rollback"})]) == []
}

test_an_allow_ends_at_the_instant_of_its_expiry if {
	judged(defaults, [decision({"expires": support.now + 1})]) == []
	judged(defaults, [decision({"expires": support.now})]) == [{
		"rule": "expired",
		"args": {"decision": "d1", "stage": "production", "environment": "production", "expires": support.now},
	}]
}

test_the_newest_decision_counts if {
	older := decision({"id": "d0", "at": support.now - 900})
	newer := decision({"id": "d2", "at": support.now - 60, "repository": null})
	judged(defaults, [object.union(older, {"verdict": "deny"}), newer]) == []
	support.rules(judged(defaults, [older, object.union(newer, {"verdict": "deny"})])) == ["denied"]
	support.rules(judged(defaults, [older, object.union(newer, {"expires": support.now - 1})])) == ["expired"]
}

test_of_decisions_of_the_same_instant_each_must_let_pass if {
	support.rules(judged(defaults, [decision({}), decision({"id": "d2", "verdict": "deny"})])) == ["denied"]
}

test_where_the_repository_is_proven_only_its_decisions_and_those_without_one_count if {
	rules := {found: support.rules(denials(results)) |
		some found in ["shop/api", "shop/web", null]
		parts := {"prior": [decision({"repository": found})], "repository": "shop/web", "verified": ["repository"]}
		results := verdict.results with input as asked(defaults, parts)
	}
	rules == {"shop/api": ["no_allow"], "shop/web": [], null: []}
}

test_where_it_is_not_no_repository_is_outvoted_by_another if {
	denied := decision({"verdict": "deny", "repository": "shop/api", "at": support.now - 900})
	allowed := decision({"id": "d2", "repository": "evil/x", "at": support.now - 60})
	every repository in [null, "evil/x", "shop/api"] {
		results := verdict.results with input as asked(defaults, {"prior": [denied, allowed], "repository": repository})
		support.rules(denials(results)) == ["denied"]
	}
	judged(defaults, [object.union(denied, {"verdict": "allow"}), allowed]) == []
	judged(defaults, [object.union(denied, {"verdict": "allow", "expires": support.now - 1}), allowed]) == []
	judged(defaults, [denied, object.union(allowed, {"repository": null})]) == []
}

test_where_it_is_declared_the_allow_of_another_repository_does_not_count if {
	rules := {asked_about: support.rules(denials(results)) |
		some asked_about in ["github.com/shop/api", "shop/api", "api", "evil/x", "gitlab.com/shop/api", "shop/api-evil", null]
		parts := {"prior": [decision({"repository": "github.com/shop/api"})], "repository": asked_about}
		results := verdict.results with input as asked(defaults, parts)
	}
	rules == {
		"github.com/shop/api": [],
		"shop/api": [],
		null: [],
		"api": ["no_allow"],
		"evil/x": ["no_allow"],
		"gitlab.com/shop/api": ["no_allow"],
		"shop/api-evil": ["no_allow"],
	}
}

test_an_expired_allow_is_not_renewed_by_that_of_another_repository if {
	own := decision({"expires": support.now - 1})
	foreign := decision({"id": "d2", "repository": "evil/x"})
	results := verdict.results with input as asked(defaults, {"prior": [own, foreign], "repository": "shop/api"})
	support.rules(denials(results)) == ["expired"]
}

test_a_decision_without_the_parts_that_matter_gives_no_result if {
	every name in ["at", "expires", "verdict"] {
		not verdict.results with input as asked(defaults, {"prior": [object.remove(decision({}), [name])]})
	}
	not verdict.results with input as asked(defaults, {"prior": [decision({"verdict": "maybe"})]})
}

test_without_its_parameter_there_is_no_result if {
	not verdict.results with input as asked({}, {"prior": [decision({})]})
}
