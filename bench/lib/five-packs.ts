import { COVERAGE, TESTS } from '../../scripts/demo/reports.ts'
import { oursAlone } from './alone.ts'
import { postReports, serviceContender } from './one-pack.ts'
import type { Load } from './one-pack.ts'
import { sampleReports } from './reports.ts'
import { callService, newSettings, startService } from './service-process.ts'

/** A production gate with all default packs and their evidence; without a target, and OPA has no counterpart to it. */
export async function benchFivePacks(dataDir: string, load: Load): Promise<string[][]> {
  const reports = sampleReports(10, 54)
  await using service = await startService(newSettings(dataDir))
  await postReports(service, reports)
  for (const { subject } of reports) {
    await callService(service, 'POST', `/v1/evidence?subject=${subject}`, COVERAGE)
    await callService(service, 'POST', `/v1/evidence?subject=${subject}`, TESTS)
  }
  return await oursAlone(serviceContender(service, reports, 'production'), load)
}
