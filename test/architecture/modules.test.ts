import { deepEqual, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'
import ts from 'typescript'
import { lineOf, readSource, readSources, visit } from './source-files.ts'
import type { SourceFile } from './source-files.ts'

/** The only file that may know the process it runs in. */
const MAIN = 'src/main.ts'

/** Files that a worker thread starts with: running on import is their purpose. */
const isWorkerEntry = (path: string): boolean => /(^|[/-])worker\.ts$/.test(path)

describe('A module of src', () => {
  const sources = readSources('src')

  it('is seen by these rules', () => ok(sources.length > 50, `only ${sources.length} files below src`))

  it('leaves environment, exit and signals to main.ts', () => {
    deepEqual(
      sources.filter(({ path }) => path !== MAIN).flatMap((source) => processUses(source)),
      [],
    )
  })

  it('has no default export', () => {
    deepEqual(
      sources.flatMap((source) => defaultExports(source)),
      [],
    )
  })

  it('does nothing when it is imported', () => {
    deepEqual(
      sources
        .filter(({ path }) => path !== MAIN && !path.endsWith('.d.ts') && !isWorkerEntry(path))
        .flatMap((source) => workAtImport(source)),
      [],
    )
  })

  it('would be caught by each rule', () => {
    const probe = (text: string): SourceFile => readSource('src/core/probe.ts', text)
    deepEqual(processUses(probe(`const a = process.env['A']`)).length, 1)
    deepEqual(processUses(probe(`const { env } = process`)).length, 1)
    deepEqual(processUses(probe(`process.on('SIGTERM', stop)`)).length, 1)
    deepEqual(processUses(probe(`import { env } from 'node:process'`)).length, 1)
    deepEqual(processUses(probe(`globalThis.process.exit(1)`)).length, 1)
    deepEqual(processUses(probe(`const a = process.memoryUsage()`)).length, 0)
    deepEqual(defaultExports(probe('export default function f() {}')).length, 1)
    deepEqual(defaultExports(probe('const a = 1; export { a as default }')).length, 1)
    deepEqual(defaultExports(probe('export default 1')).length, 1)
    deepEqual(workAtImport(probe('start()')).length, 1)
    deepEqual(workAtImport(probe('await start()')).length, 1)
    deepEqual(workAtImport(probe('if (a) start()')).length, 1)
    deepEqual(workAtImport(probe('export let count = 0')).length, 1)
    deepEqual(workAtImport(probe('export const a = new Set([1])')).length, 0)
  })
})

const PROCESS_MEMBERS = new Set(['env', 'exit', 'exitCode', 'on', 'once', 'addListener', 'kill', 'abort', 'argv', 'chdir', 'umask'])

/** Uses of the process that only main.ts may make; any use of `process` other than naming a harmless member counts. */
function processUses({ path, syntax }: SourceFile): string[] {
  const found: string[] = []
  visit(syntax, (node) => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && /^(node:)?process$/.test(node.moduleSpecifier.text))
      found.push(`${path}:${lineOf(syntax, node)} imports the process module`)
    if (!ts.isIdentifier(node) || node.text !== 'process' || !isReference(node)) return
    const holder = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent.parent : node.parent
    const member = ts.isPropertyAccessExpression(holder) && holder.name !== node ? holder.name.text : undefined
    if (member === undefined || PROCESS_MEMBERS.has(member)) found.push(`${path}:${lineOf(syntax, node)} uses process.${member ?? '…'}`)
  })
  return found
}

/** False for a property or method that merely has that name; true for the global, also as `globalThis.process`. */
function isReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return parent.expression.getText() === 'globalThis'
  return ts.isExpression(parent) || ts.isVariableDeclaration(parent) ? !(ts.isVariableDeclaration(parent) && parent.name === node) : false
}

function defaultExports({ path, syntax }: SourceFile): string[] {
  return syntax.statements.filter(isDefaultExport).map((statement) => `${path}:${lineOf(syntax, statement)} exports a default`)
}

function isDefaultExport(statement: ts.Statement): boolean {
  if (ts.isExportAssignment(statement)) return true
  if (ts.isExportDeclaration(statement) && statement.exportClause && ts.isNamedExports(statement.exportClause))
    return statement.exportClause.elements.some(({ name }) => name.text === 'default')
  return ts.canHaveModifiers(statement) && (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.DefaultKeyword)
}

/** Statements that run on import, and module-level variables that can change: a singleton in disguise. */
function workAtImport({ path, syntax }: SourceFile): string[] {
  return syntax.statements
    .filter((statement) => !isDeclaration(statement))
    .map((statement) => `${path}:${lineOf(syntax, statement)} runs on import`)
}

function isDeclaration(statement: ts.Statement): boolean {
  if (ts.isVariableStatement(statement)) return (statement.declarationList.flags & ts.NodeFlags.Const) !== 0
  return (
    ts.isImportDeclaration(statement) ||
    ts.isExportDeclaration(statement) ||
    ts.isExportAssignment(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement) ||
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement)
  )
}
