import type { ExplainedBinding, ExplainedRule, Explanation } from '../explain/explanation.ts'
import type { RecordedDecision } from '../decision.ts'
import { ruleParts } from './explanation-text.ts'
import { attribute } from './junit.ts'
import { joinLines, ownerLine, recordLine, subjectLine } from './lines.ts'

/** An explanation as JUnit XML: a suite for each binding, a test case for each of its rules, failed where the rule denies. */
export function explanationJunit({ decision, bindings }: Explanation, url: string | null): string {
  const rules = bindings.flatMap((binding) => binding.rules)
  return joinLines([
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="portcullis" tests="${rules.length}" failures="${failures(rules)}" errors="0">`,
    ...bindings.flatMap((binding) => suite(binding, decision, url)),
    '</testsuites>',
    '',
  ])
}

function suite({ binding, rules }: ExplainedBinding, decision: RecordedDecision, url: string | null): string[] {
  const owner = ownerLine(decision)
  const properties = {
    subject: subjectLine(decision),
    verdict: decision.verdict,
    ...(owner !== null && { owner }),
    record: recordLine(decision),
    url: url ?? '',
  }
  return [
    `  <testsuite name="${attribute(binding)}" tests="${rules.length}" failures="${failures(rules)}" errors="0" skipped="0" timestamp="${decision.at}">`,
    '    <properties>',
    ...Object.entries(properties).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`),
    '    </properties>',
    ...rules.flatMap((rule) => testCase(binding, rule, owner)),
    '  </testsuite>',
  ]
}

function testCase(binding: string, rule: ExplainedRule, owner: string | null): string[] {
  const told = ruleParts(rule).map(attribute).join('\n')
  // A viewer of test results shows the text of a failure and little else.
  const belongsTo = owner === null ? '' : `\nBelongs to ${attribute(owner)}.`
  const failure = `      <failure message="${attribute(rule.messages[0] ?? rule.title)}" type="${attribute(rule.rule)}">${told}${belongsTo}</failure>`
  return [
    `    <testcase classname="${attribute(binding)}" name="${attribute(rule.rule)}">`,
    rule.effect === 'denies' ? failure : `      <system-out>${told}</system-out>`,
    '    </testcase>',
  ]
}

function failures(rules: readonly ExplainedRule[]): number {
  return rules.filter(({ effect }) => effect === 'denies').length
}
