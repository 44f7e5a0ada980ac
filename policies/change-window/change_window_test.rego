package portcullis.change_window_test

import data.portcullis.change_window
import data.portcullis.lib.support

defaults := {"windows": [], "freezes": []}

# The pack reads only that there is one; the service has worked out the rest.
restricted := {"windows": [{"name": "office"}], "freezes": []}

frozen := {"windows": [], "freezes": [{"name": "year end"}]}

calendar(parts) := object.union(
	{
		"restricted": false,
		"open": true,
		"windows": [],
		"closes_at": null,
		"next_open": null,
		"freezes": [],
		"next_freeze_at": null,
	},
	parts,
)

asked(parameters, at) := object.union(support.asked(parameters, []), {"calendar": at})

closed := calendar({"restricted": true, "open": false, "next_open": "2027-01-11T08:00:00.000Z"})

freeze := {"name": "year end", "reason": "audit", "until": "2027-01-06T00:00:00.000Z"}

test_no_windows_means_always_open if {
	change_window.results == [] with input as asked(defaults, null)
	change_window.results == [] with input as asked(defaults, calendar({}))
}

test_an_open_window_lets_pass if {
	change_window.results == [] with input as asked(restricted, calendar({"restricted": true, "windows": ["office"]}))
}

test_outside_of_every_window_nothing_passes_and_the_next_opening_is_told if {
	results := change_window.results with input as asked(restricted, closed)
	results == [{
		"rule": "outside_window",
		"args": {"next_open": "2027-01-11T08:00:00.000Z"},
		"next_open": "2027-01-11T08:00:00.000Z",
	}]
}

test_it_may_never_open_again if {
	results := change_window.results with input as asked(restricted, object.union(closed, {"next_open": null}))
	[result.next_open | some result in results] == [null]
}

test_each_freeze_is_a_result if {
	other := object.union(freeze, {"name": "incident", "reason": null})
	at := calendar({"open": false, "freezes": [freeze, other], "next_open": "2027-01-06T00:00:00.000Z"})
	results := change_window.results with input as asked(frozen, at)
	[result.rule | some result in results] == ["frozen", "frozen"]
	[result.args.name | some result in results] == ["year end", "incident"]
	results[0].args == {
		"name": "year end",
		"reason": "audit",
		"until": "2027-01-06T00:00:00.000Z",
		"next_open": "2027-01-06T00:00:00.000Z",
	}
	results[0].next_open == "2027-01-06T00:00:00.000Z"
}

test_a_freeze_stops_inside_a_window_too if {
	at := calendar({"restricted": true, "open": false, "windows": ["office"], "freezes": [freeze]})
	results := change_window.results with input as asked(restricted, at)
	support.rules(results) == ["frozen"]
}

test_both_reasons_are_told if {
	results := change_window.results with input as asked(restricted, object.union(closed, {"freezes": [freeze]}))
	support.rules(results) == ["frozen", "outside_window"]
}

test_without_a_calendar_there_is_no_result_where_one_is_needed if {
	not change_window.results with input as asked(restricted, null)
	not change_window.results with input as asked(frozen, null)
}

test_a_calendar_that_contradicts_itself_gives_no_result if {
	not change_window.results with input as asked(restricted, object.union(closed, {"open": true}))
	not change_window.results with input as asked(restricted, object.union(closed, {"open": true, "freezes": [freeze]}))
	not change_window.results with input as asked(restricted, calendar({"open": false}))
	not change_window.results with input as asked(defaults, calendar({"open": false}))
	not change_window.results with input as asked(restricted, object.remove(calendar({}), ["open"]))
}

test_without_any_one_parameter_there_is_no_result if {
	every name in object.keys(defaults) {
		not change_window.results with input as asked(object.remove(defaults, [name]), calendar({}))
	}
}
