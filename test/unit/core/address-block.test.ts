import { equal, notEqual } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { addressBlock } from '../../../src/core/address-block.ts'

describe('The block of a network address', () => {
  it('is an IPv4 address itself, however a connection or a proxy writes it', () => {
    for (const text of [
      '192.0.2.7',
      '::ffff:192.0.2.7',
      '::ffff:c000:207',
      '0:0:0:0:0:ffff:c000:0207',
      '192.0.2.7:51234',
      '[::ffff:192.0.2.7]:443',
    ])
      equal(addressBlock(text), '192.0.2.7', text)
    notEqual(addressBlock('192.0.2.8'), addressBlock('192.0.2.7'))
  })

  it('is the /64 of an IPv6 address, however it is written', () => {
    for (const text of [
      '2001:db8:0:1::',
      '2001:db8:0:1::7',
      '2001:db8::1:a:b:c:d',
      '2001:0DB8:0000:0001:ffff:ffff:ffff:ffff',
      '2001:db8:0:1::192.0.2.7',
      '[2001:db8:0:1::7]:443',
      '2001:db8:0:1::7%eth0',
    ])
      equal(addressBlock(text), '2001:db8:0:1::/64', text)
    equal(addressBlock('2001:db8:0:2::7'), '2001:db8:0:2::/64')
    equal(addressBlock('::1'), '0:0:0:0::/64')
    equal(addressBlock('fe80::1%lo'), 'fe80:0:0:0::/64')
  })

  it('is one and the same for whatever is no address', () => {
    for (const text of [
      '',
      'unknown',
      '_hidden',
      '1.2.3',
      '1.2.3.4.5',
      'a:b',
      '1.2.3.4:x',
      '[1.2.3.4',
      ':::',
      'x'.repeat(16_000),
      ':'.repeat(16_000),
      '1.2.3.4:123456',
    ])
      equal(addressBlock(text), 'unreadable', text.slice(0, 20))
  })
})
