/** The fields of a header that matter here (POSIX.1-1988, pax Interchange Format). */
export interface TarHeader {
  path: string
  /** Bytes of content. */
  size: number
  /** The type flag, one character. */
  type: string
}

const NAME = [0, 100] as const
const SIZE = [124, 136] as const
const CHECKSUM = [148, 156] as const
const TYPE = 156
const MAGIC = [257, 263] as const
const PREFIX = [345, 500] as const

/** @param block 512 bytes @returns undefined if its checksum is wrong, or its numbers are none */
export function readHeader(block: Uint8Array): TarHeader | undefined {
  const size = octal(block, SIZE)
  if (size === undefined || octal(block, CHECKSUM) !== checksum(block)) return undefined
  const name = field(block, NAME)
  // GNU's own format keeps other things where ustar keeps the front of a long path.
  const prefix = latin1(block, MAGIC) === 'ustar\0' ? field(block, PREFIX) : ''
  return { path: prefix === '' ? name : `${prefix}/${name}`, size, type: String.fromCharCode(block[TYPE] ?? 0) }
}

/** The sum of all bytes, those of the checksum itself taken for spaces. */
function checksum(block: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < block.length; at++) sum += at >= CHECKSUM[0] && at < CHECKSUM[1] ? 0x20 : (block[at] ?? 0)
  return sum
}

/** Undefined for GNU's binary numbers too: what needs them is larger than anything that is read here. */
function octal(block: Uint8Array, range: readonly [number, number]): number | undefined {
  const digits = /^ *([0-7]{1,12})[ \0]*$/.exec(latin1(block, range))?.[1]
  return digits === undefined ? undefined : Number.parseInt(digits, 8)
}

function field(block: Uint8Array, [from, to]: readonly [number, number]): string {
  const bytes = block.subarray(from, to)
  const end = bytes.indexOf(0)
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString('utf8')
}

function latin1(block: Uint8Array, [from, to]: readonly [number, number]): string {
  return Buffer.from(block.subarray(from, to)).toString('latin1')
}

const MAX_RECORDS_BYTES = 64 * 1024
const NEWLINE = 0x0a
const SPACE = 0x20

/**
 * The records of an extended header, each `LENGTH NAME=VALUE\n` with the length of all of it in bytes; of two with one name the later counts.
 * @returns undefined if they are broken, or more than 64 KiB
 */
export function paxRecords(content: Uint8Array): Map<string, string> | undefined {
  if (content.length > MAX_RECORDS_BYTES) return undefined
  const records = new Map<string, string>()
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(SPACE, at)
    const digits = Buffer.from(content.subarray(at, space === -1 ? at : space)).toString('latin1')
    const end = at + Number(digits)
    if (!/^\d{1,6}$/.test(digits) || end <= space + 1 || end > content.length || content[end - 1] !== NEWLINE) return undefined
    const record = Buffer.from(content.subarray(space + 1, end - 1)).toString('utf8')
    const equals = record.indexOf('=')
    if (equals < 1) return undefined
    records.set(record.slice(0, equals), record.slice(equals + 1))
    at = end
  }
  return records
}
