import { deepEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readTar } from '../../../../src/core/tar/read-tar.ts'
import { writeTar } from '../../../../src/core/tar/write-tar.ts'

const LIMITS = { files: 10, entries: 20 }

describe('A tar archive that is written', () => {
  it('holds the files that it was given, also empty ones and those with long names', () => {
    const files = [
      { path: 'a.rego', bytes: new Uint8Array(Buffer.from('package a')) },
      { path: `${'folder/'.repeat(20)}${'é'.repeat(90)}.rego`, bytes: new Uint8Array(1500).fill(7) },
      { path: 'empty', bytes: new Uint8Array() },
    ]
    const read = readTar(writeTar(files), LIMITS)
    deepEqual(
      read.map(({ path, bytes }) => ({ path, bytes: new Uint8Array(bytes) })),
      files,
    )
    deepEqual(writeTar(files), writeTar(files))
  })
})
