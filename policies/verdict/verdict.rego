# METADATA
# title: Verdict
# description: >-
#   Relies on an earlier decision: lets a subject pass only where the newest recorded and enforced decision for the same
#   environment and repository, made at one of the given stages, is an allow that has not expired. Where the repository of the
#   subject isn't proven, no repository's newest decision may be a denial, and the allow has to be that of the repository that was declared.
# scope: package
# custom:
#   classes: []
#   facts: [prior]
#   rules:
#     no_allow: No decision to rely on
#     denied: The newest decision is a denial
#     expired: The newest allow has expired
package portcullis.verdict

import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(no_allow, array.concat(denied, expired)) if {
	settings.complete(["fromStages"])
	is_array(settings.effective.fromStages)
	every decision in relevant {
		decision.verdict in ["allow", "deny"]
		is_number(decision.at)
		is_number(decision.expires)
	}
}

relevant := [decision |
	some decision in input.prior
	decision.environment == input.environment
	decision.stage in settings.effective.fromStages
	concerns(decision.repository)
	not refused_rollback(decision)
]

# That something is no rollback says nothing against running it: what runs isn't one.
refused_rollback(decision) if {
	decision.verdict == "deny"
	lower(decision.stage) == "rollback"
}

# A decision that named no repository was judged under the bindings of all of them.
concerns(null) := true

concerns(repository) if repository == input.repository

# Whose the subject is isn't proven: then no repository's denial may be outvoted by what another one was allowed.
concerns(_) if not "repository" in input.verified

# What was decided for another repository than the one that is asked about can deny, but never lets pass.
vouching := [decision | some decision in relevant; vouches(decision.repository)]

vouches(null) := true

vouches(_) if input.repository == null

vouches(repository) if repository == input.repository

# A repository that was asked about without its host is the one of any host.
vouches(repository) if {
	is_string(repository)
	not has_host(input.repository)
	has_host(repository)
	endswith(repository, concat("", ["/", input.repository]))
	count(split(repository, "/")) == count(split(input.repository, "/")) + 1
}

# A first part with a dot or a port is a host.
has_host(repository) if {
	some mark in [".", ":"]
	contains(split(repository, "/")[0], mark)
}

repositories := {decision.repository | some decision in relevant}

# The newest for each repository, several of one only if they were made at the same instant.
newest := [decision | some decision in relevant; is_newest(decision)]

newest_vouching := [decision | some decision in newest; vouches(decision.repository)]

is_newest(decision) if {
	some repository in repositories
	counts_for(decision.repository, repository)
	decision.at == max([other.at | some other in relevant; counts_for(other.repository, repository)])
}

counts_for(null, _) := true

counts_for(own, own) := true

no_allow := [{"rule": "no_allow", "args": {"stages": settings.effective.fromStages, "environment": input.environment}} |
	count(vouching) == 0
]

denied := [{"rule": "denied", "args": {"decision": decision.id, "stage": decision.stage, "environment": decision.environment}} |
	some decision in newest
	decision.verdict == "deny"
]

expired := [result |
	every one in newest_vouching { one.expires <= input.now }
	some decision in newest_vouching
	decision.verdict == "allow"
	decision.expires <= input.now
	result := {
		"rule": "expired",
		"args": {
			"decision": decision.id,
			"stage": decision.stage,
			"environment": decision.environment,
			"expires": decision.expires,
		},
	}
]
