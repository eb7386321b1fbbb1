import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change } from '#domain/change.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { isToBeSaid, type Reminded, reminderDue } from '#domain/reminder.ts';
import { approvalsOf } from '#messages/approvers.ts';
import { reminderComment, reminderOver } from '#messages/reminder-comment.ts';
import { changeOf, changeUrl, type Conclusion, type Job, type WorkerContext } from './context.ts';
import { allOpenChanges, type Round } from './sweep-round.ts';
import { whoIsWho } from './who-is-who.ts';

/** The place in our books, and the marker of the comment. */
export const REMINDER = 'reminder';

/**
 * Says on the ticket who is waited for, and after the time of escalation tells others: in one comment, which is edited when
 * it has something new to say, and not more often than once in a period; and says who decided, in the end. Nobody who is
 * away is named; who stands in is.
 */
export async function remindApprovers(context: WorkerContext, job: Job<object>): Promise<Conclusion> {
  const { desk, ledger, ticketing } = context;
  const change = await changeOf(context, job);
  const [at, published] = await Promise.all([ledger.now(), ledger.published(change.id, REMINDER)]);
  const due = reminderDue(change, at);
  const before = remindedOf(published?.ref);
  if (due === undefined) return before && tellOver(context, change, before);
  if (!isToBeSaid(due, before, at)) return undefined;
  const { people } = await whoIsWho(context);
  const { wanted } = approvalsOf(change, people);
  const told = people.filter((person) => isEscalatedTo(person, due.to));
  const body = reminderComment({ due, wanted, told, pageUrl: changeUrl(context, change) });
  const hash = canonicalHash([due.key, body]);
  if (hash !== published?.hash) await ticketing.putComment(due.key, REMINDER, body);
  const { key, round, stage, to } = due;
  const named = [...new Set(wanted.flatMap((each) => each.people.map(({ name }) => name)))];
  const said: Reminded = { key, round, stage, at, people: named, to };
  await ledger.setPublished(change.id, REMINDER, { hash, ref: said });
  await desk.request(change.id, { type: 'publish-note' });
  return undefined;
}

/** Whoever reads the ticket later is not called to what has been decided. */
async function tellOver(context: WorkerContext, change: Change, said: Reminded): Promise<Conclusion> {
  if (said.over === true) return undefined;
  const { ledger, ticketing } = context;
  const { people } = await whoIsWho(context);
  const body = reminderOver({ change, people, pageUrl: changeUrl(context, change) });
  // A ticket that is gone has no comments.
  if (change.ticket.status !== 'none') await ticketing.putComment(said.key, REMINDER, body);
  const ref: Reminded = { ...said, over: true };
  await ledger.setPublished(change.id, REMINDER, { hash: canonicalHash([said.key, body]), ref });
  return undefined;
}

/** Reviews that take too long, for the sweep: whoever is waited for is reminded, once in a period. */
export async function remindOfReviews(context: WorkerContext, round: Round): Promise<void> {
  const { desk, ledger } = context;
  const at = await ledger.now();
  const changes = await allOpenChanges(context);
  await round.each(
    'reminder',
    changes.map((change) => ({
      item: change.id,
      async work() {
        const due = reminderDue(change, at);
        if (due === undefined) return;
        const said = remindedOf((await ledger.published(change.id, REMINDER))?.ref);
        if (isToBeSaid(due, said, at)) await desk.request(change.id, { type: 'remind-approvers' });
      },
    })),
  );
}

/** What was said of a change last, as it is kept. */
export function remindedOf(ref: unknown): Reminded | undefined {
  return typeof ref === 'object' && ref !== null && 'stage' in ref ? (ref as Reminded) : undefined;
}

function isEscalatedTo({ awayUntil, groups }: Person, to: readonly string[]): boolean {
  return awayUntil === undefined && to.some((group) => groups.includes(group));
}
