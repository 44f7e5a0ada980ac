# METADATA
# title: Findings
# description: >-
#   Limits what secret scanners, code analysers and configuration checkers may find, per class and severity. Reports of
#   several tools and targets are judged together.
# scope: package
# custom:
#   classes: [misconfigurations, secrets, sast, dast, licences, quality, performance, migrations]
#   rules:
#     max_severity: More findings of a class and severity than allowed
#     missing_evidence: No usable report of any class
#     missing_platform: No usable report for a platform of the index
#     required_class: No usable report of a required class
#     required_scanner: A required scanner has not reported
#     required_reports: A required report is absent
package portcullis.findings

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(limits_broken, absent) if {
	settings.complete([
		"max",
		"unknownAs",
		"toolSuppressionsCount",
		"requiredClasses",
		"requiredScanners",
		"requiredReports",
		"missing",
		"missingByStage",
	])
	every class in classes {
		every severity in severities { _ = settings.effective.max[class][severity] }
	}
}

classes := ["secrets", "misconfigurations", "sast", "dast", "licences", "quality", "performance", "migrations"]

severities := ["critical", "high", "medium", "low", "negligible", "unknown"]

limits_broken := [result |
	some class in classes
	found_in_class := [one | some one in candidates; one.class == class]
	some level in severities
	limit := settings.effective.max[class][level]
	limit != null
	found := [one.finding | some one in found_in_class; one.level == level]
	count(found) > limit
	result := {
		"rule": "max_severity",
		"severity": level,
		"args": {
			"class": class,
			"severity": level,
			"count": count(found),
			"limit": limit,
			"unknown": count([1 | some [at, index] in found; input.evidence[at].findings[index].severity == "unknown"]),
		},
		"findings": found,
	}
]

# Every finding that a limit speaks of, once for each severity that it counts as.
candidates := [{"class": finding.class, "level": level, "finding": [at, index]} |
	some at, report in input.evidence
	some index, finding in report.findings
	some level in counts_as[finding.class][finding.severity]
	not passed_over(finding)
]

counts_as := {class: {severity: levels |
	some severity in severities
	levels := [level | some level in names_of(severity); settings.effective.max[class][level] != null]
} |
	some class in classes
}

# `unknown` counts as the severity that it is taken for, and also against a limit of its own where one is set.
names_of(severity) := [severity] if severity != "unknown"
names_of("unknown") := ["unknown"] if settings.effective.unknownAs == "unknown"
names_of("unknown") := [settings.effective.unknownAs, "unknown"] if settings.effective.unknownAs != "unknown"

passed_over(finding) if finding.repeated

passed_over(finding) if {
	finding.suppressed
	settings.effective.toolSuppressionsCount == false
}

absent := array.concat(
	evidence.none_at_all(["findings"]),
	array.concat(
		absent_classes,
		array.concat(
			evidence.required_scanners(settings.effective.requiredScanners),
			evidence.required_reports(settings.effective.requiredReports),
		),
	),
)

absent_classes := [{"rule": "required_class", "missing": missing} |
	present := {[input.evidence[at].class, id] | some at in evidence.usable; some id in input.evidence[at].covers}
	missing := evidence.absent_anywhere(settings.effective.requiredClasses, present)
	count(missing) > 0
]
