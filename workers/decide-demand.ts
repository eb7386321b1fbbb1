import type { ProjectSources } from '#app/ports/tiers.ts';
import type { Change } from '#domain/change.ts';
import { isBuiltIn, noveltyOf, providerName } from '#domain/composition.ts';
import type { Demand } from '#domain/demand.ts';
import { Fault } from '#domain/fault.ts';
import type { PlanCounts } from '#domain/plan-ref.ts';
import type { RedactedPlan } from '#domain/plan/redact.ts';
import type { Configured } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import { whoAsks, whoContributed } from './contributors.ts';
import type { WhoIsWho } from './who-is-who.ts';

/** A plan and the project it is of. */
export interface DecidedPlan {
  project: { key: string; dir: string; workspace: string };
  plan: RedactedPlan;
  counts: PlanCounts;
}

/**
 * What a plan demands by the rules and the people of now. What a project is made of is compared with the target branch as
 * it was when the revision was made: once the change is merged, nothing of it would be new.
 */
export async function decideDemand(
  { ledger, rootModules, source, tiers }: Pick<WorkerContext, 'ledger' | 'rootModules' | 'source' | 'tiers'>,
  change: Change,
  configured: Configured,
  { project: { key, dir, workspace }, plan, counts }: DecidedPlan,
  who: WhoIsWho,
): Promise<Demand> {
  const { repository } = change.mergeRequest;
  const { labels, tier } = configured.project.settings;
  return tiers.decide(
    {
      tier,
      plan,
      counts,
      project: { key, dir, workspace, repository, labels },
      requester: whoAsks(change, who),
      contributors: whoContributed(change, who),
      sources: () => sourcesOf({ rootModules, source }, change, dir, plan),
      at: await ledger.now(),
    },
    configured.catalogue.tierRules,
  );
}

/** Providers of modules from elsewhere stand in no source; those with resources are told by the plan. */
async function sourcesOf(
  { rootModules, source }: Pick<WorkerContext, 'rootModules' | 'source'>,
  { mergeRequest: { repository }, revision }: Change,
  dir: string,
  plan: RedactedPlan,
): Promise<ProjectSources> {
  if (revision === undefined) throw new Fault('no-revision', 'there is no revision', { retryable: false });
  const { headSha, targetSha } = revision;
  await source.fetch(repository, [headSha, targetSha]);
  const [head, target] = await Promise.all(
    [headSha, targetSha].map(async (sha) => {
      const roots = await rootModules.listRoots(repository, sha);
      return roots.find((root) => root.dir === dir)?.composition;
    }),
  );
  const planned = plan.resources
    .map(({ provider }) => providerName(provider))
    .filter((each) => !isBuiltIn(each));
  const modules = head?.modules ?? [];
  const providers = [...new Set([...(head?.providers ?? []), ...planned])].toSorted();
  return { modules, providers, added: noveltyOf({ modules, providers }, target) };
}
