package portcullis.readiness_test

import data.portcullis.lib.support
import data.portcullis.readiness

defaults := {
	"probes": ["liveness", "readiness"],
	"limits": ["cpu", "memory"],
	"requests": [],
	"disruptionBudget": true,
	"imageDigests": false,
	"mutableTags": ["latest"],
	"exempt": [],
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

container(changes) := object.union(
	{
		"name": "app",
		"image": "registry.example/app:1.4.0",
		"tag": "1.4.0",
		"pinned": false,
		"init": false,
		"probes": ["liveness", "readiness"],
		"limits": ["cpu", "memory"],
		"requests": [],
	},
	changes,
)

workload(changes, containers) := object.union(
	{
		"kind": "Deployment",
		"name": "shop",
		"namespace": "",
		"serves": true,
		"several": true,
		"budget": true,
		"containers": containers,
	},
	changes,
)

manifest(workloads) := support.report("manifests", {"document": {"workloads": workloads}})

judged(parameters, workloads) := results if {
	results := readiness.results with input as support.asked(parameters, [manifest(workloads)])
}

rules(parameters, changes) := support.rules(judged(parameters, [workload({}, [container(changes)])]))

test_a_workload_that_is_ready_passes if rules(defaults, {}) == []

test_every_demanded_probe_must_be_there if {
	judged(defaults, [workload({}, [container({"probes": ["liveness"]})])])[0] == {
		"rule": "no_probe",
		"args": {"count": 1, "places": ["Deployment/shop/app readiness"]},
		"evidence": [0],
	}
	rules(with_parameters({"probes": []}), {"probes": []}) == []
	rules(defaults, {"probes": [], "init": true}) == []
	judged(defaults, [workload({"serves": false}, [container({"probes": []})])]) == []
}

test_limits_and_requests_are_demanded_by_resource if {
	rules(defaults, {"limits": ["memory"]}) == ["no_limit"]
	rules(with_parameters({"limits": ["memory"]}), {"limits": ["memory"]}) == []
	rules(with_parameters({"requests": ["cpu"]}), {}) == ["no_request"]
	rules(defaults, {"limits": [], "init": true}) == ["no_limit"]
}

test_several_pods_need_a_budget if {
	support.rules(judged(defaults, [workload({"budget": false}, [container({})])])) == ["no_disruption_budget"]
	judged(defaults, [workload({"budget": false, "several": false}, [container({})])]) == []
	judged(with_parameters({"disruptionBudget": false}), [workload({"budget": false}, [container({})])]) == []
}

test_images_may_not_move if {
	rules(defaults, {"tag": "Latest"}) == ["mutable_tag"]
	rules(defaults, {"tag": null}) == ["mutable_tag"]
	rules(defaults, {"tag": "latest", "pinned": true}) == []
	rules(defaults, {"tag": null, "pinned": true}) == []
	rules(with_parameters({"imageDigests": true}), {}) == ["mutable_tag"]
	rules(with_parameters({"imageDigests": true}), {"pinned": true}) == []
}

test_what_is_exempt_is_passed_over if {
	exempt := with_parameters({"exempt": ["Deployment/shop"]})
	rules(exempt, {"limits": [], "tag": null}) == []
	support.rules(judged(exempt, [workload({"name": "web"}, [container({"tag": null})])])) == ["mutable_tag"]
}

test_what_does_not_satisfy_counts_against if {
	against := object.union(manifest([workload({}, [container({"tag": null})])]), {"covers": []})
	results := readiness.results with input as support.asked(defaults, [against])
	support.rules(results) == ["missing_evidence", "mutable_tag"]
}

test_no_manifest_is_missing_evidence if {
	support.rules(readiness.results) == ["missing_evidence"] with input as support.asked(defaults, [])
	readiness.results == [] with input as support.asked(with_parameters({"missing": "ignore"}), [])
}

test_nothing_is_said_without_parameters_or_of_what_cannot_be_read if {
	not readiness.results with input as support.asked(object.remove(defaults, ["exempt"]), [])
	not readiness.results with input as support.asked(defaults, [support.report("manifests", {"document": null})])
}
