import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import ts from 'typescript'

/** An import or re-export of a source file, types included. */
export interface Import {
  specifier: string
  /** Path from the repository's root if it is relative, else undefined: a package or a builtin. */
  path: string | undefined
  line: number
}

export interface SourceFile {
  /** Path from the repository's root, with `/`. */
  path: string
  imports: Import[]
  syntax: ts.SourceFile
}

/** Parses every TypeScript file below a folder. */
export function readSources(folder: string): SourceFile[] {
  return globSync(`${folder}/**/*.ts`)
    .toSorted()
    .map((path) => readSource(path))
}

/** @param text for tests; else the file is read */
export function readSource(path: string, text: string = readFileSync(path, 'utf8')): SourceFile {
  const syntax = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true)
  const imports: Import[] = []
  visit(syntax, (node) => {
    const specifier = moduleSpecifier(node)
    if (specifier !== undefined)
      imports.push({ specifier: specifier.text, path: resolveRelative(path, specifier.text), line: lineOf(syntax, node) })
  })
  return { path, imports, syntax }
}

/** Visits every node, depth first. */
export function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node)
  ts.forEachChild(node, (child) => visit(child, look))
}

/** One-based. */
export function lineOf(syntax: ts.SourceFile, node: ts.Node): number {
  return syntax.getLineAndCharacterOfPosition(node.getStart(syntax)).line + 1
}

/** Static, dynamic and type imports, re-exports, and workers started from `new URL('./x.ts', import.meta.url)`. */
function moduleSpecifier(node: ts.Node): ts.StringLiteral | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier))
    return node.moduleSpecifier
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
    return node.argument.literal
  const first = ts.isCallExpression(node) || ts.isNewExpression(node) ? node.arguments?.[0] : undefined
  if (first === undefined || !ts.isStringLiteral(first)) return undefined
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return first
  if (ts.isNewExpression(node) && node.expression.getText() === 'URL' && first.text.endsWith('.ts')) return first
  return undefined
}

function resolveRelative(from: string, specifier: string): string | undefined {
  return specifier.startsWith('.') ? normalize(join(dirname(from), specifier)).replaceAll('\\', '/') : undefined
}
