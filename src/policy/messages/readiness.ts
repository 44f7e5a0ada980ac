import { missingEvidence } from './shared.ts'
import { counted, listArg, listed, numberArg, type RuleMessage } from './words.ts'

/** Places that lack something, each as KIND/NAME/CONTAINER and what. */
function lacking(what: string, fix: string): RuleMessage {
  return (result) => {
    const [count, places] = [numberArg(result, 'count'), listArg(result, 'places')]
    const more = count > places.length ? ` and ${count - places.length} more` : ''
    return { message: `${what} in ${counted(count, 'place')}: ${listed(places)}${more}.`, fix: `${fix}, and post the manifest again.` }
  }
}

/** The sentences of pack `readiness`. */
export const READINESS_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  no_probe: lacking('A demanded probe is absent', 'Give these containers the probe'),
  no_limit: lacking('A demanded limit is absent', 'Give these containers a limit of the resource'),
  no_request: lacking('A demanded request is absent', 'Let these containers request an amount of the resource'),
  no_disruption_budget: lacking(
    'A disruption budget is absent',
    'Add a PodDisruptionBudget that selects the pods in their namespace and keeps some of them',
  ),
  mutable_tag: lacking('An image can move', 'Name the image by its digest or by the tag of a version'),
  missing_evidence: missingEvidence(
    'manifest',
    'Post what is deployed as JSON (yq -o=json, kubectl get -o json) to /v1/evidence for this subject or its source.',
  ),
}
