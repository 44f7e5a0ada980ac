# METADATA
# title: Migrations
# description: >-
#   Denies forward migrations of a database that destroy what older versions of the software still use, and those without a way back.
# scope: package
# custom:
#   classes: [migrations]
#   rules:
#     destructive_change: { title: A forward migration destroys something, controls: [SOC2-CC8.1] }
#     no_down_script: { title: A migration has no down script, controls: [PCI-6.5.1] }
#     missing_evidence: No usable check of the migrations
package portcullis.migrations

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(destructive, array.concat(irreversible, evidence.none_at_all(["migrations"]))) if {
	settings.complete(["destructive", "downScripts", "missing", "missingByStage"])
	is_array(settings.effective.destructive)
}

# What stands in a down script was suppressed as the document was read.
destructive := [{"rule": "destructive_change", "severity": "high", "args": {"count": count(found)}, "findings": found} |
	banned := {lower(id) | some id in settings.effective.destructive}
	found := [[at, index] |
		some at, report in input.evidence
		some index, finding in report.findings
		lower(finding.id) in banned
		not finding.suppressed
	]
	count(found) > 0
]

irreversible := [{"rule": "no_down_script", "args": {"unknown": count(unknown)}, "missing": missing, "evidence": at} |
	settings.effective.downScripts
	unknown := [index | some index in evidence.usable; not tells(input.evidence[index])]
	without := [index | some index in evidence.usable; count(input.evidence[index].document.without_down) > 0]
	missing := [path | some index in without; some path in input.evidence[index].document.without_down]
	at := array.concat(unknown, without)
	count(at) > 0
]

tells(report) if is_array(report.document.without_down)
