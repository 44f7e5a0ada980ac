import { Counter, Gauge, type Registry } from 'prom-client'

import type { RemainingDebt, Telemetry } from '../core/telemetry.ts'

/** Names of stages and environments come from callers: beyond this many they are counted together. */
const MOST_PLACES = 50
/** Administrators name bindings and projects, but there may be many. */
const MOST_BINDINGS = 200
const MOST_PROJECTS = 200

/** What the subjects of the service's work went through. Whatever belongs to a project has it as a label. */
export interface SubjectMetrics {
  telemetry: Pick<Telemetry, 'decided' | 'deployed' | 'brokeGlass'>
  /** Shows what remains of baselines. @param read asked whenever metrics are read; while it fails, the numbers stay */
  observeBaselines(read: () => Promise<readonly RemainingDebt[]>): void
  /** Shows the owners of the projects that other metrics name. @param read as above */
  observeOwners(read: () => Promise<ReadonlyMap<string, readonly string[]>>): void
}

export function subjectMetrics(registry: Registry): SubjectMetrics {
  // One set for all of them, so that a project has the same label everywhere.
  const projects = new Set<string>()
  const projectLabel = (project: string | null): { project?: string } =>
    project === null ? {} : { project: boundedLabel(projects, project, MOST_PROJECTS) }
  return {
    telemetry: {
      decided: countDecisions(registry, projectLabel),
      deployed: countDeployments(registry, projectLabel),
      brokeGlass: countBrokenGlass(registry, projectLabel),
    },
    observeBaselines: (read) => observeBaselines(registry, projectLabel, read),
    observeOwners: (read) => observeOwners(registry, projects, read),
  }
}

type ProjectLabel = (project: string | null) => { project?: string }

function countDecisions(registry: Registry, projectLabel: ProjectLabel): Telemetry['decided'] {
  const decisions = new Counter({
    name: 'portcullis_decisions_total',
    help: 'Verdicts reached, by verdict, stage and project.',
    labelNames: ['verdict', 'stage', 'dry_run', 'project'],
    registers: [registry],
  })
  const stages = new Set<string>()
  return (verdict, stage, dryRun, project) =>
    decisions.inc({ verdict, stage: boundedLabel(stages, stage, MOST_PLACES), dry_run: String(dryRun), ...projectLabel(project) })
}

function countDeployments(registry: Registry, projectLabel: ProjectLabel): Telemetry['deployed'] {
  const deployments = new Counter({
    name: 'portcullis_deployments_total',
    help: 'Deployments that started and that ended, by environment, whether an enforced allow grounds them, outcome and project.',
    labelNames: ['environment', 'grounded', 'outcome', 'project'],
    registers: [registry],
  })
  const bypasses = new Counter({
    name: 'portcullis_deployment_bypasses_total',
    help: 'Deployments that started without any allow, by environment and project.',
    labelNames: ['environment', 'project'],
    registers: [registry],
  })
  const environments = new Set<string>()
  return ({ environment: name, grounded, bypass, state, project }) => {
    const environment = boundedLabel(environments, name, MOST_PLACES)
    deployments.inc({ environment, grounded: String(grounded), outcome: state, ...projectLabel(project) })
    if (bypass && state === 'started') bypasses.inc({ environment, ...projectLabel(project) })
  }
}

function countBrokenGlass(registry: Registry, projectLabel: ProjectLabel): Telemetry['brokeGlass'] {
  const broken = new Counter({
    name: 'portcullis_break_glass_total',
    help: 'Recorded allows against what policies say, by environment and project.',
    labelNames: ['environment', 'project'],
    registers: [registry],
  })
  const environments = new Set<string>()
  return (environment, project) =>
    broken.inc({ environment: boundedLabel(environments, environment, MOST_PLACES), ...projectLabel(project) })
}

function observeBaselines(registry: Registry, projectLabel: ProjectLabel, read: () => Promise<readonly RemainingDebt[]>): void {
  const gauge = new Gauge({
    name: 'portcullis_baseline_findings',
    help: 'Old debt that is left to be paid, by binding and project: findings, failing tests, or percentage points that are not covered.',
    labelNames: ['binding', 'project'],
    registers: [registry],
    collect: async () => {
      const remaining = await read().catch(() => undefined)
      if (!remaining) return
      gauge.reset()
      const bindings = new Set<string>()
      for (const { binding, project, count } of remaining) {
        gauge.inc({ binding: boundedLabel(bindings, binding, MOST_BINDINGS), ...projectLabel(project) }, count)
      }
    },
  })
}

/** A series for each pair: other metrics are joined with it over `project`, since a project may have several teams. */
function observeOwners(
  registry: Registry,
  projects: ReadonlySet<string>,
  read: () => Promise<ReadonlyMap<string, readonly string[]>>,
): void {
  const gauge = new Gauge({
    name: 'portcullis_project_owner',
    help: 'Always 1: the team answers for the project. Join other metrics with it over project to see those of a team.',
    labelNames: ['project', 'team'],
    registers: [registry],
    collect: async () => {
      const owners = await read().catch(() => undefined)
      if (!owners) return
      gauge.reset()
      for (const project of projects) for (const team of owners.get(project) ?? []) gauge.set({ project, team }, 1)
    },
  })
}

function boundedLabel(known: Set<string>, name: string, most: number): string {
  if (known.has(name)) return name
  if (known.size >= most) return 'other'
  known.add(name)
  return name
}
