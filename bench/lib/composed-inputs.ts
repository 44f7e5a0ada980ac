import { pino } from 'pino'
import { readConfig } from '../../src/config/config.ts'
import { ROLES } from '../../src/core/principal.ts'
import type { Access } from '../../src/core/principal.ts'
import { createService } from '../../src/service.ts'
import type { ServiceSettings } from './service-process.ts'

const ASKER: Access = {
  principal: { id: 'bench', name: 'bench', kind: 'workload', disabled: false, groups: [], identities: [], createdBy: 'system' },
  credential: { kind: 'token', id: 'bench' },
  issuerIds: ['system'],
  person: null,
  identity: null,
  scopes: new Set(ROLES.pipeline),
  confinement: {},
  expiresAt: null,
}

/**
 * What our service gives to a pack for each subject: the same input is then sent to OPA. The service must not run on that data directory meanwhile.
 * @param binding whose pack's input
 */
export async function composedInputs(settings: ServiceSettings, binding: string, subjects: readonly string[]): Promise<unknown[]> {
  const config = readConfig({ ...settings, PORTCULLIS_PORT: '0' }, () => {
    throw new Error('the benchmark keeps no secrets in files')
  })
  await using service = await createService(config, { logger: pino({ level: 'silent' }) })
  const inputs: unknown[] = []
  for (const subject of subjects) {
    const composed = await service.gate.composeInput(ASKER, { subject, stage: 'build' })
    if (composed[binding] === undefined) throw new Error(`binding ${binding} did not apply`)
    inputs.push(composed[binding])
  }
  return inputs
}
