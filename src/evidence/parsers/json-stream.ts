import { parseBoundedJson } from '../../core/bounded-json.ts'
import type { ReportSource } from '../parser.ts'
import { isObject, type JsonObject } from './json-fields.ts'

/**
 * The objects of a text that holds JSON objects one behind another, on a line each or pretty-printed.
 * The whole text has passed the limits on JSON when it was decoded.
 * @returns undefined if the text holds anything else, such as a log line or an object that is cut off
 */
export function jsonObjects({ json, text }: ReportSource): JsonObject[] | undefined {
  if (json !== undefined) return isObject(json) ? [json] : undefined
  const objects: JsonObject[] = []
  for (let at = nextToken(text, 0); at < text.length;) {
    const end = endOfObject(text, at)
    const object = end === undefined ? undefined : parsed(text.slice(at, end))
    if (object === undefined || end === undefined) return undefined
    objects.push(object)
    at = nextToken(text, end)
  }
  return objects
}

/** Longest first object that is looked at to recognise a stream. */
const HEAD = 1024 * 1024

/** The first object of such a text, to recognise it by. */
export function firstJsonObject({ json, text }: ReportSource): JsonObject | undefined {
  if (json !== undefined) return isObject(json) ? json : undefined
  const head = text.slice(0, HEAD)
  const start = nextToken(head, 0)
  const end = endOfObject(head, start)
  return end === undefined ? undefined : parsed(head.slice(start, end))
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value = parseBoundedJson(text)
    return isObject(value) ? value : undefined
  } catch {
    // The parser's message quotes the document: it goes no further.
    return undefined
  }
}

const NOT_SPACE = /\S/g

function nextToken(text: string, from: number): number {
  NOT_SPACE.lastIndex = from
  return NOT_SPACE.exec(text)?.index ?? text.length
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** Index behind the brace that closes the object opened at `start`; undefined if none is opened there or it never ends. */
function endOfObject(text: string, start: number): number | undefined {
  let depth = 0
  let inString = false
  for (let at = start; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (inString) {
      if (unit === BACKSLASH) at++
      else if (unit === QUOTE) inString = false
    } else if (unit === QUOTE) inString = true
    else if (unit === OPEN_BRACE) depth++
    else if (unit === CLOSE_BRACE) depth--
    if (depth === 0) return at === start ? undefined : at + 1
  }
  return undefined
}
