import { equal } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { preferredWait } from '../../../src/http/prefer.ts'

describe('The preferred wait', () => {
  it('is what the header says, a minute at most', () => {
    for (const [header, seconds] of [
      ['wait=30', 30],
      ['respond-async, WAIT = "10"; foo="bar"', 10],
      ['wait=5, wait=50', 5],
      ['wait=61', 60],
      ['wait=999999999', 60],
    ] as const)
      equal(preferredWait(header), seconds, header)
  })

  it('is none where it is absent or can not be read', () => {
    for (const header of [undefined, '', 'wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=soon', 'await=9', 'wait=1e3', 'handling=lenient'])
      equal(preferredWait(header), 0, String(header))
  })
})
