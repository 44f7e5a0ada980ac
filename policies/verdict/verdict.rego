# METADATA
# title: Verdict
# description: >-
#   Relies on an earlier decision: lets a subject pass only where the newest recorded and enforced decision for the same
#   environment, made at one of the given stages, is an allow that has not expired.
# scope: package
# custom:
#   classes: []
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
	same_repository(decision.repository)
]

# A decision that named no repository was judged under the bindings of all of them.
same_repository(null) := true

same_repository(repository) if repository == input.repository

same_repository(_) if input.repository == null

# More than one only if several were made at the same instant: then each must let pass.
newest := [decision |
	last := max([decision.at | some decision in relevant])
	some decision in relevant
	decision.at == last
]

no_allow := [{"rule": "no_allow", "args": {"stages": settings.effective.fromStages, "environment": input.environment}} |
	count(relevant) == 0
]

denied := [{"rule": "denied", "args": {"decision": decision.id, "stage": decision.stage, "environment": decision.environment}} |
	some decision in newest
	decision.verdict == "deny"
]

expired := [result |
	some decision in newest
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
