# METADATA
# title: Source governance
# description: >-
#   Demands that the change was reviewed where the forge keeps it: on a protected branch, by enough people who had no hand in it,
#   with its checks passed. One review that meets all demands is enough, and it counts only if it is about the judged revision.
# scope: package
# custom:
#   classes: [source-review]
#   rules:
#     other_change: The review is about another revision
#     wrong_branch: The change went to a branch that none may come from
#     unprotected_branch: { title: The branch is not known to be protected, controls: [SOC2-CC8.1] }
#     too_few_reviews: { title: Fewer people approved than demanded, controls: [SOC2-CC8.1, PCI-6.2.3.1] }
#     changes_requested: { title: A reviewer asks for changes, controls: [SOC2-CC8.1] }
#     check_not_passed: { title: A demanded check did not pass, controls: [SOC2-CC8.1, PCI-6.5.1] }
#     unsigned_commits: { title: A commit has no verified signature, controls: [SSDF-PS.1.1] }
#     code_owners: { title: The code owners are not known to have approved, controls: [SOC2-CC8.1] }
#     missing_evidence: No usable review
package portcullis.source_governance

import data.portcullis.lib.evidence
import data.portcullis.lib.settings
import data.portcullis.lib.sources

# METADATA
# entrypoint: true
results := array.concat(faults, evidence.none_at_all(["source-review"])) if {
	settings.complete([
		"branches",
		"protectedBranch",
		"minReviews",
		"currentReviews",
		"noObjections",
		"branchChecks",
		"requiredChecks",
		"acceptedResults",
		"signedCommits",
		"codeOwners",
		"missing",
		"missingByStage",
	])
	every at in evidence.usable { is_array(input.evidence[at].document.revisions) }
}

# What the judged subject was made of; a link that isn't trusted names nothing.
judged := sources.trusted | {input.subject.id}

own := [at | some at in evidence.usable; some revision in input.evidence[at].document.revisions; revision in judged]

reviews := [{"at": at, "faults": faults_of(at, input.evidence[at].document)} | some at in own]

sound := [review | some review in reviews; review.faults == []]

# Of several reviews without a sound one among them, the newest tells what to repair.
faults := [] if {
	count(sound) > 0
} else := newest_of(reviews).faults if {
	count(reviews) > 0
} else := [{"rule": "other_change", "args": {"change": input.evidence[at].document.change}, "evidence": [at]}] if {
	count(evidence.usable) > 0
	at := newest_of([{"at": at} | some at in evidence.usable]).at
} else := []

newest_of(items) := [item |
	some item in items
	input.evidence[item.at].time == max([input.evidence[other.at].time | some other in items])
][0]

faults_of(at, review) := [result |
	some fault in array.concat(branch(review), array.concat(opinions(review), contents(review)))
	result := {"rule": fault.rule, "args": object.union({"change": review.change}, fault.args), "evidence": [at]}
]

branch(review) := array.concat(
	[{"rule": "wrong_branch", "args": {"branch": review.base, "branches": settings.effective.branches}} |
		settings.effective.branches != []
		not admitted(review.base)
	],
	[{"rule": "unprotected_branch", "args": {"branch": review.base}} |
		settings.effective.protectedBranch
		review.protected != true
	],
)

admitted(branch) if {
	some pattern in settings.effective.branches
	glob.match(pattern, ["/"], branch)
}

opinions(review) := array.concat(
	[{"rule": "too_few_reviews", "args": {
		"count": count(approvers),
		"minimum": settings.effective.minReviews,
		"outdated": count(counting(review, false)) - count(approvers),
		"involved": count([1 | some approval in review.approvals; approval.independent == false]),
	}} |
		approvers := counting(review, settings.effective.currentReviews)
		count(approvers) < settings.effective.minReviews
	],
	[{"rule": "changes_requested", "args": {"by": review.objections}} |
		settings.effective.noObjections
		review.objections != []
	],
)

# Each person once, whoever else approved in whatever spelling of the same name.
counting(review, current) := {lower(approval.by) |
	some approval in review.approvals
	approval.independent == true
	approval.current in {true, current}
}

contents(review) := array.concat(
	[{"rule": "check_not_passed", "args": {"checks": failed, "absent": absent}} |
		absent := absent_checks(review)
		failed := [concat(": ", [check.name, check.result]) |
			some check in review.checks
			demanded(check)
			not passed(check)
		]
		count(failed) + count(absent) > 0
	],
	array.concat(
		[{"rule": "unsigned_commits", "args": {"commits": review.commits, "signed": review.signed}} |
			settings.effective.signedCommits
			review.signed != review.commits
		],
		[{"rule": "code_owners", "args": {"pending": review.code_owners == "pending"}} |
			settings.effective.codeOwners
			review.code_owners != "approved"
		],
	),
)

demanded(check) if {
	settings.effective.branchChecks
	check.required
}

demanded(check) if check.name in settings.effective.requiredChecks

passed(check) if check.result in settings.effective.acceptedResults

absent_checks(review) := [name |
	some name in settings.effective.requiredChecks
	not name in {check.name | some check in review.checks}
]
