# METADATA
# title: Evidence
# description: Which pieces of evidence satisfy a pack, and what to report when there is none.
# scope: package
package portcullis.lib.evidence

import data.portcullis.lib.settings

# METADATA
# description: >-
#   Indexes of the evidence that satisfies. The service passes only complete evidence on; asking again
#   costs little and keeps a pack right on its own. What covers no platform only counts against.
usable := [at |
	some at, evidence in input.evidence
	evidence.completeness == "complete"
	count(evidence.covers) > 0
]

# METADATA
# description: At most one result, saying that no evidence of the named kind arrived, or for which platforms of an index none did.
none_at_all(kinds) := array.concat(
	[{"rule": "missing_evidence", "effect": settings.missing, "missing": kinds} |
		count(usable) == 0
		settings.missing != "ignore"
	],
	[{"rule": "missing_platform", "effect": settings.missing, "missing": absent} |
		count(usable) > 0
		settings.missing != "ignore"
		covered := {id | some at in usable; some id in input.evidence[at].covers}
		absent := [label(platform) | some platform in input.platforms; not platform.id in covered]
		count(absent) > 0
	],
)

# METADATA
# description: >-
#   What of the required things is absent, given the pairs of thing and platform that are there. Each is demanded for every
#   platform of an index, which is named where there are several.
absent_anywhere(required, present) := [named(thing, platform) |
	some thing in required
	some platform in input.platforms
	not [lower(thing), platform.id] in present
]

named(thing, _) := thing if count(input.platforms) == 1
named(thing, platform) := concat(" for ", [thing, label(platform)]) if count(input.platforms) > 1

label(platform) := platform.platform if platform.platform != null
label(platform) := platform.id if platform.platform == null

# METADATA
# description: >-
#   The required scanners from which nothing usable arrived. A scanner is named as its reports name it or
#   by its format; letter case doesn't count.
absent_scanners(required) := absent_anywhere(required, scanners)

scanners contains [lower(input.evidence[at].tool), id] if {
	some at in usable
	some id in input.evidence[at].covers
}

scanners contains [lower(input.evidence[at].format), id] if {
	some at in usable
	some id in input.evidence[at].covers
}

# METADATA
# description: At most one result, naming all required scanners from which nothing usable arrived.
required_scanners(required) := [{"rule": "required_scanner", "missing": absent} |
	absent := absent_scanners(required)
	count(absent) > 0
]

# METADATA
# description: At most one result, naming all required reports (modules, shards) of which none usable arrived.
required_reports(required) := [{"rule": "required_reports", "missing": absent} |
	names := [input.evidence[at].name | some at in usable]
	absent := [name | some name in required; not name in names]
	count(absent) > 0
]
