package portcullis.artifact_integrity_test

import data.portcullis.artifact_integrity
import data.portcullis.lib.support

defaults := {
	"artifact": true,
	"semverTag": false,
	"commitTag": false,
	"requiredStages": [],
	"unexpired": false,
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

commit := "3f2c1ab59d0e4c7a8b6f5e4d3c2b1a0918273645"

source(proof) := {"id": concat("@", ["git+https://github.com/acme/app", commit]), "proof": proof}

judged(parameters, changes) := results if {
	results := artifact_integrity.results with input as object.union(support.asked(parameters, []), changes)
}

rules(parameters, changes) := support.rules(judged(parameters, changes))

named(name) := {"subject": {"id": "sha256:bb", "kind": "artifact", "name": name}}

decision(stage, verdict, parts) := object.union(
	{
		"id": "d",
		"verdict": verdict,
		"stage": stage,
		"environment": stage,
		"repository": null,
		"at": support.now - 100,
		"expires": support.now + 100,
	},
	parts,
)

after(decisions) := {"prior": decisions}

test_only_artifacts_pass if {
	rules(defaults, named(null)) == []
	revision := {"subject": {"id": "git+https://github.com/acme/app@aa", "kind": "source", "name": null}}
	rules(with_parameters({"semverTag": true}), revision) == ["not_an_artifact"]
	rules(with_parameters({"artifact": false}), revision) == []
}

test_a_tag_must_be_there_where_one_is_demanded if {
	semver := with_parameters({"semverTag": true})
	rules(semver, named(null)) == ["no_tag"]
	rules(semver, named("registry.example:5000/acme/app")) == ["no_tag"]
	rules(with_parameters({"commitTag": true}), named(null)) == ["no_tag"]
}

test_tags_are_semantic_versions if {
	semver := with_parameters({"semverTag": true})
	every tag in ["1.2.3", "v1.2.3", "1.2.3-rc.1", "0.0.0", "1.2.3-3f2c1ab"] {
		rules(semver, named(concat(":", ["registry.example:5000/acme/app", tag]))) == []
	}
	every tag in ["latest", "1.2", "1", "01.2.3", "1.2.3-", "1.2.3.4", "x1.2.3"] {
		rules(semver, named(concat(":", ["app", tag]))) == ["tag_not_semver"]
	}
}

tagged(tag, sources) := object.union(named(concat(":", ["acme/app", tag])), {"sources": sources})

test_tags_name_the_commit if {
	parameters := with_parameters({"commitTag": true})
	every tag in ["1.2.3-3f2c1ab", "1.2.3-g3f2c1ab59", "sha-3f2c1ab", "main_sha3f2c1ab", commit] {
		rules(parameters, tagged(tag, [source("declared")])) == []
	}
	every tag in ["1.2.3", "1.2.3-3f2c1a", "1.2.3-4f2c1ab", "1.2.3-3F2C1AB", "3f2c1abx"] {
		rules(parameters, tagged(tag, [source("declared")])) == ["tag_without_commit"]
	}
	rules(parameters, tagged("3f2c1ab", [])) == ["tag_without_commit"]
	rules(object.union(parameters, {"linkProof": "provenance"}), tagged("3f2c1ab", [source("declared")])) == ["tag_without_commit"]
	rules(object.union(parameters, {"linkProof": "provenance"}), tagged("3f2c1ab", [source("provenance")])) == []
}

stages := with_parameters({"requiredStages": ["build", "Staging"]})

test_the_same_digest_passed_every_stage_before if {
	rules(stages, after([decision("build", "allow", {}), decision("staging", "allow", {})])) == []
	results := judged(stages, after([decision("build", "allow", {}), decision("staging", "deny", {})]))
	results[0].missing == ["Staging"]
	results[0].args.denied == ["Staging"]
	judged(stages, after([]))[0].missing == ["build", "Staging"]
}

test_at_a_stage_only_those_before_it_are_demanded if {
	staging := {"stage": "staging", "environment": "staging"}
	rules(stages, object.union(staging, after([decision("build", "allow", {})]))) == []
	rules(stages, {"stage": "BUILD"}) == []
	rules(stages, {"stage": "production"}) == ["not_promoted"]
}

test_the_newest_decision_of_an_environment_counts if {
	only_build := with_parameters({"requiredStages": ["build"]})
	newer := decision("build", "deny", {"at": support.now - 50})
	rules(only_build, after([decision("build", "allow", {}), newer])) == ["not_promoted"]
	elsewhere := decision("build", "deny", {"at": support.now - 50, "environment": "arm"})
	rules(only_build, after([decision("build", "allow", {}), elsewhere])) == []
}

test_what_another_repository_was_allowed_does_not_vouch if {
	only_build := with_parameters({"requiredStages": ["build"]})
	others := after([decision("build", "allow", {"repository": "github.com/acme/web"})])
	rules(only_build, object.union(others, {"repository": "github.com/acme/app"})) == ["not_promoted"]
	rules(only_build, object.union(others, {"repository": "github.com/acme/web"})) == []
	denied := after([
		decision("build", "allow", {"repository": "github.com/acme/app"}),
		decision("build", "deny", {"repository": "github.com/acme/web"}),
	])
	rules(only_build, object.union(denied, {"repository": "github.com/acme/app"})) == ["not_promoted"]
	rules(only_build, object.union(denied, {"repository": "github.com/acme/app", "verified": ["repository"]})) == []
}

test_allows_may_have_to_hold_still if {
	expired := after([decision("build", "allow", {"expires": support.now})])
	rules(with_parameters({"requiredStages": ["build"]}), expired) == []
	rules(with_parameters({"requiredStages": ["build"], "unexpired": true}), expired) == ["not_promoted"]
	both := after([decision("build", "allow", {}), decision("staging", "allow", {"expires": support.now + 50})])
	judged(object.union(stages, {"unexpired": true}), both) == [{
		"rule": "not_promoted",
		"effect": "none",
		"valid_until": support.now + 50,
	}]
}

test_nothing_is_said_without_parameters_or_of_what_cannot_be_read if {
	not artifact_integrity.results with input as support.asked(object.remove(defaults, ["unexpired"]), [])
	asked := object.union(support.asked(defaults, []), after([{"stage": "build"}]))
	not artifact_integrity.results with input as asked
}
