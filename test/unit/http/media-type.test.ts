import { doesNotThrow, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { checkJsonType, checkReportType } from '../../../src/http/media-type.ts'

describe('A JSON request', () => {
  it('comes under a JSON type, what curl says by itself, or none', () => {
    const types = [
      undefined,
      'application/json',
      'Application/JSON; charset=UTF-8',
      'application/json;charset="utf-8"',
      'application/vnd.acme+json',
      'application/x-www-form-urlencoded',
      'text/plain',
    ]
    for (const type of types) doesNotThrow(() => checkJsonType(type), type)
  })

  it('is refused under a type that is not JSON', () => {
    for (const type of ['text/html', 'application/xml', 'multipart/form-data; boundary=x', 'application/jsonp', ''])
      throws(() => checkJsonType(type), { code: 'media_type_unsupported' }, type)
  })

  it('is UTF-8', () => {
    for (const type of ['application/json; charset=utf-16', 'text/plain; charset=iso-8859-1'])
      throws(() => checkJsonType(type), { code: 'charset_unsupported' }, type)
  })
})

describe('A report', () => {
  it('comes under any type or none', () => {
    for (const type of [undefined, '', 'text/xml; charset=iso-8859-1', 'application/x-www-form-urlencoded', 'nonsense'])
      doesNotThrow(() => checkReportType(type), type)
  })

  it('is refused inside of a form, with the curl option that sends it alone', () => {
    throws(() => checkReportType('multipart/form-data; boundary=x'), { code: 'media_type_unsupported', remedy: /--data-binary @report/ })
  })
})
