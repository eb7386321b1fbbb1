import { planToTell } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import type { Project } from '#domain/project.ts';
import { planRisk } from '#domain/plan/risk.ts';
import type { ChangeModel, PlanModel } from '#messages/note-model.ts';
import { changeUrl, type WorkerContext } from './context.ts';

/** What notes, tickets and statuses are made of: the change as it is now, with the newest finished plan of each project. */
export async function changeModel(context: WorkerContext, change: Change): Promise<ChangeModel> {
  const wanted = change.projects.flatMap((project) => {
    const id = planRunOf(project);
    return id === undefined ? [] : [{ project, id }];
  });
  const runs = await context.ledger.planRuns(wanted.map(({ id }) => id));
  const plans = new Map<string, PlanModel>();
  for (const { project, id } of wanted) {
    const run = runs.find((each) => each.id === id);
    if (run?.summary === undefined) continue;
    const { checks, summary } = run;
    const digest = planToTell(project)?.digest ?? '';
    plans.set(project.key, {
      summary,
      risk: planRisk(summary, project),
      digest,
      ...(checks === undefined ? {} : { checks }),
    });
  }
  return { change, pageUrl: changeUrl(context, change), plans };
}

function planRunOf(project: Project): string | undefined {
  const plan = planToTell(project);
  if (plan !== undefined) return plan.planRunId;
  return project.status === 'no-changes' ? project.planRunId : undefined;
}
