import { deepEqual, doesNotMatch, equal, ok } from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readContract } from '../../../../src/http/contract/document.ts'
import { readDocsAssets } from '../../../../src/http/docs/assets.ts'
import { html } from '../../../../src/http/docs/html.ts'
import { inline, markdown } from '../../../../src/http/docs/markdown.ts'
import { renderDocs } from '../../../../src/http/docs/page.ts'
import { PROBLEMS } from '../../../../src/http/problem.ts'

describe('The page of the contract', () => {
  const contract = readContract()
  const page = renderDocs(contract)
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))

  it('shows every operation, schema and error', () => {
    for (const { id } of contract.operations) ok(ids.has(id), id)
    for (const name of Object.keys(contract.document.components.schemas)) ok(ids.has(`schema-${name}`), name)
    for (const code of Object.keys(PROBLEMS)) ok(ids.has(`error-${code}`), code)
  })

  it('has no link into itself that leads nowhere', () => {
    const targets = [...page.matchAll(/href="(?:\/docs)?#([^"]+)"/g)].map(([, id]) => id)
    ok(targets.length > 100)
    deepEqual(
      targets.filter((id) => !ids.has(id)),
      [],
    )
  })

  it('asks nobody else for anything, and holds no script or style that its policy would refuse', () => {
    doesNotMatch(page, /(?:src|href)="(?:https?:)?\/\//)
    doesNotMatch(page, /<script(?![^>]* src=)|<style| style="| on\w+="/)
    const { style, script } = readDocsAssets()
    doesNotMatch(style + script, /@import|url\(|https?:\/\//)
  })

  it('closes every element that it opens', () => {
    const open: string[] = []
    for (const [, close, name = '', attributes = ''] of page.matchAll(/<(\/?)([a-z][a-z0-9]*)([^>]*)>/g)) {
      if (close === '') {
        if (!attributes.endsWith('/') && !['meta', 'link', 'input'].includes(name)) open.push(name)
      } else equal(open.pop(), name)
    }
    deepEqual(open, [])
  })
})

describe('Markup', () => {
  it('escapes what is put into it, but not markup', () => {
    equal(html`<b title="${'"'}">${"<i>&'"}${html`<hr />`}</b>`.markup, '<b title="&quot;">&lt;i&gt;&amp;&#39;<hr /></b>')
  })

  it('from Markdown escapes everything else', () => {
    equal(inline('`<a>` **b** [c](#d) <e>').markup, '<code>&lt;a&gt;</code> <strong>b</strong> <a href="#d">c</a> &lt;e&gt;')
  })

  it('knows paragraphs and lists with items over several lines', () => {
    const text = markdown('one\ntwo\n\n- a\n  b\n- c').markup.replaceAll(/\s+/g, ' ')
    equal(text.replaceAll('> <', '><'), '<p>one two</p><ul><li>a b</li><li>c</li></ul>')
  })
})
