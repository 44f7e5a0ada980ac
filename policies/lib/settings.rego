# METADATA
# title: Settings
# description: What every shipped pack reads first, its parameters for the environment that is asked about.
# scope: package
package portcullis.lib.settings

# METADATA
# description: The parameters, with the overrides of the environment laid over them, object by object.
effective := object.union(
	input.parameters,
	of_place(object.get(input.parameters, "environments", {}), input.environment, {}),
)

# METADATA
# description: >-
#   True if the input has what every pack relies on and the parameters have all the given names. A pack's `results` ask
#   for it first. Without it an absent parameter would make a comprehension empty, and the pack would allow.
complete(names) if {
	input.version == 1
	is_number(input.now)
	is_string(input.stage)
	is_string(input.environment)
	is_array(input.evidence)
	is_array(input.prior)
	count(input.platforms) > 0
	count([name | some name in names; _ = effective[name]]) == count(names)
}

# METADATA
# description: How missing evidence counts at the stage that is asked about, "violation", "warning" or "ignore".
missing := of_place(effective.missingByStage, input.stage, effective.missing)

# METADATA
# description: >-
#   What a table holds for a stage or an environment: under its exact name, else under the first that differs in
#   letter case only. The asker chooses the spelling, and none of them may escape what is laid down for the place.
of_place(table, place, fallback) := value if {
	value := table[place]
} else := table[min(spellings)] if {
	spellings := [name | some name in object.keys(table); lower(name) == lower(place)]
	count(spellings) > 0
} else := fallback
