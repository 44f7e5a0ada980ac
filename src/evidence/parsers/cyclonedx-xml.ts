import type { JsonObject } from './json-fields.ts'
import { malformed, wrongFormat } from './report.ts'
import { childNumber, childOf, childrenOf, childText, readXmlTree, type XmlNode } from './xml-tree.ts'

/** Elements that nothing is read from. */
const SKIPPED = new Set([
  ...['licenses', 'evidence', 'pedigree', 'externalReferences', 'releaseNotes', 'modelCard', 'data', 'swid', 'cryptoProperties'],
  ...['supplier', 'manufacturer', 'author', 'authors', 'publisher', 'copyright', 'signature', 'dependencies', 'compositions'],
  ...['cwes', 'credits', 'advisories', 'annotations', 'formulation', 'declarations', 'definitions'],
])

/**
 * Reads a CycloneDX document in XML onto the shape of its JSON. The extension by which versions before 1.4 list vulnerabilities, in the
 * document or inside a component, is read too.
 * https://cyclonedx.org/ext/vulnerability/
 * @throws {ReportError}
 */
export function readCycloneDxXml(text: string): JsonObject {
  const components: JsonObject[] = []
  const vulnerabilities: JsonObject[] = []
  const root = readXmlTree('cyclonedx', text, {
    skip: SKIPPED,
    take: (node, path) => {
      if (path.length !== 2) return false
      if (path[1] === 'components' && node.name === 'component') components.push(componentOf(node, vulnerabilities))
      else if (path[1] === 'vulnerabilities' && node.name === 'vulnerability') vulnerabilities.push(vulnerabilityOf(node, undefined))
      else return false
      return true
    },
  })
  if (root?.name !== 'bom') throw wrongFormat('cyclonedx', 'its root is no <bom>')
  for (const list of ['components', 'vulnerabilities'])
    if (childrenOf(root, list).some(({ children }) => children.length > 0)) throw malformed('cyclonedx', `has ${list} of another name`)
  const services = childrenOf(root, 'services').flatMap((list) => list.children.map(() => ({})))
  return { metadata: metadataOf(childOf(root, 'metadata'), vulnerabilities), components, services, vulnerabilities }
}

function metadataOf(node: XmlNode | undefined, vulnerabilities: JsonObject[]): JsonObject {
  const tools = childOf(node, 'tools')
  const listed = [...childrenOf(tools, 'tool'), ...childrenOf(childOf(tools, 'components'), 'component')]
  const component = childOf(node, 'component')
  return {
    timestamp: childText(node, 'timestamp'),
    tools: listed.map((tool) => ({ name: childText(tool, 'name'), version: childText(tool, 'version') })),
    component: component ? componentOf(component, vulnerabilities) : undefined,
  }
}

/** @param vulnerabilities where those are put that the component holds */
function componentOf(node: XmlNode, vulnerabilities: JsonObject[]): JsonObject {
  const component: JsonObject = {
    'bom-ref': node.attributes['bom-ref'],
    type: node.attributes['type'],
    group: childText(node, 'group'),
    name: childText(node, 'name'),
    version: childText(node, 'version'),
    purl: childText(node, 'purl'),
    hashes: childrenOf(childOf(node, 'hashes'), 'hash').map(({ attributes, text }) => ({ alg: attributes['alg'], content: text })),
    properties: childrenOf(childOf(node, 'properties'), 'property').map(({ attributes, text }) => ({
      name: attributes['name'],
      value: text,
    })),
    components: inner(node, 'components', 'component').map((child) => componentOf(child, vulnerabilities)),
  }
  for (const item of inner(node, 'vulnerabilities', 'vulnerability')) vulnerabilities.push(vulnerabilityOf(item, component))
  return component
}

/** The items of a list in an element; anything else in that list is refused rather than left out. */
function inner(node: XmlNode, list: string, item: string): XmlNode[] {
  const children = childrenOf(node, list).flatMap((child) => child.children)
  if (children.some(({ name }) => name !== item)) throw malformed('cyclonedx', `has ${list} of another name`)
  return children
}

function vulnerabilityOf(node: XmlNode, component: JsonObject | undefined): JsonObject {
  const analysis = childOf(node, 'analysis')
  return {
    'bom-ref': node.attributes['bom-ref'],
    id: childText(node, 'id'),
    references: inner(node, 'references', 'reference').map((reference) => ({ id: childText(reference, 'id') })),
    ratings: inner(node, 'ratings', 'rating').map(ratingOf),
    description: childText(node, 'description'),
    detail: childText(node, 'detail'),
    recommendation: childText(node, 'recommendation') ?? childText(childOf(node, 'recommendations'), 'recommendation'),
    analysis: {
      state: childText(analysis, 'state'),
      justification: childText(analysis, 'justification'),
      detail: childText(analysis, 'detail'),
      response: childrenOf(childOf(analysis, 'responses'), 'response').map(({ text }) => text),
    },
    affects: component ? [{ component }] : targetsOf(node),
  }
}

function targetsOf(node: XmlNode): JsonObject[] {
  const ref = node.attributes['ref']
  if (ref !== undefined) return [{ ref }]
  return inner(node, 'affects', 'target').map((target) => ({ ref: childText(target, 'ref') }))
}

/** The extension nests the score, by its parts. */
function ratingOf(node: XmlNode): JsonObject {
  return {
    severity: childText(node, 'severity'),
    method: childText(node, 'method'),
    score: childNumber(node, 'score') ?? childNumber(childOf(node, 'score'), 'base'),
  }
}
