import { openSync, readFileSync, writeSync, fsyncSync, closeSync } from 'node:fs'
import { join } from 'node:path'

import { pino, type Logger } from 'pino'

import { readConfig, type Config } from './config/config.ts'
import { isAppError } from './core/app-error.ts'
import { createService, type Service } from './service.ts'

/** Starts the service from the environment and keeps it until a signal ends it. The only reader of `process.env` and of signals. */
async function main(): Promise<void> {
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const logger = pino({ level: config.logLevel, base: { service: 'portcullis' } })
  const service = await createService(config, { logger })
  showMadeToken(service, config, logger)
  const { url } = await service.listen()
  logger.info({ url, verifierKey: service.verifierKey }, `listening on ${url}`)
  process.on('SIGHUP', () => service.reloadCertificate())
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  logger.info({ signal: await ended }, 'stopping: finishing what was accepted')
  await service[Symbol.asyncDispose]()
}

/** The token that the first start made is shown once: on a terminal as text, else in a file that only its owner can read. */
function showMadeToken({ madeToken }: Service, config: Config, logger: Logger): void {
  if (madeToken === undefined) return
  if (process.stdout.isTTY) {
    process.stdout.write(`\nAdmin token, shown this once:\n\n  ${madeToken}\n\n`)
    return
  }
  const path = join(config.dataDir, 'admin-token')
  const file = openSync(path, 'w', 0o600)
  writeSync(file, `${madeToken}\n`)
  fsyncSync(file)
  closeSync(file)
  logger.info({ path }, `the admin token was made and written to ${path}`)
}

function explain(error: unknown): string {
  if (!isAppError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error)
  return [error.message, error.remedy, `(${error.code})`].filter((part) => part !== undefined).join(' ')
}

try {
  await main()
} catch (error) {
  process.stderr.write(`Portcullis can't start: ${explain(error)}\n`)
  process.exit(1)
}
