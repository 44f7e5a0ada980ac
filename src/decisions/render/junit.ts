import { printable } from '../../core/printable.ts'
import type { AnsweredDecision } from '../decision.ts'
import { glassLine, joinLines, ownerLine, recordLine, subjectLine, toldViolations, type ToldViolation } from './lines.ts'

/**
 * A decision as JUnit XML: one test case for each pack that ran, failed where it denies.
 * @param url where all of it can be read, or null for a dry run
 */
export function renderJunit(decision: AnsweredDecision, url: string | null): string {
  const told = toldViolations(decision)
  const owner = ownerLine(decision)
  const glass = glassLine(decision)
  const packs = [...new Set([...decision.policies.map(({ pack }) => pack), ...told.map(packOf)])].sort()
  const cases = packs.map((pack) =>
    testCase(
      pack,
      told.filter((item) => packOf(item) === pack),
      owner,
    ),
  )
  const failures = cases.filter(({ failed }) => failed).length
  const name = attribute(`portcullis ${decision.stage} ${decision.environment}`)
  return joinLines([
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="portcullis" tests="${cases.length}" failures="${failures}" errors="0">`,
    `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0" timestamp="${decision.at}">`,
    '    <properties>',
    ...Object.entries({
      subject: subjectLine(decision),
      verdict: decision.verdict,
      ...(owner !== null && { owner }),
      ...(glass !== null && { breakGlass: glass }),
      record: recordLine(decision),
      url: url ?? '',
    }).map(([key, value]) => `      <property name="${key}" value="${attribute(value)}"/>`),
    '    </properties>',
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ])
}

function packOf({ rule }: ToldViolation): string {
  return rule.slice(0, rule.indexOf('.'))
}

function testCase(pack: string, told: readonly ToldViolation[], owner: string | null): { xml: string; failed: boolean } {
  const denials = told.filter(({ mark }) => mark === 'DENY')
  const others = told.filter(({ mark }) => mark !== 'DENY')
  // A viewer of test results shows the text of a failure and little else.
  const belongsTo = owner === null ? '' : `\nBelongs to ${attribute(owner)}.`
  const inner = [
    ...(denials.length > 0
      ? [
          `      <failure message="${attribute(denials[0]?.message ?? '')}" type="${attribute(denials[0]?.rule ?? '')}">${text(denials)}${belongsTo}</failure>`,
        ]
      : []),
    ...(others.length > 0 ? [`      <system-out>${text(others)}</system-out>`] : []),
  ]
  const open = `    <testcase classname="portcullis" name="${attribute(pack)}"`
  return { xml: inner.length === 0 ? `${open}/>` : [`${open}>`, ...inner, '    </testcase>'].join('\n'), failed: denials.length > 0 }
}

function text(told: readonly ToldViolation[]): string {
  return told
    .map(({ mark, rule, message, fix, controls }) => {
      const serves = controls.length === 0 ? '' : ` Controls: ${controls.join(' ')}.`
      return attribute(`${mark} ${rule}: ${message}${fix === null ? '' : ` Fix: ${fix}`}${serves}`)
    })
    .join('\n')
}

/** Text that can stand anywhere in XML. */
export function attribute(value: string): string {
  return printable(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
