import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'

import { readConfig } from '../../src/config/config.ts'
import { createService, type Service, type ServiceOverrides } from '../../src/service.ts'
import { checkInputs } from './checked-inputs.ts'
import { Client } from './client.ts'

// Whatever any test asks: what its policies read is what the published schema says.
checkInputs()

/** A whole service on a free port with a data directory of its own; dispose of it to remove both. */
export interface RunningService extends AsyncDisposable {
  url: string
  service: Service
  adminToken: string
  admin: Client
  dataDir: string
}

/** @param env settings beyond host, port, data directory and admin token */
export async function startService(env: Record<string, string> = {}, overrides: ServiceOverrides = {}): Promise<RunningService> {
  const dataDir = mkdtempSync(join(tmpdir(), 'portcullis-test-'))
  const adminToken = randomBytes(32).toString('hex')
  const settings = { PORTCULLIS_PORT: '0', PORTCULLIS_DATA_DIR: dataDir, PORTCULLIS_ADMIN_TOKEN: adminToken, ...env }
  const config = readConfig(settings, () => {
    throw new Error('tests keep no secrets in files')
  })
  const service = await createService(config, { logger: pino({ level: 'silent' }), ...overrides })
  const { url } = await service.listen()
  return {
    url,
    service,
    adminToken,
    admin: new Client(url, adminToken),
    dataDir,
    [Symbol.asyncDispose]: async () => {
      await service[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
