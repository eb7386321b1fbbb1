import type { CataloguedProject } from '#app/ports/project-catalogue.ts';
import type { StateBinding } from '#app/ports/terraform.ts';
import type { Change } from '#domain/change.ts';
import type { Planned } from '#domain/gates/may-be-asked.ts';
import { checkRef } from '#domain/checks.ts';
import type { Demand } from '#domain/demand.ts';
import { Fault } from '#domain/fault.ts';
import { inputsIdOf } from '#domain/inputs.ts';
import { liesIn } from '#domain/path-match.ts';
import type { Observed, ProjectEvidence } from '#domain/gates/evidence.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { RedactedPlan } from '#domain/plan/redact.ts';
import { type Live, seen } from './configured-project.ts';
import type { WorkerContext } from './context.ts';
import type { WhoIsWho } from './who-is-who.ts';
import { whoContributed } from './contributors.ts';
import { decideDemand } from './decide-demand.ts';
import { observe } from './observe.ts';
import { folderKeyOf } from './plan-request.ts';
import { readCalendar } from './read-calendar.ts';

/** What is particular to one project: its bundle and state, its inputs against the target branch, its checks, its hold. */
export async function projectEvidence(
  context: WorkerContext,
  change: Change,
  project: Planned,
  live: Live,
  who: WhoIsWho,
): Promise<ProjectEvidence> {
  const { ledger, terraform } = context;
  const { repository } = change.mergeRequest;
  const configured = await observe(async () => configuredNow(live, project));
  const planned = await observe(() => storedPlan(context, project));
  const [target, stored, hold, checks, demand, terraformVersion, calendar] = await Promise.all([
    compareWithTarget(context, change, project, live),
    observeBundle(context, change, project),
    observe(() => ledger.hold(repository, project.key)),
    observe(() => checkAgain(context, change, project, live, configured, planned)),
    observe(() => decideAgain(context, change, project, live, who, configured, planned)),
    observe(() => terraform.version(seen(configured).settings.binary)),
    observe(async () => readCalendar(context, seen(live.catalogue), project, await ledger.now())),
  ]);
  return {
    ...target,
    ...stored,
    hold,
    checks,
    demand,
    terraformVersion,
    calendar,
    configurationHash: configured.seen ? { seen: true, value: configured.value.settingsHash } : configured,
  };
}

/** What the target branch says of the project now. */
function configuredNow({ catalogue }: Live, { key }: Planned): CataloguedProject {
  const found = seen(catalogue).projects.find(({ target }) => target.key === key);
  if (found !== undefined) return found;
  throw new Fault('not-configured', `${key} is configured on the target branch no more`, {
    retryable: false,
  });
}

/**
 * Did the target branch change an input since the merge base or, once merged, does it hold another one? And is the project
 * still made of what was planned?
 */
async function compareWithTarget(
  { source }: WorkerContext,
  { merge, mergeRequest: { repository }, revision }: Change,
  { inputPaths }: Planned,
  live: Live,
): Promise<Pick<ProjectEvidence, 'divergence' | 'inputsId'>> {
  if (revision === undefined) throw new Error('a project is gated without a revision');
  const { headSha } = revision;
  const divergence = await observe(async () => {
    const { headSha: targetSha } = seen(live.target);
    await source.fetch(repository, [headSha, targetSha]);
    if (merge.status === 'merged') {
      const [planned, present] = await Promise.all([
        source.pathIds(repository, headSha, inputPaths),
        source.pathIds(repository, targetSha, inputPaths),
      ]);
      return { changedInputs: inputPaths.filter((_, i) => planned[i]?.id !== present[i]?.id) };
    }
    const base = await source.mergeBase(repository, headSha, targetSha);
    if (base === undefined)
      throw new Fault('no-merge-base', 'the branches have no commit in common', { retryable: false });
    const changed = await source.changedPaths(repository, base, targetSha);
    return { changedInputs: changed.filter((path) => inputPaths.some((input) => liesIn(path, input))) };
  });
  const inputsId = await observe(async () => {
    return inputsIdOf(await source.pathIds(repository, headSha, inputPaths));
  });
  return { divergence, inputsId };
}

/** The stored bundle, decrypted and hashed again, and the live state asked from its place. */
async function observeBundle(
  context: WorkerContext,
  change: Change,
  project: Planned,
): Promise<Pick<ProjectEvidence, 'bundle' | 'state'>> {
  const { planStore } = context;
  const { planRunId, digest, bundleHash } = project.plan;
  const bundle = await observe(() => planStore.get(planRunId, digest, bundleHash).catch(lostBundle));
  if (!bundle.seen) return { bundle, state: { seen: false, why: 'the plan bundle could not be read' } };
  if (!Buffer.isBuffer(bundle.value))
    return {
      bundle: { seen: true, value: { hash: bundle.value } },
      state: { seen: false, why: 'its place is told by the plan bundle, which is not the one that was made' },
    };
  return {
    bundle: { seen: true, value: { hash: bundleHash } },
    state: await observeState(context, change, project, bundle.value),
  };
}

/** A bundle that is gone or is another one is an answer, and no later look gives a better one. */
function lostBundle(error: unknown): string {
  if (error instanceof Fault && error.code === 'bundle-missing') return 'gone';
  if (error instanceof Fault && error.code === 'bundle-swapped') return 'altered or exchanged since';
  throw error;
}

/** Of what an attempt is ready to apply its supervisor has read the state, and has the only folder in which one could. */
function stateTold({ projects }: Change, key: string): StateBinding | undefined {
  const project = projects.find((each) => each.key === key);
  return project?.status === 'applying' ? project.renewing?.state : undefined;
}

async function observeState(
  { settings, terraform }: WorkerContext,
  change: Change,
  project: Planned,
  bundle: Buffer,
): Promise<Observed<StateBinding>> {
  const told = stateTold(change, project.key);
  if (told !== undefined) return { seen: true, value: told };
  return observe(async () => {
    return terraform.readState({
      folderKey: folderKeyOf(change, project),
      dir: project.dir,
      workspace: project.workspace,
      bundle,
      // Where the state is, the merge request's own code says, and nobody may have approved that yet.
      credentials: await settings.credentials(change.mergeRequest.repository, project.dir, 'plan'),
      limits: settings.limits('state'),
    });
  });
}

async function storedPlan({ ledger }: WorkerContext, { plan }: Planned): Promise<RedactedPlan> {
  const [run] = await ledger.planFiles([plan.planRunId]);
  if (run?.planJson === undefined)
    throw new Fault('no-plan', 'the redacted plan is not stored', { retryable: false });
  return JSON.parse(run.planJson) as RedactedPlan;
}

async function checkAgain(
  { checks }: WorkerContext,
  change: Change,
  { key, dir, workspace }: Planned,
  live: Live,
  configured: Observed<CataloguedProject>,
  planned: Observed<RedactedPlan>,
) {
  const { repository } = change.mergeRequest;
  const { labels } = seen(configured).settings;
  const reports = await checks.evaluate(
    { plan: seen(planned), project: { key, dir, workspace, repository, labels } },
    seen(live.catalogue).rules,
  );
  return reports.map(checkRef) satisfies PlanRef['checks'];
}

/** A tier that only seems graver because a part of the directory, or GitLab about pushes, is silent is not known yet. */
async function decideAgain(
  context: WorkerContext,
  change: Change,
  project: Planned,
  live: Live,
  who: WhoIsWho,
  configured: Observed<CataloguedProject>,
  planned: Observed<RedactedPlan>,
): Promise<Demand> {
  const now = { project: seen(configured), catalogue: seen(live.catalogue) };
  const { counts, demand } = project.plan;
  const decision = { project, plan: seen(planned), counts };
  const decided = await decideDemand(context, change, now, decision, who);
  const contributors = whoContributed(change, who);
  if (decided.rank > demand.rank && !contributors.seen)
    throw new Fault('not-seen', contributors.why, { retryable: true });
  return decided;
}
