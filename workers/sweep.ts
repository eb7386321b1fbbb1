import type { WorkerContext } from './context.ts';
import { remindOfReviews } from './remind-approvers.ts';
import { sweepBlocked } from './sweep-blocked.ts';
import { expireApprovals, expirePlans } from './sweep-expiry.ts';
import { sweepMergeRequests, sweepUnconfigured } from './sweep-merge-requests.ts';
import { beginRound, type Round } from './sweep-round.ts';
import { sweepTickets } from './sweep-tickets.ts';
import { watchEmergencies } from './watch-emergencies.ts';
import { watchHooks } from './watch-hooks.ts';
import { endOverdueMandates } from './watch-mandates.ts';
import { watchTags } from './watch-tags.ts';

type Part = readonly [name: string, work: (context: WorkerContext, round: Round) => Promise<void>];

/** What comes of our own books, of GitLab and of JIRA, side by side: whoever is slow keeps nobody else waiting. */
const PARTS: readonly (readonly Part[])[] = [
  [
    ['approvals that expire', expireApprovals],
    ['plans that expire', expirePlans],
    ['emergencies', watchEmergencies],
    ['blocked projects', sweepBlocked],
  ],
  [
    ['merge requests', sweepMergeRequests],
    ['configurations', sweepUnconfigured],
    ['webhooks', watchHooks],
    ['release tags', watchTags],
  ],
  [
    ['tickets', sweepTickets],
    ['mandates', endOverdueMandates],
    ['reminders', remindOfReviews],
  ],
];

/**
 * One round over everything, so that all works without webhooks, only later: merge requests, comments and tickets that
 * moved are found by asking, blocked projects are asked about again, approvals and plans too old give way. Each
 * repository, ticket and change is tried by itself: what fails is remembered and tried again, and the round goes on.
 */
export async function sweep(context: WorkerContext): Promise<void> {
  const round = await beginRound(context);
  await Promise.all(
    PARTS.map((parts) =>
      round.each(
        'round',
        parts.map(([item, work]) => ({ item, work: () => work(context, round) })),
      ),
    ),
  );
  await round.end();
}
