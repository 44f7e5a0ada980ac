import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'

import { readUpload } from '../../../../src/policy/authoring/upload/read-upload.ts'
import { sortFiles } from '../../../../src/policy/authoring/upload/sort-files.ts'
import { tar, type Entry } from '../../../support/tar.ts'

type Files = Readonly<Record<string, string>> | readonly (readonly [filename: string | null, content: string])[]

async function form(files: Files, boundary = 'limit') {
  const parts = (Array.isArray(files) ? files : Object.entries(files)).map(([name, text]) => {
    const filename = name === null ? '' : `; filename="${name}"`
    return `--${boundary}\r\nContent-Disposition: form-data; name="file"${filename}\r\n\r\n${text}\r\n`
  })
  const bytes = Buffer.from(`${parts.join('')}--${boundary}--\r\n`)
  return summary(await readUpload({ contentType: 'multipart/form-data; boundary=limit', bytes }))
}

async function archive(bytes: Uint8Array) {
  return summary(await readUpload({ contentType: 'application/gzip', bytes }))
}

function summary(upload: Awaited<ReturnType<typeof readUpload>>) {
  if (!upload.ok) return upload.findings.map(({ code, file }) => (file === null ? code : `${code} ${file}`))
  return Object.fromEntries(upload.files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]))
}

const entries = (...files: (Entry | readonly [string, string])[]) => archive(gzipSync(tar(...files)))

describe('An upload', () => {
  it('is a form, where the name of each file is its path', async () => {
    assert.deepEqual(await form({ 'main.rego': 'package main', 'lib/./util.rego': 'package lib' }), {
      'main.rego': 'package main',
      'lib/util.rego': 'package lib',
    })
  })

  it('is a form as curl and browsers write it, with text before it and types of its parts', async () => {
    const head = 'Content-Disposition: form-data; name=file; filename=a.rego\r\nContent-Type: application/octet-stream'
    const bytes = Buffer.from(`before\r\n--"x\r\n${head}\r\n\r\nline\r\n--"\r\n\r\n--"x--\r\nafter`)
    assert.deepEqual(summary(await readUpload({ contentType: 'multipart/form-data; charset=utf-8; boundary="\\"', bytes })), [
      'upload_malformed',
    ])
    const plain = Buffer.from(bytes.toString().replaceAll('"x', 'x'))
    assert.deepEqual(summary(await readUpload({ contentType: 'Multipart/Form-Data; charset=utf-8; boundary="x"', bytes: plain })), {
      'a.rego': 'line\r\n--"\r\n',
    })
  })

  it('is an archive, also with the leading slashes of OPA', async () => {
    assert.deepEqual(await entries(['./a/b.rego', 'x'], ['/c.rego', 'y']), { 'a/b.rego': 'x', 'c.rego': 'y' })
  })

  it('is refused whole with a path that leads out of it, is there twice, or is no plain file', async () => {
    assert.deepEqual(await form({ '../main.rego': 'x', '/etc/passwd': 'x', 'C:\\a.rego': 'x', 'a/../../b.rego': 'x' }), [
      ...[
        'upload_file_refused ../main.rego',
        'upload_file_refused /etc/passwd',
        'upload_file_refused C:\\a.rego',
        'upload_file_refused a/../../b.rego',
      ],
    ])
    assert.deepEqual(
      await form([
        ['a.rego', 'x'],
        ['a.rego', 'y'],
        [null, 'z'],
      ]),
      ['upload_file_refused a.rego', 'upload_file_refused file'],
    )
    assert.deepEqual(await entries(['../a.rego', 'x']), ['upload_file_refused ../a.rego'])
    assert.deepEqual(await entries(['/../a.rego', 'x']), ['upload_file_refused /../a.rego'])
    assert.deepEqual(await entries(['a.rego', 'x'], ['./a.rego', 'y']), ['upload_file_refused a.rego'])
    assert.deepEqual(await entries({ path: 'a.rego', type: '2' }), ['upload_file_refused a.rego'])
    assert.deepEqual(await form({ 'a.rego': 'x', 'a.rego/b.rego': 'y' }), ['upload_file_refused a.rego/b.rego'])
    assert.deepEqual(await form({ [`${'a/'.repeat(20)}b.rego`]: 'x' }), [`upload_file_refused ${'a/'.repeat(20)}b.rego`])
  })

  it('is refused where it is broken, empty or too much', async () => {
    assert.deepEqual(await archive(Buffer.from('nothing')), ['upload_malformed'])
    assert.deepEqual(await archive(gzipSync(tar(['a', 'b'])).subarray(0, 40)), ['upload_malformed'])
    assert.deepEqual(await archive(gzipSync(tar())), ['upload_empty'])
    assert.deepEqual(await form({}), ['upload_empty'])
    assert.deepEqual(await form({ a: 'b' }, 'another'), ['upload_malformed'])
    assert.deepEqual(await archive(gzipSync(Buffer.alloc(64 * 1024 * 1024))), ['upload_too_large'])
    const many = Array.from({ length: 301 }, (_, at) => [`${at}.rego`, 'x'] as const)
    assert.deepEqual(await form(many), ['upload_too_large'])
    assert.deepEqual(await entries(...many), ['upload_too_large'])
  })
})

describe('The files of an upload', () => {
  const sort = (files: Readonly<Record<string, string | Uint8Array>>) =>
    sortFiles(Object.entries(files).map(([path, content]) => ({ path, bytes: Buffer.from(content) })))

  it('are modules, data, parameters and the parts of a bundle; the rest is left out', () => {
    const sorted = sort({
      'b.rego': 'b',
      'a.rego': 'a',
      'x/data.yaml': 'd: 1',
      'params.schema.json': '{}',
      'policy.wasm': 'w',
      '.manifest': '{}',
      'README.md': 'r',
    })
    assert.deepEqual(
      [sorted.modules, sorted.data, [sorted.parameters, sorted.manifest]].map((group) => group.map((file) => file?.path)),
      [['a.rego', 'b.rego'], ['x/data.yaml'], ['params.schema.json', '.manifest']],
    )
    assert.deepEqual([sorted.wasm?.length, sorted.findings], [1, []])
  })

  it('are text of bounded size', () => {
    const findings = sort({
      'a.rego': Buffer.from([0xff]),
      'b.rego': 'a\0b',
      'c.rego': 'x'.repeat(300_000),
      'a/params.schema.json': '{}',
      'params.schema.json': '{}',
    })
    assert.deepEqual(
      findings.findings.map(({ code, file }) => `${code} ${file}`),
      ['text_not_utf8 a.rego', 'text_not_utf8 b.rego', 'upload_too_large c.rego', 'upload_file_refused params.schema.json'],
    )
    const large = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`${at}.rego`, 'x'.repeat(250_000)]))
    assert.deepEqual(
      sort(large).findings.map(({ code, file }) => `${code} ${file}`),
      ['upload_too_large null'],
    )
  })
})
