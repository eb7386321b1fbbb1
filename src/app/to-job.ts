import { effectKeys } from '#domain/effect-keys.ts';
import type { Effect } from '#domain/effect.ts';
import type { NewJob } from '#store/outbox.ts';

/** The outbox row of an effect of a change that has so many projects. */
export function toJob(changeId: string, effect: Effect, projects: number): NewJob {
  const { coalesce, exclusive, paceMs } = effectKeys(changeId, effect, projects);
  const { type, ...payload } = effect;
  return {
    effect: type,
    changeId,
    payload,
    ...(coalesce === undefined ? {} : { coalesceKey: coalesce }),
    ...(exclusive === undefined ? {} : { exclusiveKey: exclusive }),
    ...(paceMs === undefined ? {} : { paceMs }),
  };
}
