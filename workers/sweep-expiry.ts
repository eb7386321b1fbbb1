import { plannedProjects } from '#domain/approved-tuple.ts';
import type { Change } from '#domain/change.ts';
import { approvalExpiresAt } from '#domain/expiry.ts';
import type { WorkerContext } from './context.ts';
import type { Round } from './sweep-round.ts';

const SWEEP = { kind: 'service', component: 'sweep' } as const;

/** What was approved too long ago is asked again, on plans that will not be too old before that is answered. */
export async function expireApprovals(context: WorkerContext, round: Round): Promise<void> {
  const now = Date.parse(await context.ledger.now());
  const changes = await round.openChanges();
  await round.each(
    'approval',
    changes.map((change) => ({ item: change.id, work: () => expireApproval(context, change, now) })),
  );
}

async function expireApproval({ ledger, settings }: WorkerContext, change: Change, now: number) {
  const expiresAt = approvalExpiresAt(change);
  const { ticket } = change;
  if (expiresAt === undefined || ticket.status !== 'open' || Date.parse(expiresAt) > now) return;
  const halfAge = (settings.gates.planMaxAgeSeconds * 1000) / 2;
  const planAgain = plannedProjects(change)
    .filter(({ plan }) => now - Date.parse(plan.plannedAt) > halfAge)
    .map(({ key }) => key);
  const { key, review } = ticket;
  const fact = { type: 'approval-expired', key, round: review.round, planAgain } as const;
  await ledger.record({ changeId: change.id, fact, actor: SWEEP });
}

/** Plans too old to be applied give way, and their bundles are destroyed. */
export async function expirePlans(context: WorkerContext, round: Round): Promise<void> {
  const { ledger, planStore, settings } = context;
  const overdue = await ledger.overduePlans(settings.gates.planMaxAgeSeconds);
  await round.each(
    'plan',
    overdue.map(({ changeId, project, planRunId }) => ({
      item: planRunId,
      async work() {
        await ledger.record({ changeId, fact: { type: 'plan-expired', project, planRunId }, actor: SWEEP });
        await planStore.destroy(planRunId);
      },
    })),
  );
}
