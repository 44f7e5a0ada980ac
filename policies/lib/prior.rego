# METADATA
# title: Prior decisions
# description: Which of the earlier decisions about a subject speak for the repository that is asked about.
# scope: package
package portcullis.lib.prior

# METADATA
# description: True if every decision can be read.
readable(decisions) if {
	every decision in decisions {
		decision.verdict in ["allow", "deny"]
		is_number(decision.at)
		is_number(decision.expires)
	}
}

# METADATA
# description: A decision that named no repository was judged under the bindings of all of them.
concerns(null) := true

concerns(repository) if repository == input.repository

# Whose the subject is isn't proven: then no repository's denial may be outvoted by what another one was allowed.
concerns(_) if not "repository" in input.verified

# METADATA
# description: What was decided for another repository than the one that is asked about can deny, but never lets pass.
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

# METADATA
# description: The newest of the decisions for each repository, several of one only if they were made at the same instant.
newest(decisions) := [decision | some decision in decisions; is_newest(decision, decisions)]

is_newest(decision, decisions) if {
	some repository in {other.repository | some other in decisions}
	counts_for(decision.repository, repository)
	decision.at == max([other.at | some other in decisions; counts_for(other.repository, repository)])
}

counts_for(null, _) := true

counts_for(own, own) := true
