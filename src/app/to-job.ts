import { effectKeys } from '#domain/effect-keys.ts';
import type { Effect } from '#domain/effect.ts';
import type { NewJob } from '#store/outbox.ts';

/** The outbox row of an effect of a change of which so many projects are underway. */
export function toJob(changeId: string, effect: Effect, underway: number): NewJob {
  const { coalesce, exclusive, paceMs } = effectKeys(changeId, effect, underway);
  const { type, ...payload } = effect;
  return {
    effect: type,
    changeId,
    payload,
    ...(coalesce === undefined ? {} : { coalesceKey: coalesce }),
    ...(exclusive === undefined ? {} : { exclusiveKey: exclusive }),
    ...(paceMs === undefined ? {} : { paceMs }),
    ...(type === 'run-plan' ? { inTurn: true } : {}),
  };
}
