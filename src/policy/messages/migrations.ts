import { missingEvidence } from './shared.ts'
import { counted, listed, naming, numberArg, type RuleMessage } from './words.ts'

const destructiveChange: RuleMessage = (result, findings) => ({
  message: `${counted(numberArg(result, 'count'), 'destructive change')} in forward migrations${naming(findings)}.`,
  fix: 'Let the new version do without first, and destroy in a later release what no running version uses any more.',
})

const noDownScript: RuleMessage = (result) => {
  const missing = result.missing ?? []
  return missing.length > 0
    ? {
        message: `${counted(missing.length, 'migration')} without a down script: ${listed(missing)}.`,
        fix: 'Write the script that takes each of them back, and post the list again.',
      }
    : {
        message: 'Nothing tells whether the migrations have down scripts.',
        fix: 'Post the format migrations, which lists them, in place of what the linter alone wrote.',
      }
}

/** The sentences of pack `migrations`. */
export const MIGRATION_MESSAGES: Readonly<Record<string, RuleMessage>> = {
  destructive_change: destructiveChange,
  no_down_script: noDownScript,
  missing_evidence: missingEvidence(
    'check of the database migrations',
    'Post the format migrations with what squawk found to /v1/evidence for this subject or its source; "migrations": "none" says that there are none.',
  ),
}
