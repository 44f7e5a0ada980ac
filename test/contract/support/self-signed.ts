import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

/** A certificate for `localhost`, signed by its own key, that is valid for a day. X.509 in DER by hand: Node makes none. RFC 5280, section 4.1. */
export function selfSigned(): { cert: string; key: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const algorithm = sequence(oid(1, 3, 101, 112))
  const name = sequence(tagged(0x31, sequence(oid(2, 5, 4, 3), tagged(0x0c, Buffer.from('localhost')))))
  const subjectAltName = sequence(oid(2, 5, 29, 17), tagged(0x04, sequence(tagged(0x82, Buffer.from('localhost')))))
  const certificate = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time(Date.now() - 3_600_000), time(Date.now() + 86_400_000)),
    name,
    spki(publicKey),
    tagged(0xa3, sequence(subjectAltName)),
  )
  const signature = Buffer.concat([Buffer.from([0]), sign(null, certificate, privateKey)])
  const der = sequence(certificate, algorithm, tagged(0x03, signature))
  return { cert: pem('CERTIFICATE', der), key: privateKey.export({ type: 'pkcs8', format: 'pem' }) }
}

function spki(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' })
}

function time(epochMs: number): Buffer {
  return tagged(0x18, Buffer.from(new Date(epochMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '')))
}

function oid(first: number, second: number, ...rest: readonly number[]): Buffer {
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest]))
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts))
}

function tagged(tag: number, content: Buffer): Buffer {
  const length = content.length < 128 ? [content.length] : [0x82, content.length >> 8, content.length & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}
