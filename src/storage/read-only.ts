import { join } from 'node:path'

import type { BaselineStore } from '../decisions/baselines/ports.ts'
import type { DecisionStore, FactsReader } from '../decisions/ports.ts'
import type { CalendarStore } from '../governance/calendar/ports.ts'
import type { WaiverStore } from '../governance/waivers/ports.ts'
import type { BindingStore } from '../policy/ports.ts'
import type { PolicyStore } from '../policy/versions/ports.ts'
import { openPostgresReadSession } from './postgres/read-session.ts'
import { baselineStore } from './readers/baseline-store.ts'
import { bindingStore } from './readers/binding-store.ts'
import { calendarStore } from './readers/calendar-store.ts'
import { decisionStore } from './readers/decision-store.ts'
import { factsReader } from './readers/facts-reader.ts'
import { policyStore } from './readers/policy-store.ts'
import { openSqliteReadSession } from './sqlite/read-session.ts'
import { waiverStore } from './readers/waiver-store.ts'
import type { WriterClient } from './writer/client.ts'

/** What a thread can read of the storage that another thread has opened. */
export interface ReadOnlyStorage extends AsyncDisposable {
  readonly facts: FactsReader
  readonly decisions: Pick<DecisionStore, 'stored'>
  readonly bindings: Pick<BindingStore, 'revised'>
  readonly baselines: Pick<BaselineStore, 'set'>
  readonly calendars: CalendarStore
  readonly waivers: Pick<WaiverStore, 'byIds' | 'inForce'>
  readonly policies: PolicyStore
}

/** Opens connections of its own; the storage has to be open. It doesn't tell what changed: only what never changes is read from it. */
export function openReadOnly({ dataDir, databaseUrl }: { dataDir: string; databaseUrl?: string | undefined }): ReadOnlyStorage {
  const session = databaseUrl === undefined ? openSqliteReadSession(join(dataDir, 'portcullis.db')) : openPostgresReadSession(databaseUrl)
  const revisions = { current: async () => 0 }
  return {
    facts: factsReader(session, revisions),
    decisions: decisionStore(session, NO_WRITER),
    bindings: bindingStore(session, NO_WRITER, revisions),
    baselines: baselineStore(session),
    calendars: calendarStore(session, revisions),
    waivers: waiverStore(session, NO_WRITER, revisions),
    policies: policyStore(session, NO_WRITER, revisions),
    [Symbol.asyncDispose]: () => session.close(),
  }
}

const NO_WRITER = {
  submit: () => Promise.reject(new Error('this storage is only read')),
} as unknown as WriterClient
