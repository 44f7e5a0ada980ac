/**
 * Text of a stranger that a terminal, a CI log or an XML parser can take: control characters, format characters (which turn the writing
 * direction or hide), line separators, halves of surrogate pairs and what is no character each become something that can be seen.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, visible)
}

const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}]/gu

/** Unicode has a picture for each of the first 32 control characters, from U+2400 on. */
function visible(character: string): string {
  const point = character.codePointAt(0) ?? 0
  return point < 0x20 ? String.fromCodePoint(0x2400 + point) : `[U+${point.toString(16).toUpperCase().padStart(4, '0')}]`
}

/** At most so many UTF-16 code units, ending in `…` if there was more; no character is cut in two. */
export function cutText(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`
}
