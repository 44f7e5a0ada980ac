import { missingEvidence } from './shared.ts'
import { counted, instantText, listArg, listed, numberArg, textArg, type RuleMessage } from './words.ts'

const AGAIN = 'and post it again'

function ticketIn(result: Parameters<RuleMessage>[0]): string {
  return textArg(result, 'ticket') ?? 'without a number'
}

const notApproved: RuleMessage = (result) => {
  const states = listed(listArg(result, 'states'))
  const withheld = result.args?.['withheld'] === true ? ' and not approved' : ''
  return {
    message: `The ticket ${ticketIn(result)} is in state ${textArg(result, 'state') ?? 'unknown'}${withheld}; a change needs an approved one (${states}).`,
    fix: `Have the ticket approved, ${AGAIN}.`,
  }
}

const outsidePlannedWindow: RuleMessage = (result) => {
  const end = (name: string): string => (typeof result.args?.[name] === 'number' ? instantText(numberArg(result, name)) : 'an open end')
  return {
    message: `Now is outside of the window planned by the ticket ${ticketIn(result)}, ${end('start')} to ${end('end')}.`,
    fix: `Ask again within it, or have the ticket planned anew ${AGAIN}.`,
  }
}

const wrongType: RuleMessage = (result) => ({
  message: `The ticket ${ticketIn(result)} is of type ${textArg(result, 'type') ?? 'unknown'}; a change needs one of type ${listed(listArg(result, 'types'))}.`,
  fix: 'Open a ticket of such a type, and post it.',
})

const recordTooOld: RuleMessage = (result) => ({
  message: `What was posted of the ticket ${ticketIn(result)} is from ${instantText(numberArg(result, 'time'))}, older than the ${counted(numberArg(result, 'limit'), 'hour')} allowed.`,
  fix: 'Post the ticket as it is now.',
})

/** The sentences of pack `change-record`. */
export const CHANGE_RECORD_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  ticket_pattern: (result) => ({
    message: `The ticket ${ticketIn(result)} has no number of the kind demanded (${textArg(result, 'pattern') ?? 'none'}).`,
    fix: 'Post the ticket that this change belongs to.',
  }),
  other_ticket: (result) => ({
    message: `The pipeline names the ticket ${textArg(result, 'named') ?? 'unknown'}, and what was posted is ${ticketIn(result)}.`,
    fix: 'Post the ticket that is named in context.changeTicket, or name the one that was posted.',
  }),
  wrong_type: wrongType,
  not_approved: notApproved,
  no_planned_window: (result) => ({
    message: `The ticket ${ticketIn(result)} does not say when the change is planned.`,
    fix: `Fill in start and end of the planned window, ${AGAIN}.`,
  }),
  outside_planned_window: outsidePlannedWindow,
  no_back_out_plan: (result) => ({
    message: `The ticket ${ticketIn(result)} does not say how the change is undone.`,
    fix: `Fill in the back-out plan, ${AGAIN}.`,
  }),
  record_too_old: recordTooOld,
  missing_evidence: missingEvidence(
    'ticket of the change management',
    'Post the approved ticket (ServiceNow, Jira or the format change-record) to /v1/evidence for this subject or its source.',
  ),
}
