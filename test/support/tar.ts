/** An entry of an archive that a test makes; `header` overwrites bytes of its header before the checksum is taken. */
export interface Entry {
  path: string
  content?: string | Uint8Array
  type?: string
  size?: number
  prefix?: string
  magic?: string
  checksum?: number
}

const BLOCK = 512

/** A tar archive of these entries, with its end. */
export function tar(...entries: (Entry | readonly [path: string, content: string])[]): Buffer {
  return Buffer.concat([tarWithoutEnd(...entries), Buffer.alloc(2 * BLOCK)])
}

/** The same without the two blocks that end it. */
export function tarWithoutEnd(...entries: (Entry | readonly [path: string, content: string])[]): Buffer {
  return Buffer.concat(entries.map((entry) => block('path' in entry ? entry : { path: entry[0], content: entry[1] })))
}

/** An extended header of pax for the entry behind it. */
export function pax(records: Readonly<Record<string, string>>, type = 'x'): Entry {
  const lines = Object.entries(records).map(([name, value]) => {
    const rest = ` ${name}=${value}\n`
    const bytes = Buffer.byteLength(rest)
    const digits = String(bytes + String(bytes).length).length
    return `${bytes + digits}${rest}`
  })
  return { path: 'PaxHeaders/x', type, content: lines.join('') }
}

/** The name of the entry behind it, as GNU writes those that are longer than 100 bytes. */
export function gnuName(path: string): Entry {
  return { path: '././@LongLink', type: 'L', content: `${path}\0`, magic: 'ustar  \0' }
}

function block({ path, content = '', type = '0', size, prefix = '', magic = 'ustar\x0000', checksum }: Entry): Buffer {
  const bytes = Buffer.from(content)
  const header = Buffer.alloc(BLOCK)
  header.write(path, 0, 100)
  header.write('0000644\0', 100)
  header.write(`${(size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124)
  header.write('00000000000\0', 136)
  header.write('        ', 148)
  header.write(type, 156, 1)
  header.write(magic, 257)
  header.write(prefix, 345, 155)
  const sum = checksum ?? header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return Buffer.concat([header, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)])
}
