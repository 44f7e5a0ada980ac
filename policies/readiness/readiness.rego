# METADATA
# title: Readiness
# description: >-
#   Demands that what is to run in Kubernetes says when it is ready and alive and how much it may use, survives the drain of a node, and
#   names images that can't move.
# scope: package
# custom:
#   classes: [manifests]
#   rules:
#     no_probe: A container has no probe
#     no_limit: A container has no limit of a resource
#     no_request: A container requests no amount of a resource
#     no_disruption_budget: { title: Several pods have no disruption budget, controls: [SOC2-A1.2] }
#     mutable_tag: An image can move under its tag
#     missing_evidence: No usable manifest
package portcullis.readiness

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(faults, evidence.none_at_all(["manifests"])) if {
	settings.complete([
		"probes",
		"limits",
		"requests",
		"disruptionBudget",
		"imageDigests",
		"mutableTags",
		"exempt",
		"missing",
		"missingByStage",
	])
	every report in input.evidence { is_array(report.document.workloads) }
}

# What doesn't satisfy counts against all the same. One result for each rule and report, naming the places.
faults := [result |
	some at, report in input.evidence
	some rule in ["no_probe", "no_limit", "no_request", "no_disruption_budget", "mutable_tag"]
	places := [place | some place in lacking[rule][at]]
	count(places) > 0
	result := {"rule": rule, "args": {"count": count(places), "places": array.slice(places, 0, 20)}, "evidence": [at]}
]

lacking := {
	"no_probe": {at: places |
		some at, _ in input.evidence
		places := [concat(" ", [place(workload, container), probe]) |
			some workload in workloads(at)
			workload.serves
			some container in workload.containers
			not container.init
			some probe in settings.effective.probes
			not probe in container.probes
		]
	},
	"no_limit": {at: without(at, "limits") | some at, _ in input.evidence},
	"no_request": {at: without(at, "requests") | some at, _ in input.evidence},
	"no_disruption_budget": {at: places |
		some at, _ in input.evidence
		places := [label(workload) |
			settings.effective.disruptionBudget
			some workload in workloads(at)
			workload.several
			not workload.budget
		]
	},
	"mutable_tag": {at: places |
		some at, _ in input.evidence
		places := [concat(" ", [place(workload, container), container.image]) |
			some workload in workloads(at)
			some container in workload.containers
			moves(container)
		]
	},
}

without(at, kind) := [concat(" ", [place(workload, container), resource]) |
	some workload in workloads(at)
	some container in workload.containers
	some resource in settings.effective[kind]
	not resource in container[kind]
]

workloads(at) := [workload |
	some workload in input.evidence[at].document.workloads
	not label(workload) in settings.effective.exempt
]

label(workload) := concat("/", [workload.kind, workload.name])

place(workload, container) := concat("/", [workload.kind, workload.name, container.name])

moves(container) if {
	settings.effective.imageDigests
	not container.pinned
}

moves(container) if {
	not container.pinned
	container.tag == null
}

moves(container) if {
	not container.pinned
	lower(container.tag) in {lower(tag) | some tag in settings.effective.mutableTags}
}
