import type { ReportParser } from './parser.ts'
import { gitleaks } from './parsers/gitleaks.ts'
import { grype } from './parsers/grype.ts'
import { npmAudit } from './parsers/npm-audit.ts'
import { ociIndex } from './parsers/oci-index.ts'
import { sarif } from './parsers/sarif.ts'
import { trivy } from './parsers/trivy.ts'

/** Every report format that can be read. The order doesn't matter: recognition asks them all. */
export const PARSERS: readonly ReportParser[] = [trivy, grype, npmAudit, sarif, gitleaks, ociIndex]
