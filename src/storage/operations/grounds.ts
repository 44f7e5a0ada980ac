import type { DecisionGround } from '../../decisions/decision.ts'
import { groundRevoked } from '../../decisions/errors.ts'
import { baselineId, readBaseline } from '../../policy/baseline.ts'
import type { Binding } from '../../policy/model.ts'
import type { WriteBatch } from '../writer/write-batch.ts'

/**
 * Voids every allow that rests on something that is taken back, unless it has ended by itself, and lets none be recorded any more that was
 * judged before. To be called in the transaction in which it is taken back.
 * @param at RFC 3339
 */
export async function voidDecisionsRestingOn(batch: WriteBatch, kind: DecisionGround['kind'], id: string, at: string): Promise<void> {
  await batch.flush()
  await batch.engine.run('insert into revoked_grounds (kind, ground, at) values (?, ?, ?) on conflict do nothing', [kind, id, at])
  await batch.engine.run(
    `insert into decision_voids (log_index, at)
      select g.log_index, ? from decision_grounds g join decisions d on d.log_index = g.log_index
      where g.kind = ? and g.ground = ? and d.expires_at > ?
      on conflict do nothing`,
    [at, kind, id, at],
  )
}

/** Writers take turns, so nothing is taken back between this and the commit. @throws {AppError} `ground_revoked` */
export async function requireGrounds({ engine }: WriteBatch, grounds: readonly DecisionGround[]): Promise<void> {
  for (const ground of grounds) {
    const revoked = await engine.get('select at from revoked_grounds where kind = ? and ground = ?', [ground.kind, ground.id])
    if (revoked) throw groundRevoked(ground)
  }
}

/**
 * A binding that is replaced or removed takes its baseline back, unless the next one has the same for as long at least. It may be given the
 * same again later.
 * @param at RFC 3339
 */
export async function moveBaselineGround(
  batch: WriteBatch,
  binding: string,
  next: Pick<Binding, 'parameters'> | undefined,
  at: string,
): Promise<void> {
  const row = await batch.engine.get('select record from bindings where name = ?', [binding])
  const [before, after] = [row && baselineOf(binding, JSON.parse(String(row['record'])) as Binding), next && baselineOf(binding, next)]
  const endsLater = before && before.id === after?.id && after.expiresAt >= before.expiresAt
  if (before && !endsLater) await voidDecisionsRestingOn(batch, 'baseline', before.id, at)
  if (after) await batch.engine.run(`delete from revoked_grounds where kind = 'baseline' and ground = ?`, [after.id])
}

function baselineOf(binding: string, { parameters }: Pick<Binding, 'parameters'>): { id: string; expiresAt: number } | undefined {
  const rule = readBaseline(parameters)
  return rule ? { id: baselineId(binding, rule.origin), expiresAt: rule.expiresAt } : undefined
}
