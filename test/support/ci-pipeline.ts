import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'

import type { CiPage, Stored } from './ci-pages.ts'
import { AUTHOR, type CiRun } from './ci-runs.ts'
import { freshDigest, junit, lcov, trivy } from './reports.ts'
import { runShell, type ShellResult } from './shell.ts'

export interface PipelineOptions {
  /** Of what the scanner finds. */
  severities?: readonly string[]
  /** Its report lacks its end. */
  scanCutOff?: boolean
  deployFails?: boolean
}

/** One run of what a page says to paste, in directories of its own, with stubs for the tools that are the reader's. */
export class CiPipeline implements Disposable {
  /** Of the image that it builds. */
  readonly digest = freshDigest()
  readonly #root = mkdtempSync(join(tmpdir(), 'portcullis-ci-'))
  readonly #page: CiPage
  readonly #run: CiRun
  #workspace = join(this.#root, 'workspace')

  constructor(page: CiPage, run: CiRun, options: PipelineOptions = {}) {
    this.#page = page
    this.#run = run
    this.#writeTools(options)
  }

  [Symbol.dispose](): void {
    rmSync(this.#root, { recursive: true })
  }

  /** Runs job after job, shell after shell, until one fails. */
  async run(stored: Stored): Promise<ShellResult> {
    let [stdout, stderr] = ['', '']
    let artifacts: string[] = []
    for (const [at, job] of this.#page.jobs(stored).entries()) {
      this.#checkOut(`job-${at}`, artifacts)
      artifacts = job.artifacts ?? []
      for (const { script, env } of job.shells) {
        const environment = { PATH: `${this.#root}/bin:${process.env['PATH']}`, ...this.#run.variables, ...env }
        const result = await runShell(script, this.#workspace, this.#page.shell, environment)
        stdout += result.stdout
        stderr += result.stderr
        if (result.status !== 0) return { status: result.status, stdout, stderr }
      }
    }
    return { status: 0, stdout, stderr }
  }

  /** What the last job left in this file of its directory; empty if it did not. */
  left(file: string): string {
    const path = resolve(this.#workspace, file)
    return existsSync(path) ? readFileSync(path, 'utf8') : ''
  }

  /** A new directory for the next job, with the repository's files and what the job before handed over. */
  #checkOut(name: string, artifacts: readonly string[]): void {
    const before = this.#workspace
    this.#workspace = join(this.#root, name)
    mkdirSync(this.#workspace)
    cpSync(join(this.#root, 'deploy.sh'), join(this.#workspace, 'deploy.sh'))
    for (const path of artifacts.map((artifact) => artifact.replace(/(\/|\/\*\*)$/, ''))) {
      cpSync(join(before, path), join(this.#workspace, path), { recursive: true })
    }
  }

  #writeTools({ severities = [], scanCutOff = false, deployFails = false }: PipelineOptions): void {
    const { digest } = this
    const reports = {
      'junit.xml': junit({ passed: 3 }),
      'lcov.info': lcov(90),
      'trivy.json': trivy({ digest, severities }).slice(0, scanCutOff ? -1 : undefined),
    }
    for (const [name, text] of Object.entries(reports)) this.#write(`reports/${name}`, text)
    const stored = join(this.#root, 'reports')
    this.#tool('bin/make', `cp ${stored}/junit.xml ${stored}/lcov.info reports/`)
    this.#tool('bin/docker', `if test "$1" = inspect; then echo "\${4%:*}@${digest}"; fi`)
    this.#tool('bin/trivy', `case "$6" in *@${digest}) cp ${stored}/trivy.json "$5" ;; *) exit 1 ;; esac`)
    this.#tool('bin/git', `cat <<'AUTHOR'\n${AUTHOR}\nAUTHOR`)
    this.#tool('deploy.sh', `echo "$1" > deployed.txt; exit ${deployFails ? 1 : 0}`)
  }

  #tool(path: string, script: string): void {
    this.#write(path, `#!/bin/sh\n${script}\n`)
    chmodSync(join(this.#root, path), 0o755)
  }

  #write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#root, path)), { recursive: true })
    writeFileSync(join(this.#root, path), text)
  }
}
