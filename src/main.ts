import { closeSync, fchmodSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

import { pino, type Logger } from 'pino'

import { readConfig, type Config } from './config/config.ts'
import { isAppError } from './core/app-error.ts'
import { createService } from './service.ts'

/** Starts the service from the environment and keeps it until a signal ends it. The only reader of `process.env` and of signals. */
async function main(): Promise<void> {
  const config = readConfig(process.env, (path) => readFileSync(path, 'utf8'))
  const logger = pino({ level: config.logLevel, base: { service: 'portcullis' } })
  await using service = await createService(config, { logger })
  const { url } = await service.listen()
  await service.makeAdminToken((token) => showToken(token, config, logger))
  logger.info({ url, verifierKey: service.verifierKey }, `listening on ${url}`)
  process.on('SIGHUP', () => service.reloadCertificate())
  const ended = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })
  logger.info({ signal: await ended }, 'stopping: finishing what was accepted')
}

/** The token that the first start made is shown once: on a terminal as text, else in a file that only its owner can read. */
function showToken(token: string, config: Config, logger: Logger): void {
  if (process.stdout.isTTY) {
    process.stdout.write(`\nAdmin token, shown this once:\n\n  ${token}\n\n`)
    return
  }
  // With PostgreSQL nothing else needs the directory.
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 })
  const path = join(config.dataDir, 'admin-token')
  const file = openSync(path, 'w', 0o600)
  fchmodSync(file, 0o600)
  writeSync(file, `${token}\n`)
  fsyncSync(file)
  closeSync(file)
  logger.info({ path }, `the admin token was made and written to ${path}`)
}

/** One line for what an operator can put right; a stack only for what is a fault of the program. */
function explain(error: unknown): string {
  if (isAppError(error)) return [error.message, error.remedy, `(${error.code})`].filter((part) => part !== undefined).join(' ')
  if (!(error instanceof Error)) return String(error)
  return 'syscall' in error ? error.message : (error.stack ?? error.message)
}

try {
  await main()
} catch (error) {
  process.stderr.write(`Portcullis can't start: ${explain(error)}\n`)
  process.exit(1)
}
