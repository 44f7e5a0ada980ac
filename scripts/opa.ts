/**
 * `npm run opa`: puts the pinned OPA CLI in place, which compiles the policies: those of this repository, and those that are uploaded.
 *
 * Looks at PORTCULLIS_OPA, then `.tools/opa`, then PATH; if none has the pinned version, builds it with Go into a versioned cache outside
 * the checkout and links it from `.tools/opa`.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'

import { candidates, OPA_VERSION, opaPlaces, versionIn } from '../src/policy/authoring/opa/find-opa.ts'

const ROOT = resolve(import.meta.dirname, '..')
const EXE = process.platform === 'win32' ? 'opa.exe' : 'opa'
const LINK = join(ROOT, '.tools', EXE)

/** Where the pinned CLI is, or why it isn't. */
export type FoundOpa = { path: string } | { path?: undefined; problem: string }

/**
 * Finds the pinned CLI without installing anything.
 * A PORTCULLIS_OPA that doesn't fit is a problem, not a reason to look further: whoever set it meant it.
 */
export function findOpa(env: NodeJS.ProcessEnv = process.env): FoundOpa {
  const named = env['PORTCULLIS_OPA']
  if (named !== undefined && named !== '') {
    const version = versionOf(named)
    if (version === OPA_VERSION) return { path: named }
    return { problem: `PORTCULLIS_OPA names ${named}, which is ${version ?? 'no OPA'}, not ${OPA_VERSION}` }
  }
  const files = candidates(opaPlaces(undefined, env['PATH'], join(ROOT, '.tools')))
  const path = files.find((candidate) => existsSync(candidate) && versionOf(candidate) === OPA_VERSION)
  return path === undefined ? { problem: `the OPA CLI ${OPA_VERSION} is not in place` } : { path }
}

/**
 * Finds the pinned CLI or builds it: `go install` into `$XDG_CACHE_HOME/portcullis/tools/opa-VERSION` (or `~/.cache/…`).
 * @returns its path
 * @throws {Error} with a sentence that says what to do
 */
export function installOpa(env: NodeJS.ProcessEnv = process.env): string {
  const found = findOpa(env)
  if (found.path !== undefined) return found.path
  if (env['PORTCULLIS_OPA']) throw new Error(`${found.problem}. Unset it, or point it at OPA ${OPA_VERSION}.`)
  const binary = join(cacheFolder(env), EXE)
  if (versionOf(binary) !== OPA_VERSION) build(binary, env)
  link(binary)
  return LINK
}

function cacheFolder(env: NodeJS.ProcessEnv): string {
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'portcullis', 'tools', `opa-${OPA_VERSION}`)
}

/** Builds beside the target and renames, so that an interrupted build leaves nothing that looks finished. */
function build(binary: string, env: NodeJS.ProcessEnv): void {
  const staging = `${binary}.${process.pid}.building`
  mkdirSync(staging, { recursive: true })
  console.error(`Building OPA ${OPA_VERSION} with Go; this takes a minute or two.`)
  const go = spawnSync('go', ['install', '-trimpath', `github.com/open-policy-agent/opa@v${OPA_VERSION}`], {
    env: { ...env, CGO_ENABLED: '0', GOBIN: staging, GOFLAGS: '-mod=mod' },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  try {
    if (go.status !== 0) throw new Error(`${go.error ? 'Go is not on this machine' : 'go install failed'}: ${byHand()}`)
    renameSync(join(staging, EXE), binary)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
  if (versionOf(binary) !== OPA_VERSION) throw new Error(`What Go built does not say that it is OPA ${OPA_VERSION}: ${byHand()}`)
}

function byHand(): string {
  return `get the official OPA ${OPA_VERSION} binary for this machine and set PORTCULLIS_OPA to its path, or put it on PATH.`
}

function link(binary: string): void {
  mkdirSync(join(ROOT, '.tools'), { recursive: true })
  rmSync(LINK, { force: true })
  symlinkSync(binary, LINK)
}

/** What `opa version` says, or undefined if this isn't an OPA that runs here. */
function versionOf(path: string): string | undefined {
  const { stdout, status } = spawnSync(path, ['version'], { encoding: 'utf8', timeout: 20_000 })
  return status === 0 ? versionIn(stdout) : undefined
}

if (import.meta.main) {
  try {
    console.log(`OPA ${OPA_VERSION}: ${installOpa()}`)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
