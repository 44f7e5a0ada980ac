import { readFileSync } from 'node:fs'

import { parse } from 'yaml'

import { codeBlocks } from './shell.ts'

/** Shell that a CI runs in one go, with what its page puts into the environment. */
export interface CiShell {
  script: string
  env: Record<string, string>
}

/** Shells that share a directory, in order; the next job finds only the `artifacts` of this one, or all if none are named. */
export interface CiJob {
  shells: CiShell[]
  artifacts?: string[]
}

/** What the administrator of a CI has stored in it: settings and secrets by name. */
export type Stored = Readonly<Record<string, string>>

/** How a CI reads the file that its page says to paste. */
export interface CiPage {
  page: string
  /** How it starts the shell: those with `-e` stop at the first command that fails. */
  shell: readonly [string, ...string[]]
  /** The jobs in their order. */
  jobs: (stored: Stored) => CiJob[]
  /** Every script of the file, as written. */
  scripts: () => string[]
  /** The file that it shows as the result, failed or not. */
  shown: (stdout: string) => string
}

interface Step {
  name?: string
  run?: string
  script?: string
  env?: Record<string, string>
}

const sh = ['sh'] as const
const shE = ['sh', '-e'] as const

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsrun */
const githubActions: CiPage = {
  page: 'github-actions',
  shell: shE,
  jobs: (stored) => [
    { shells: githubSteps().map(({ run = '', env }) => ({ script: run, env: expand(env, /^\$\{\{ \w+\.(\w+) \}\}$/, stored) })) },
  ],
  scripts: () => githubSteps().map(({ run = '' }) => run),
  shown: () => 'step_summary.md',
}

function githubSteps(): Step[] {
  const { jobs } = yamlOf<{ jobs: Record<string, { steps: Step[] }> }>('github-actions')
  return Object.values(jobs).flatMap(({ steps }) => steps.filter(({ run }) => run !== undefined))
}

/** All commands of a job run in one shell; variables of the project are in its environment. */
const gitlabCi: CiPage = {
  page: 'gitlab-ci',
  shell: shE,
  jobs: (stored) =>
    gitlabJobs().map(({ script, artifacts }) => ({
      shells: [{ script: script.join('\n'), env: { ...stored } }],
      artifacts: artifacts?.paths ?? [],
    })),
  scripts: () => gitlabJobs().flatMap(({ script }) => script),
  shown: () => gitlabJobs().find(({ artifacts }) => artifacts?.when === 'always')?.artifacts?.reports?.junit ?? 'none',
}

interface GitlabJob {
  stage: string
  script: string[]
  artifacts?: { when?: string; paths?: string[]; reports?: { junit: string } }
}

function gitlabJobs(): GitlabJob[] {
  const { stages, ...jobs } = yamlOf<{ stages: string[] } & Record<string, unknown>>('gitlab-ci')
  return stages.flatMap((stage) => (Object.values(jobs) as GitlabJob[]).filter((job) => job.stage === stage))
}

/** A script doesn't stop by itself; variables are in its environment unless they are secret. */
const azurePipelines: CiPage = {
  page: 'azure-pipelines',
  shell: sh,
  jobs: ({ PORTCULLIS_TOKEN = '', ...stored }) => [
    {
      shells: azureSteps().map(({ script = '', env }) => ({
        script,
        env: { ...stored, ...expand(env, /^\$\((\w+)\)$/, { ...stored, PORTCULLIS_TOKEN }) },
      })),
    },
  ],
  scripts: () => azureSteps().map(({ script = '' }) => script),
  shown: (stdout) => /^##vso\[task\.uploadsummary\](\/.*)$/m.exec(stdout)?.[1] ?? 'none',
}

function azureSteps(): Step[] {
  return yamlOf<{ steps: Step[] }>('azure-pipelines').steps
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html: version 0.2 runs all commands in one shell. */
const codebuild: CiPage = {
  page: 'codebuild',
  shell: sh,
  jobs: ({ PORTCULLIS_TOKEN = '', ...stored }) => {
    const { env, phases } = buildspec()
    const secrets = expand(env['secrets-manager'], /^(portcullis:token)$/, { 'portcullis:token': PORTCULLIS_TOKEN })
    return [{ shells: [{ script: phases.build.commands.join('\n'), env: { ...stored, ...secrets } }] }]
  },
  scripts: () => buildspec().phases.build.commands,
  shown: () => buildspec().reports.portcullis.files[0] ?? 'none',
}

interface Buildspec {
  env: Record<'secrets-manager', Record<string, string>>
  phases: { build: { commands: string[] } }
  reports: { portcullis: { files: string[] } }
}

function buildspec(): Buildspec {
  return yamlOf('codebuild')
}

/** Each `sh` is a shell of its own, begun by the script's first line; credentials are bound by the stage that names them. */
const jenkins: CiPage = {
  page: 'jenkins',
  shell: sh,
  jobs: ({ PORTCULLIS_TOKEN = '', ...stored }) => [
    {
      shells: jenkinsfile()
        .split(/^ {4}stage\(/m)
        .slice(1)
        .flatMap((stage) => {
          const [, declared = ''] = /environment \{([^}]*)\}/.exec(stage) ?? []
          const literals = [...declared.matchAll(/(\w+) = '([^']*)'/g)].map(([, name = '', value = '']) => [name, value])
          const secrets = [...declared.matchAll(/(\w+) = credentials\('portcullis-token'\)/g)].map(([, name = '']) => [
            name,
            PORTCULLIS_TOKEN,
          ])
          const env = { ...stored, ...(Object.fromEntries([...literals, ...secrets]) as Record<string, string>) }
          return groovyScripts(stage).map((script) => ({ script, env }))
        }),
    },
  ],
  scripts: () => groovyScripts(jenkinsfile()),
  shown: () => /always \{ junit '([^']+)' \}/.exec(jenkinsfile())?.[1] ?? 'none',
}

function jenkinsfile(): string {
  return onlyBlock('jenkins', 'groovy')
}

/** What Groovy makes of `'''…'''`: a backslash ends its line or stands before another one. */
function groovyScripts(source: string): string[] {
  return [...source.matchAll(/sh '''([^]*?)'''/g)].map(([, literal = '']) =>
    literal.replaceAll(/\\([^])/g, (escape: string, escaped: string) => {
      if (escaped === '\n') return ''
      if (escaped === '\\') return '\\'
      throw new Error(`${escape} would not reach the shell as it is written`)
    }),
  )
}

/** All commands of a step run in one shell; variables of the repository are in its environment. */
const bitbucketPipelines: CiPage = {
  page: 'bitbucket-pipelines',
  shell: shE,
  jobs: (stored) =>
    bitbucketSteps().map(({ script, artifacts = [] }) => ({ shells: [{ script: script.join('\n'), env: { ...stored } }], artifacts })),
  scripts: () => bitbucketSteps().flatMap(({ script }) => script),
  shown: () => 'test-results/portcullis.xml',
}

function bitbucketSteps(): { script: string[]; artifacts?: string[] }[] {
  const { pipelines } = yamlOf<{ pipelines: { branches: { main: { step: { script: string[]; artifacts?: string[] } }[] } } }>(
    'bitbucket-pipelines',
  )
  return pipelines.branches.main.map(({ step }) => step)
}

/** Every CI that has a page under docs/ci. */
export const CI_PAGES: readonly CiPage[] = [githubActions, gitlabCi, azurePipelines, codebuild, jenkins, bitbucketPipelines]

function yamlOf<Shape>(page: string): Shape {
  return parse(onlyBlock(page, 'yaml')) as Shape
}

function onlyBlock(page: string, language: string): string {
  const [block, ...others] = codeBlocks(readFileSync(`docs/ci/${page}.md`, 'utf8'), language)
  if (block === undefined || others.length > 0) throw new Error(`docs/ci/${page}.md should have one block of ${language}`)
  return block
}

/** Values of the form that the CI replaces, replaced by what is stored under that name. */
function expand(env: Readonly<Record<string, string>> = {}, form: RegExp, stored: Stored): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => {
      const [, key = ''] = form.exec(value) ?? []
      const replaced = stored[key]
      if (replaced === undefined) throw new Error(`${name}: ${value} names nothing that is stored`)
      return [name, replaced]
    }),
  )
}
