import assert from 'node:assert/strict'
import { describe, it } from 'node:test'

import { readMetadata, type Annotation } from '../../../../src/policy/authoring/metadata.ts'

function on(path: string, annotations: Annotation['annotations']): Annotation {
  return { annotations, path: `data.${path}`.split('.').map((value) => ({ value })), location: { file: 'a.rego', row: 7 } }
}

const read = (...annotations: Annotation[]) => readMetadata(annotations, new Set(['main', 'portcullis.own']))

describe('METADATA of a policy', () => {
  it('describes the pack at its package, and each rule with what it serves', () => {
    const custom = {
      classes: ['tests'],
      facts: ['prior'],
      controls: ['ISO-8.32'],
      rules: { plain: 'Plain', rich: { title: 'Rich', description: 'More.', controls: ['SLSA-L3', 'SLSA-L3'] } },
    }
    const { metadata, faults } = read(on('portcullis.own', { scope: 'package', title: 'Own', description: ' What it says.\n', custom }))
    assert.deepEqual(faults, [])
    assert.deepEqual(metadata, {
      input: 'decision',
      title: 'Own',
      description: 'What it says.',
      classes: ['tests'],
      facts: ['prior'],
      controls: ['ISO-8.32'],
      rules: [
        { name: 'plain', title: 'Plain', controls: ['ISO-8.32'] },
        { name: 'rich', title: 'Rich', description: 'More.', controls: ['SLSA-L3'] },
      ],
    })
  })

  it('describes conftest rules where they stand; what several say of one rule adds up', () => {
    const { metadata } = read(
      on('main.deny_root', { scope: 'rule', title: 'No root', custom: { controls: 'SOC2-CC8.1' } }),
      on('main.deny_root', { scope: 'rule', title: 'Other', description: 'Why.', custom: { controls: ['PCI-6.5.1'] } }),
      on('main.helper', { scope: 'rule', title: 'Helper' }),
      on('elsewhere.deny', { scope: 'rule', title: 'Elsewhere' }),
    )
    assert.deepEqual(metadata.rules, [{ name: 'deny_root', title: 'No root', description: 'Why.', controls: ['PCI-6.5.1', 'SOC2-CC8.1'] }])
  })

  it('adds what stands at a rule to what the package lists of it', () => {
    const { metadata } = read(
      on('portcullis.own', { scope: 'package', custom: { rules: { told: 'Told so' } } }),
      on('portcullis.own.told', { scope: 'rule', title: 'Helper', custom: { controls: ['SLSA-L3'] } }),
      on('portcullis.own.results', { scope: 'document', title: 'Results' }),
    )
    assert.deepEqual(metadata.rules, [{ name: 'told', title: 'Told so', controls: ['SLSA-L3'] }])
  })

  it('says what can not be used, and where', () => {
    const faulty = [
      { classes: ['testing'] },
      { facts: 'prior' },
      { input: 'everything' },
      { controls: ['a b'] },
      { controls: Array.from({ length: 21 }, (_, at) => `C-${at}`) },
      { rules: ['told'] },
      { rules: { Told: 'Told so' } },
      { rules: { told: { description: 'no title' } } },
      { rules: Object.fromEntries(Array.from({ length: 201 }, (_, at) => [`r${at}`, 'x'])) },
    ]
    for (const custom of faulty) {
      const { faults } = read(on('main', { scope: 'package', custom }))
      assert.deepEqual(
        faults.map(({ file, line }) => [file, line]),
        [['a.rego', 7]],
        JSON.stringify(custom).slice(0, 80),
      )
    }
  })
})
