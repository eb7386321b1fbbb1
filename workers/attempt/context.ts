import type { Ledger } from '#app/ledger.ts';
import type { PlanStore } from '#app/ports/plan-store.ts';
import type { ApplyRequest, Terraform } from '#app/ports/terraform.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import type { Log } from '#telemetry/log.ts';
import type { WorkerSettings } from '../context.ts';
import { folderKeyOf } from '../plan-request.ts';

/** What a supervisor needs: no code host, no ticket system, none of their tokens. */
export interface AttemptContext {
  ledger: Ledger;
  planStore: PlanStore;
  terraform: Terraform;
  settings: Pick<WorkerSettings, 'credentials' | 'limits'>;
  sealState(attemptId: string, state: Buffer): Buffer;
  spoolDir: string;
  log: Log;
}

/** The attempt in hand: a project that is applying, or of which nobody knows whether it still is. */
export interface AttemptSubject {
  attemptId: string;
  changeId: string;
  change: Change;
  project: Project & { plan: PlanRef };
}

/** The project an attempt belongs to, as the change stands now; undefined when the attempt is over. */
export async function subjectOf(
  context: AttemptContext,
  attemptId: string,
): Promise<AttemptSubject | undefined> {
  const attempt = await context.ledger.attempt(attemptId);
  const change = attempt === undefined ? undefined : await context.ledger.change(attempt.changeId);
  const project = change?.projects.find((each) => 'attemptId' in each && each.attemptId === attemptId);
  if (change === undefined || project === undefined) return undefined;
  if (project.status !== 'applying' && project.status !== 'apply-interrupted') return undefined;
  return { attemptId, changeId: change.id, change, project };
}

/** What is applied: the very bundle that was approved, hashed again on the way. Fault `bundle-swapped` when it is another. */
export async function applyRequest(
  { planStore, settings }: AttemptContext,
  { change, project }: AttemptSubject,
): Promise<ApplyRequest> {
  const { plan } = project;
  const { repository } = change.mergeRequest;
  const [bundle, credentials] = await Promise.all([
    planStore.get(plan.planRunId, plan.digest, plan.bundleHash),
    settings.credentials(repository, project.dir, 'apply'),
  ]);
  return {
    folderKey: folderKeyOf(change, project),
    dir: project.dir,
    workspace: project.workspace,
    bundle,
    credentials,
    limits: settings.limits('apply'),
  };
}
