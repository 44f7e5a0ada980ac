import { AppError } from '../../core/app-error.ts'
import type { ReportErrorCode } from '../parser.ts'
import { readXml } from './xml-reader.ts'

/** An element with what stands in it. */
export interface XmlNode {
  /** Without its namespace prefix. */
  name: string
  attributes: Readonly<Record<string, string>>
  /** The character data directly in it. */
  text: string
  children: XmlNode[]
}

/** Which parts of a document are kept. */
export interface XmlTreeOptions {
  /** Names of elements that are left out with everything in them. */
  skip: ReadonlySet<string>
  /** Hears of each element as it ends, before its parent does. If it returns true, the element is not kept in its parent. */
  take?: (node: XmlNode, path: readonly string[]) => boolean
}

/** Most elements that a tree may hold at once, a tenth of what a reader that keeps nothing may see. */
const MAX_KEPT = 500_000

/**
 * Reads attacker-controlled XML into a tree of the wanted elements.
 * @returns the root element
 * @throws {ReportError} as `readXml` does, and `report_too_complex` for a tree of more than 500,000 elements
 */
export function readXmlTree(format: string, text: string, { skip, take }: XmlTreeOptions): XmlNode | undefined {
  const open: XmlNode[] = []
  let root: XmlNode | undefined
  let skipped = 0
  let kept = 0
  readXml(format, text, {
    open: ({ name, attributes }) => {
      if (skipped > 0 || (open.length > 0 && skip.has(name))) {
        skipped++
        return
      }
      if (++kept > MAX_KEPT) throw tooLarge(format)
      const node: XmlNode = { name, attributes, text: '', children: [] }
      root ??= node
      open.push(node)
    },
    close: (_name, path) => {
      if (skipped > 0) {
        skipped--
        return
      }
      const node = open.pop()
      if (!node) return
      node.text = node.text.trim()
      if (take?.(node, path)) kept -= sizeOf(node)
      else open.at(-1)?.children.push(node)
    },
    text: (part) => {
      const node = open.at(-1)
      if (skipped === 0 && node) node.text += part
    },
  })
  return root
}

function sizeOf(node: XmlNode): number {
  return node.children.reduce((size, child) => size + sizeOf(child), 1)
}

/** The children of that name. */
export function childrenOf(node: XmlNode | undefined, name: string): XmlNode[] {
  return node ? node.children.filter((child) => child.name === name) : []
}

/** The first child of that name. */
export function childOf(node: XmlNode | undefined, name: string): XmlNode | undefined {
  return node?.children.find((child) => child.name === name)
}

/** The text of the first child of that name; undefined if there is none, or nothing in it. */
export function childText(node: XmlNode | undefined, name: string): string | undefined {
  return childOf(node, name)?.text || undefined
}

/** The text of a child as a number; undefined if it is none. */
export function childNumber(node: XmlNode | undefined, name: string): number | undefined {
  const text = childText(node, name)
  return text !== undefined && /^\d{1,6}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined
}

function tooLarge(format: string): AppError<ReportErrorCode> {
  return new AppError('report_too_complex', `The ${format} report holds more than ${MAX_KEPT} elements that have to be read together.`, {
    field: 'body',
    remedy: 'Send the JSON form of the report, or split the scan by target and send each report under its own name.',
  })
}
