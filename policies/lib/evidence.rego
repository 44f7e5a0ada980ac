# METADATA
# title: Evidence
# description: Which pieces of evidence satisfy a pack, and what to report when there is none.
# scope: package
package portcullis.lib.evidence

import data.portcullis.lib.settings

# METADATA
# description: >-
#   Indexes of the evidence that satisfies. The service passes only complete evidence on; asking again
#   costs little and keeps a pack right on its own.
usable := [at | some at, evidence in input.evidence; evidence.completeness == "complete"]

# METADATA
# description: At most one result, saying that no evidence of the named kind arrived.
none_at_all(kinds) := [{"rule": "missing_evidence", "effect": settings.missing, "missing": kinds} |
	count(usable) == 0
	settings.missing != "ignore"
]

# METADATA
# description: >-
#   The required scanners from which nothing usable arrived. A scanner is named as its reports name it or
#   by its format; letter case doesn't count.
absent_scanners(required) := [scanner |
	some scanner in required
	not lower(scanner) in scanners
]

scanners := array.concat(
	[lower(input.evidence[at].tool) | some at in usable],
	[lower(input.evidence[at].format) | some at in usable],
)

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
