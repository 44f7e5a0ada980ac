# METADATA
# title: Artifact integrity
# description: >-
#   Built once, deployed many times: demands an artifact by its digest, a tag that says which version and which commit it is, and that the
#   very same digest passed the stages before.
# scope: package
# custom:
#   classes: []
#   facts: [prior]
#   rules:
#     not_an_artifact: The subject is not an artifact by its digest
#     no_tag: The artifact was named without a tag
#     tag_not_semver: The tag is not a semantic version
#     tag_without_commit: { title: The tag does not name the commit that the artifact was built from, controls: [SOC2-CC8.1] }
#     not_promoted: { title: The digest did not pass a stage before, controls: [SOC2-CC8.1, PCI-6.5.1] }
package portcullis.artifact_integrity

import data.portcullis.lib.prior
import data.portcullis.lib.settings
import data.portcullis.lib.sources

# METADATA
# entrypoint: true
results := array.concat(identity, array.concat(naming, array.concat(promotion, end_of_promotion))) if {
	settings.complete(["artifact", "semverTag", "commitTag", "requiredStages", "unexpired"])
	prior.readable(input.prior)
}

identity := [{"rule": "not_an_artifact"} |
	settings.effective.artifact
	input.subject.kind != "artifact"
]

naming := [] if input.subject.kind != "artifact"

naming := [{"rule": "no_tag", "args": {"semver": settings.effective.semverTag, "commit": settings.effective.commitTag}} |
	true in [settings.effective.semverTag, settings.effective.commitTag]
] if {
	input.subject.kind == "artifact"
	not tag
}

naming := array.concat(
	[{"rule": "tag_not_semver", "args": {"tag": tag}} |
		settings.effective.semverTag
		not regex.match(semver, tag)
	],
	[{"rule": "tag_without_commit", "args": {"tag": tag, "commits": commits}} |
		settings.effective.commitTag
		not names_commit
	],
) if {
	input.subject.kind == "artifact"
	tag
}

semver := `^v?(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)\.(?:0|[1-9][0-9]*)(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$`

# What stands behind the colon of the last part: before that, a colon is of the registry's port.
tag := parts[1] if {
	path := split(input.subject.name, "/")
	parts := split(path[count(path) - 1], ":")
	count(parts) == 2
	parts[1] != ""
}

commits := sort([parts[count(parts) - 1] | some id in sources.trusted; parts := split(id, "@")])

names_commit if {
	some part in split(replace(replace(tag, ".", "-"), "_", "-"), "-")
	some prefix in ["", "g", "sha"]
	startswith(part, prefix)
	start := substring(part, count(prefix), -1)
	regex.match(`^[0-9a-f]{7,64}$`, start)
	some commit in commits
	startswith(commit, start)
}

# At one of the stages only those before it are demanded.
demanded := array.slice(settings.effective.requiredStages, 0, at) if {
	at := min([index | some index, stage in settings.effective.requiredStages; lower(stage) == lower(input.stage)])
} else := settings.effective.requiredStages

promotion := [{"rule": "not_promoted", "missing": missing, "args": {"denied": denied}} |
	missing := [stage | some stage in demanded; count(relied_on(stage)) == 0]
	count(missing) > 0
	denied := [stage |
		some stage in missing
		some decision in prior.newest(at_stage(stage))
		decision.verdict == "deny"
	]
]

at_stage(stage) := [decision |
	some decision in input.prior
	lower(decision.stage) == lower(stage)
	prior.concerns(decision.repository)
]

# The allows of the environments of a stage in which nothing newer denies.
relied_on(stage) := [decision |
	decisions := at_stage(stage)
	some environment in {decision.environment | some decision in decisions}
	newest := prior.newest([decision | some decision in decisions; decision.environment == environment])
	every decision in newest { decision.verdict == "allow" }
	some decision in newest
	prior.vouches(decision.repository)
	holds(decision)
]

holds(_) if not settings.effective.unexpired

holds(decision) if decision.expires > input.now

# Of each stage the allow that holds longest; the first of them to expire ends what rests on them.
end_of_promotion := [{"rule": "not_promoted", "effect": "none", "valid_until": min(ends)} |
	settings.effective.unexpired
	promotion == []
	ends := [max([decision.expires | some decision in relied_on(stage)]) | some stage in demanded]
	count(ends) > 0
]
