import { generateKeyPairSync } from 'node:crypto'
import { startPostgres } from '../../test/support/postgres.ts'
import { oursAlone } from './alone.ts'
import { prepareOneBinding, serviceContender } from './one-pack.ts'
import type { Load } from './one-pack.ts'
import { sampleReports } from './reports.ts'
import { newSettings, startService } from './service-process.ts'

/** One binding, decisions committed to a PostgreSQL that shares this machine; without a target. */
export async function benchPostgres(dataDir: string, load: Load): Promise<string[][]> {
  const postgres = await startPostgres()
  if (postgres.server === undefined) return [[postgres.skip]]
  await using server = postgres.server
  const { privateKey } = generateKeyPairSync('ed25519')
  const settings = {
    ...newSettings(dataDir),
    PORTCULLIS_DATABASE_URL: await server.createDatabase(),
    PORTCULLIS_LOG_KEY: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  }
  const reports = sampleReports(10, 4)
  await prepareOneBinding(settings, reports)
  await using service = await startService(settings)
  return await oursAlone(serviceContender(service, reports, 'build'), load)
}
