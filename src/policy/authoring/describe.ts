import { EVIDENCE_CLASSES } from '../../core/evidence-class.ts'
import { FACT_NAMES } from '../facts.ts'
import type { PackManifest, PackRule } from '../model.ts'
import type { PolicyFinding } from './finding.ts'
import { readMetadata, type Annotation, type PackMetadata } from './metadata.ts'
import type { RegoModule } from './rego/module.ts'

/** What a policy says of itself, in METADATA and by what it reads. */
export type Description = Pick<PackManifest, 'title' | 'description' | 'classes' | 'facts' | 'rules'> & Pick<PackMetadata, 'input'>

/**
 * @param name of the policy: its title unless it has one
 * @param modules without tests
 * @param packages that describe it, dotted
 * @param rules that are asked, beside those that METADATA names
 */
export function describePolicy(
  name: string,
  modules: readonly RegoModule[],
  packages: ReadonlySet<string>,
  rules: readonly string[],
): { description: Description; findings: PolicyFinding[] } {
  const { metadata, findings } = metadataOf(modules, packages)
  const reads = whatIsRead(modules)
  const { title = name, description = '', input } = metadata
  const isRead = (key: string): boolean => reads === 'anything' || reads.has(key)
  const ofEvidence = input === 'document' ? (['json'] as const) : isRead('evidence') ? EVIDENCE_CLASSES : []
  return {
    description: {
      ...{ title, description, input },
      classes: metadata.classes ?? ofEvidence,
      facts: metadata.facts ?? (input === 'document' ? [] : FACT_NAMES.filter(isRead)),
      rules: withAsked(metadata, rules),
    },
    findings,
  }
}

/** What METADATA says, and what is wrong with it. */
export function metadataOf(
  modules: readonly RegoModule[],
  packages: ReadonlySet<string>,
): { metadata: PackMetadata; findings: PolicyFinding[] } {
  const { metadata, faults } = readMetadata(annotationsIn(modules), packages)
  return { metadata, findings: [...malformedIn(modules), ...faults.map(({ message, file, line }) => metadataInvalid(message, file, line))] }
}

function annotationsIn(modules: readonly RegoModule[]): Annotation[] {
  return modules.flatMap(({ path, package: steps, annotations }) =>
    annotations.flatMap((block) => {
      if (!block.ok) return []
      const place = block.annotations.scope === 'package' ? steps : [...steps, ...(block.rule === null ? [] : [block.rule])]
      return [
        { annotations: block.annotations, location: { file: path, row: block.line }, path: ['data', ...place].map((value) => ({ value })) },
      ]
    }),
  )
}

/** The METADATA that can't be used. */
export function malformedIn(modules: readonly RegoModule[]): PolicyFinding[] {
  return modules.flatMap(({ path, annotations }) =>
    annotations.flatMap((block) => (block.ok ? [] : [metadataInvalid(`${block.message}.`, path, block.line)])),
  )
}

function metadataInvalid(message: string, file: string | null, line: number | null): PolicyFinding {
  const fix = 'docs/policies.md says what METADATA may hold.'
  return { code: 'metadata_invalid', file, line, message: `METADATA can't be used: ${message}`, fix }
}

/** The keys of `input` that are read, if each mention of it says which. */
function whatIsRead(modules: readonly RegoModule[]): ReadonlySet<string> | 'anything' {
  const keys = modules.flatMap(({ references }) => references.flatMap(({ path: [head, key] }) => (head === 'input' ? [key] : [])))
  const named = keys.filter((key) => key !== undefined)
  return named.length === keys.length ? new Set(named) : 'anything'
}

function withAsked({ rules: described, controls }: PackMetadata, asked: readonly string[]): PackRule[] {
  const known = new Set(described.map(({ name }) => name))
  const titled = described.map((rule) => (rule.title === '' ? { ...rule, title: titleOf(rule.name) } : rule))
  const others = asked.filter((name) => !known.has(name)).map((name) => ({ name, title: titleOf(name), ...(controls && { controls }) }))
  return [...titled, ...others].sort((a, b) => (a.name < b.name ? -1 : 1))
}

function titleOf(name: string): string {
  const words = name.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}
