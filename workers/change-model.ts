import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { ApplyFailed, Project } from '#domain/project.ts';
import type { Diagnostic } from '#domain/plan/ui-line.ts';
import type { ChangeModel, PlanModel } from '#messages/note-model.ts';
import { TELL_ALL } from '#domain/telling.ts';
import { changeUrl, type WorkerContext } from './context.ts';
import { readCalendars } from './read-calendar.ts';
import { REMINDER, remindedOf } from './remind-approvers.ts';
import { whoIsWho } from './who-is-who.ts';

/** What notes, tickets and statuses are made of: the change as it is now, with the newest finished plan of each project. */
export async function changeModel(context: WorkerContext, change: Change): Promise<ChangeModel> {
  const wanted = change.projects.flatMap((project) => {
    const id = planRunOf(project);
    return id === undefined ? [] : [{ project, id }];
  });
  const broken = change.projects.filter(isBroken);
  const [found, applies] = await Promise.all([
    context.ledger.toldPlans(wanted.map(({ id }) => id)),
    context.ledger.applyDiagnostics(broken.map(({ attemptId }) => attemptId)),
  ]);
  const runs = new Map(found.map((run) => [run.id, run]));
  const plans = new Map<string, PlanModel>();
  const diagnostics = new Map<string, readonly Diagnostic[]>();
  for (const { project, id } of wanted) {
    const run = runs.get(id);
    if (run?.diagnostics !== undefined) diagnostics.set(project.key, run.diagnostics);
    if (run?.summary === undefined) continue;
    const { checks, summary } = run;
    const digest = planToTell(project)?.digest ?? '';
    plans.set(project.key, {
      planRunId: id,
      summary,
      digest,
      ...(checks === undefined ? {} : { checks }),
    });
  }
  for (const { key, attemptId } of broken) {
    const said = applies.get(attemptId) ?? [];
    diagnostics.set(
      key,
      said.filter(({ severity }) => severity === 'error'),
    );
  }
  const { silence, volatile } = change.telling ?? TELL_ALL;
  const telling = { leavesOutUnchanged: silence.includes('no-changes'), volatile };
  const [{ people }, calendar, published] = await Promise.all([
    whoIsWho(context),
    readCalendars(context, change),
    context.ledger.published(change.id, REMINDER),
  ]);
  const reminded = remindedOf(published?.ref);
  return {
    change,
    pageUrl: changeUrl(context, change),
    plans,
    diagnostics,
    telling,
    people,
    calendar,
    ...(reminded === undefined ? {} : { reminded }),
  };
}

/** What its apply said is told, not what its plan warned of. */
function isBroken(project: Project): project is ApplyFailed {
  return project.status === 'apply-failed';
}

function planRunOf(project: Project): string | undefined {
  const plan = planToTell(project);
  if (plan !== undefined) return plan.planRunId;
  return project.status === 'no-changes' || project.status === 'plan-failed' ? project.planRunId : undefined;
}
