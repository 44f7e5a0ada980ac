import type { JsonObject } from './json-fields.ts'
import { malformed, wrongFormat } from './report.ts'
import { childNumber, childOf, childrenOf, childText, readXmlTree, type XmlNode } from './xml-tree.ts'

/** Elements that nothing is read from; some hold names, ids and notes that are not those of the element around them. */
const SKIPPED = new Set([
  ...['evidenceCollected', 'relatedDependencies', 'projectReferences', 'includedBy', 'license', 'md5', 'sha1', 'sha256'],
  ...['references', 'cwes', 'knownExploitedVulnerability', 'credits', 'stackTrace', 'innerException', 'cause'],
])

/**
 * Reads Dependency-Check's XML onto the shape of its JSON, one dependency at a time: the evidence that each was recognised by makes up
 * most of such a report.
 * @returns the report without its dependencies
 * @throws {ReportError}
 */
export function readDependencyCheckXml(text: string, heard: (dependency: JsonObject) => void): JsonObject {
  const root = readXmlTree('dependency-check', text, {
    skip: SKIPPED,
    take: (node, path) => {
      if (node.name !== 'dependency' || path.join('/') !== 'analysis/dependencies') return false
      heard(dependencyOf(node))
      return true
    },
  })
  if (root?.name !== 'analysis') throw wrongFormat('dependency-check', 'its root is no <analysis>')
  const [dependencies, ...more] = childrenOf(root, 'dependencies')
  if (!dependencies || more.length > 0) throw malformed('dependency-check', 'has no list of dependencies, or more than one')
  if (dependencies.children.length > 0) throw malformed('dependency-check', 'has something other than a dependency among its dependencies')
  return headOf(root)
}

function headOf(root: XmlNode): JsonObject {
  const scanInfo = childOf(root, 'scanInfo')
  return {
    scanInfo: {
      engineVersion: childText(scanInfo, 'engineVersion'),
      dataSource: childrenOf(scanInfo, 'dataSource').map((source) => ({
        name: childText(source, 'name'),
        timestamp: childText(source, 'timestamp'),
      })),
      analysisExceptions: childrenOf(scanInfo, 'analysisExceptions').flatMap(({ children }) => children.map(() => ({}))),
    },
    projectInfo: { reportDate: childText(childOf(root, 'projectInfo'), 'reportDate') },
  }
}

function dependencyOf(node: XmlNode): JsonObject {
  const items = childrenOf(node, 'vulnerabilities').flatMap((list) => list.children)
  const stray = items.find(({ name }) => name !== 'vulnerability' && name !== 'suppressedVulnerability')
  if (stray) throw malformed('dependency-check', 'has something other than a vulnerability among the vulnerabilities of a dependency')
  return {
    fileName: childText(node, 'fileName'),
    filePath: childText(node, 'filePath'),
    packages: childrenOf(childOf(node, 'identifiers'), 'package').map((item) => ({ id: childText(item, 'id') })),
    vulnerabilities: items.filter(({ name }) => name === 'vulnerability').map(vulnerabilityOf),
    suppressedVulnerabilities: items.filter(({ name }) => name === 'suppressedVulnerability').map(vulnerabilityOf),
  }
}

function vulnerabilityOf(node: XmlNode): JsonObject {
  const [v2, v3, v4] = [childOf(node, 'cvssV2'), childOf(node, 'cvssV3'), childOf(node, 'cvssV4')]
  return {
    name: childText(node, 'name'),
    severity: childText(node, 'severity'),
    cvssScore: childNumber(node, 'cvssScore'),
    cvssv2: { score: childNumber(v2, 'score'), severity: childText(v2, 'severity') },
    cvssv3: { baseScore: childNumber(v3, 'baseScore'), baseSeverity: childText(v3, 'baseSeverity') },
    cvssv4: { baseScore: childNumber(v4, 'baseScore'), baseSeverity: childText(v4, 'baseSeverity') },
    description: childText(node, 'description'),
    notes: childText(node, 'notes'),
    vulnerableSoftware: childrenOf(childOf(node, 'vulnerableSoftware'), 'software').map(({ attributes }) => ({ software: attributes })),
  }
}
