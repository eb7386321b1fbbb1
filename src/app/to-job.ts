import { effectKeys, type Progress } from '#domain/effect-keys.ts';
import type { Effect } from '#domain/effect.ts';
import type { NewJob } from '#store/outbox.ts';

/** The outbox row of an effect of a change whose projects have come so far, of which so many may be planned at once. */
export function toJob(changeId: string, effect: Effect, progress: Progress, parallelism?: number): NewJob {
  const { coalesce, exclusive, paceMs } = effectKeys(changeId, effect, progress);
  const { type, ...payload } = effect;
  return {
    effect: type,
    changeId,
    payload,
    ...(coalesce === undefined ? {} : { coalesceKey: coalesce }),
    ...(exclusive === undefined ? {} : { exclusiveKey: exclusive }),
    ...(paceMs === undefined ? {} : { paceMs }),
    ...(type === 'wake-change' ? { dueAt: effect.at } : {}),
    ...(type === 'run-plan' || type === 'run-apply' ? { inTurn: true } : {}),
    ...(type === 'run-plan' && parallelism !== undefined ? { mostAtOnce: parallelism } : {}),
  };
}
