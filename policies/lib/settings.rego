# METADATA
# title: Settings
# description: What every shipped pack reads first, its parameters for the environment that is asked about.
# scope: package
package portcullis.lib.settings

# METADATA
# description: The parameters, with the overrides of the environment laid over them, object by object.
effective := object.union(
	input.parameters,
	object.get(object.get(input.parameters, "environments", {}), input.environment, {}),
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
	count([name | some name in names; _ = effective[name]]) == count(names)
}

# METADATA
# description: How missing evidence counts at the stage that is asked about, "violation", "warning" or "ignore".
missing := object.get(effective.missingByStage, input.stage, effective.missing)
