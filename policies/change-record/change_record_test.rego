package portcullis.change_record_test

import data.portcullis.change_record
import data.portcullis.lib.support

defaults := {
	"ticketPattern": "CHG[0-9]+",
	"approvedStates": ["approved", "scheduled", "implement"],
	"types": [],
	"plannedWindow": "required",
	"backOutPlan": true,
	"maxAgeHours": null,
	"missing": "violation",
	"missingByStage": {},
	"environments": {},
}

with_parameters(changes) := object.union(defaults, changes)

start := support.now - 600

ending := support.now + 600

posted(changes, parts) := support.report("change-record", object.union(
	{"document": object.union(
		{
			"ticket": "CHG1",
			"state": "Scheduled",
			"approved": true,
			"type": "normal",
			"planned_start": start,
			"planned_end": ending,
			"planned_start_at": "2027-01-15T07:50:00.000Z",
			"back_out_plan": true,
		},
		changes,
	)},
	parts,
))

ticket(changes) := posted(changes, {})

judged(parameters, evidence) := results if {
	results := change_record.results with input as support.asked(parameters, evidence)
}

# The results that say something.
said(parameters, evidence) := [result | some result in judged(parameters, evidence); object.get(result, "effect", "violation") != "none"]

rules(parameters, changes) := support.rules(said(parameters, [ticket(changes)]))

test_an_approved_ticket_passes_until_its_window_ends if {
	judged(defaults, [ticket({})]) == [{"rule": "outside_planned_window", "effect": "none", "valid_until": ending}]
}

test_no_ticket_is_missing_evidence if {
	support.rules(said(defaults, [])) == ["missing_evidence"]
	said(with_parameters({"missing": "ignore"}), []) == []
}

test_a_ticket_that_satisfies_nothing_is_none if {
	support.rules(said(defaults, [posted({}, {"covers": []})])) == ["missing_evidence"]
}

test_the_whole_number_must_fit if {
	rules(defaults, {"ticket": "CHG1x"}) == ["ticket_pattern"]
	rules(defaults, {"ticket": "xCHG1"}) == ["ticket_pattern"]
	rules(with_parameters({"ticketPattern": "OPS-1|CHG1"}), {"ticket": "CHG12"}) == ["ticket_pattern"]
	rules(with_parameters({"ticketPattern": "("}), {}) == ["ticket_pattern"]
}

naming(name) := rules_of if {
	asked := object.union(support.asked(defaults, [ticket({})]), {"context": {"changeTicket": name}})
	rules_of := support.rules(change_record.results) with input as asked
}

test_the_ticket_that_the_pipeline_names_is_the_only_one if {
	naming("CHG2") == ["other_ticket"]
	naming("chg1") == ["outside_planned_window"]
	naming(7) == ["outside_planned_window"]
}

test_the_state_must_be_one_of_those_in_any_letter_case if {
	rules(defaults, {"state": "SCHEDULED", "approved": null}) == []
	rules(defaults, {"state": "New"}) == ["not_approved"]
	rules(defaults, {"state": "New", "approved": null}) == ["not_approved"]
	said(defaults, [ticket({"approved": false})])[0].args.withheld == true
}

test_the_type_must_be_one_of_those if {
	some_types := with_parameters({"types": ["Standard", "NORMAL"]})
	rules(some_types, {}) == []
	rules(some_types, {"type": "emergency"}) == ["wrong_type"]
	rules(some_types, {"type": null}) == ["wrong_type"]
}

test_now_must_be_within_the_planned_window if {
	rules(defaults, {"planned_start": support.now}) == []
	rules(defaults, {"planned_end": support.now}) == ["outside_planned_window"]
	results := said(defaults, [ticket({"planned_start": support.now + 1})])
	results[0].next_open == "2027-01-15T07:50:00.000Z"
	said(defaults, [ticket({"planned_end": support.now - 1})])[0].next_open == null
}

test_a_window_is_demanded_or_not if {
	unplanned := {"planned_start": null, "planned_end": null, "planned_start_at": null}
	rules(defaults, unplanned) == ["no_planned_window"]
	rules(defaults, {"planned_end": null}) == ["no_planned_window"]
	rules(with_parameters({"plannedWindow": "stated"}), unplanned) == []
	rules(with_parameters({"plannedWindow": "stated"}), {"planned_end": support.now - 5}) == ["outside_planned_window"]
	judged(with_parameters({"plannedWindow": "ignored"}), [ticket({"planned_end": support.now - 5})]) == []
}

test_a_back_out_plan_is_demanded_or_not if {
	rules(defaults, {"back_out_plan": false}) == ["no_back_out_plan"]
	rules(with_parameters({"backOutPlan": false}), {"back_out_plan": false}) == []
}

test_an_old_copy_of_a_ticket_is_refused if {
	parameters := with_parameters({"maxAgeHours": 1})
	support.rules(said(parameters, [posted({}, {"time": support.now - 3600})])) == []
	support.rules(said(parameters, [posted({}, {"time": support.now - 3601})])) == ["record_too_old"]
}

test_one_sound_ticket_is_enough if {
	count(said(defaults, [ticket({"state": "New"}), ticket({})])) == 0
}

test_without_a_sound_one_the_newest_tells_what_to_repair if {
	old := posted({"state": "New"}, {"time": support.now - 10})
	new := posted({"back_out_plan": false, "ticket": "CHG2"}, {"time": support.now - 5})
	results := said(defaults, [old, new])
	support.rules(results) == ["no_back_out_plan"]
	results[0].evidence == [1]
}

test_the_last_window_of_the_sound_ones_ends_an_allow if {
	judged(defaults, [ticket({}), ticket({"planned_end": ending + 5})])[0].valid_until == ending + 5
	judged(with_parameters({"plannedWindow": "stated"}), [ticket({}), ticket({"planned_end": null})]) == []
}

test_an_environment_may_ask_for_less if {
	parameters := with_parameters({"backOutPlan": true, "environments": {"production": {"backOutPlan": false}}})
	rules(parameters, {"back_out_plan": false}) == []
}

test_nothing_is_said_without_parameters if {
	not change_record.results with input as support.asked(object.remove(defaults, ["backOutPlan"]), [ticket({})])
	not change_record.results with input as support.asked(defaults, [support.report("change-record", {"document": null})])
}
