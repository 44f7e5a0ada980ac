import { setPriority } from 'node:os'
import { parentPort, workerData } from 'node:worker_threads'

import { Candidate } from '../../decisions/backtest/candidate.ts'
import { tryDecisions } from '../../decisions/backtest/try-decisions.ts'
import { CalendarCache } from '../../governance/calendar/calendar-cache.ts'
import { createEvaluator } from '../../policy/engine/create-evaluator.ts'
import { RunnableVersions } from '../../policy/versions/runnable-versions.ts'
import { StoreCatalogue } from '../../policy/versions/store-catalogue.ts'
import { openReadOnly } from '../../storage/read-only.ts'
import { keptDocuments } from './kept-documents.ts'
import type { TrialAnswer, TrialSetup, TrialTask } from './protocol.ts'

if (!parentPort) throw new Error('this file is the body of a worker thread')
const port = parentPort
const { storage: place, engine, request, confinement } = workerData as TrialSetup
giveWay()
const storage = openReadOnly(place)
const evaluator = await createEvaluator({ packs: [], workers: 1, ...engine })
const catalogues = new StoreCatalogue(storage.policies)
const versions = new RunnableVersions({ store: storage.policies, engine: evaluator, shipped: [] })
const wanted = [{ name: request.pack, digest: request.version }]
const manifest = (await catalogues.current(wanted)).version(request.pack, request.version)
const [fault] = [...(await versions.hold('candidate', wanted)).values()]
if (!manifest || fault !== undefined) throw new Error(`version ${request.version} of ${request.pack} can't be run: ${fault}`)
const candidate = new Candidate(request, manifest, {
  ...storage,
  facts: keptDocuments(storage.facts),
  calendars: new CalendarCache(storage.calendars),
})

port.on('message', (task: TrialTask) => {
  answer(task).catch((error: unknown) => say({ no: task.no, failure: error instanceof Error ? error.message : String(error) }))
})
say({ ready: true })

async function answer({ no, positions }: TrialTask): Promise<void> {
  const stored = await storage.decisions.stored(positions, confinement)
  say({ no, trial: await tryDecisions(stored, { candidate, evaluator, catalogues, versions }) })
}

function say(message: TrialAnswer): void {
  port.postMessage(message)
}

/**
 * On Linux the priority is that of the thread, and of those that it starts: whatever a live decision needs comes first. Elsewhere it would be that
 * of the whole process.
 */
function giveWay(): void {
  if (process.platform === 'linux') setPriority(19)
}
