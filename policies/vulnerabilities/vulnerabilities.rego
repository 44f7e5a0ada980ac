# METADATA
# title: Vulnerabilities
# description: >-
#   Limits how many known vulnerabilities of each severity an artifact may carry. Reports of several scanners and
#   targets are judged together; a vulnerability that more than one of them reports counts once.
# scope: package
# custom:
#   classes: [vulnerabilities]
#   rules:
#     max_severity: { title: More vulnerabilities of a severity than allowed, controls: [PCI-6.3.3] }
#     grace_period: Vulnerabilities that don't count yet
#     missing_evidence: No usable vulnerability report
#     missing_platform: No usable vulnerability report for a platform of the index
#     required_scanner: A required scanner has not reported
#     required_reports: A required report is absent
#     scan_too_old: A report is older than allowed
#     database_too_old: A scanner's database is older than allowed, or of unknown age
package portcullis.vulnerabilities

import data.portcullis.lib.evidence
import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(limits_broken, array.concat(still_in_grace, array.concat(absent, outdated))) if {
	settings.complete([
		"max",
		"fixableOnly",
		"ignoreUnfixed",
		"graceDays",
		"unknownAs",
		"toolSuppressionsCount",
		"requiredScanners",
		"requiredReports",
		"maxScanAgeDays",
		"maxDatabaseAgeDays",
		"missing",
		"missingByStage",
	])
	every severity in severities { _ = settings.effective.max[severity] }
	every severity in severities { _ = settings.effective.graceDays[severity] }
}

severities := ["critical", "high", "medium", "low", "negligible", "unknown"]

# The limits that don't hold now.
limits_broken := [result |
	some level in severities
	limit := settings.effective.max[level]
	limit != null
	found := [one.finding | some one in candidates; one.level == level; one.ends <= input.now]
	count(found) > limit
	result := {
		"rule": "max_severity",
		"severity": level,
		"args": {
			"severity": level,
			"count": count(found),
			"limit": limit,
			"fixable": count([1 | some [at, index] in found; input.evidence[at].findings[index].fixed_version != null]),
			"unknown": count([1 | some [at, index] in found; input.evidence[at].findings[index].severity == "unknown"]),
		},
		"findings": found,
	}
]

# What will count once its time of grace is over; an allow must not outlast the first such moment.
still_in_grace := [result |
	some level in severities
	days := settings.effective.graceDays[level]
	days > 0
	young := [one | some one in candidates; one.level == level; one.ends > input.now]
	count(young) > 0
	first := min([one.ends | some one in young])
	result := {
		"rule": "grace_period",
		"effect": "warning",
		"severity": level,
		"args": {"severity": level, "count": count(young), "days": days, "ends": first},
		"findings": [one.finding | some one in young],
		"valid_until": first,
	}
]

# Every finding that a limit speaks of, once for each severity that it counts as.
candidates := [{"level": level, "finding": [at, index], "ends": grace_end(finding.first_seen, settings.effective.graceDays[level])} |
	some at, report in input.evidence
	some index, finding in report.findings
	some level in counts_as[finding.severity]
	not passed_over(finding)
	fix_suffices(level, finding.fixed_version)
]

counts_as := {severity: levels |
	some severity in severities
	levels := [level | some level in names_of(severity); settings.effective.max[level] != null]
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

fix_suffices(_, fixed_version) if fixed_version != null
fix_suffices(level, null) if not only_fixable[level]

only_fixable := {level: true | some level in severities; counts_only_fixable(level)}

counts_only_fixable(_) if settings.effective.ignoreUnfixed
counts_only_fixable(level) if level in settings.effective.fixableOnly

grace_end(first_seen, days) := first_seen + (days * 86400) if days > 0
grace_end(_, 0) := 0

absent := array.concat(
	evidence.none_at_all(["vulnerabilities"]),
	array.concat(
		evidence.required_scanners(settings.effective.requiredScanners),
		evidence.required_reports(settings.effective.requiredReports),
	),
)

outdated := array.concat(
	[result |
		limit := settings.effective.maxScanAgeDays
		limit != null
		old := [at | some at, report in input.evidence; input.now - report.time > limit * 86400]
		count(old) > 0
		oldest := min([input.evidence[at].time | some at in old])
		result := {
			"rule": "scan_too_old",
			"args": {"limit": limit, "count": count(old), "time": oldest, "tools": tools_of(old)},
			"evidence": old,
		}
	],
	[result |
		limit := settings.effective.maxDatabaseAgeDays
		limit != null
		old := [at | some at, report in input.evidence; not database_fresh(report.database_time, limit)]
		count(old) > 0
		result := {
			"rule": "database_too_old",
			"args": {
				"limit": limit,
				"count": count(old),
				"unstated": count([1 | some at in old; input.evidence[at].database_time == null]),
				"tools": tools_of(old),
			},
			"evidence": old,
		}
	],
)

database_fresh(time, limit) if {
	time != null
	input.now - time <= limit * 86400
}

tools_of(indexes) := [input.evidence[at].tool | some at in indexes]
