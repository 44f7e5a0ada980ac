# METADATA
# title: Change window
# description: >-
#   Lets changes pass only in weekly windows and outside of freezes. The service computes windows and freezes in their
#   time zones and passes the result as `input.calendar`.
# scope: package
# custom:
#   classes: []
#   facts: [calendar]
#   rules:
#     outside_window: { title: Outside of every change window, controls: [SOC2-CC8.1, PCI-6.5.1] }
#     frozen: { title: A freeze is in force, controls: [SOC2-CC8.1, PCI-6.5.1] }
package portcullis.change_window

import data.portcullis.lib.settings

# METADATA
# entrypoint: true
results := array.concat(outside_window, frozen) if {
	settings.complete(["windows", "freezes"])
	consistent
}

# No calendar is right only where nothing was defined from which one could be computed.
consistent if {
	input.calendar == null
	settings.effective.windows == []
	settings.effective.freezes == []
}

consistent if {
	input.calendar.open == true
	count(outside_window) + count(frozen) == 0
}

consistent if {
	input.calendar.open == false
	count(outside_window) + count(frozen) > 0
}

outside_window := [{"rule": "outside_window", "args": {"next_open": input.calendar.next_open}, "next_open": input.calendar.next_open} |
	input.calendar.restricted
	input.calendar.windows == []
]

frozen := [result |
	some freeze in input.calendar.freezes
	result := {
		"rule": "frozen",
		"args": {
			"name": freeze.name,
			"reason": freeze.reason,
			"until": freeze.until,
			"next_open": input.calendar.next_open,
		},
		"next_open": input.calendar.next_open,
	}
]
