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

import data.portcullis.lib.prior
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(array.concat(no_allow, denied), array.concat(expired, end_of_allow)) if {
	settings.complete(["fromStages"])
	is_array(settings.effective.fromStages)
	prior.readable(relevant)
}

relevant := [decision |
	some decision in input.prior
	decision.environment == input.environment
	decision.stage in settings.effective.fromStages
	prior.concerns(decision.repository)
	not refused_rollback(decision)
]

# That something is no rollback says nothing against running it: what runs isn't one.
refused_rollback(decision) if {
	decision.verdict == "deny"
	lower(decision.stage) == "rollback"
}

# What was decided for another repository than the one that is asked about can deny, but never lets pass.
vouching := [decision | some decision in relevant; prior.vouches(decision.repository)]

newest := prior.newest(relevant)

newest_vouching := [decision | some decision in newest; prior.vouches(decision.repository)]

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

# Whoever is admitted by an allow is so for as long as that one holds.
end_of_allow := [{"rule": "expired", "effect": "none", "valid_until": max(ends)} |
	ends := [decision.expires |
		some decision in newest_vouching
		decision.verdict == "allow"
		decision.expires > input.now
	]
	count(ends) > 0
]
