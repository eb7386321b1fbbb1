import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { ChangeEvidence } from '#domain/gates/evidence.ts';
import { releaseTagName } from '#domain/release-tag.ts';
import { type Live, seen } from './configured-project.ts';
import { commandersSeen } from './commanders-seen.ts';
import type { WorkerContext } from './context.ts';
import { emergencyEvidence } from './glass-terms.ts';
import { mandatesSeen } from './mandates-seen.ts';
import { observe } from './observe.ts';
import type { WhoIsWho } from './who-is-who.ts';

/** What all projects of a change have in common, read from GitLab, JIRA and the audit log now; `at` is before the first look. */
export async function changeEvidence(
  context: WorkerContext,
  change: Change,
  live: Live,
  { at, who }: { at: string; who: WhoIsWho },
): Promise<ChangeEvidence> {
  const { checks, ledger, settings } = context;
  const { revision } = change;
  const [ticket, mergeRequest, statuses, reviews, releaseTag, audit, mandates, commanders] =
    await Promise.all([
      observe(() => readTicket(context, change)),
      observe(() => readMergeRequest(context, change, live)),
      observe(() => readStatuses(context, change)),
      observe(() => readReviews(context, change)),
      observe(() => readReleaseTag(context, change)),
      observe(() => ledger.auditOf(change.id)),
      mandatesSeen(context, change, who),
      commandersSeen(context, change),
    ]);
  const pushers = revision?.pushers;
  return {
    at,
    ticket,
    mergeRequest,
    target: await observe(async () => protectionOf(change, live)),
    statuses,
    pushers:
      pushers === undefined
        ? { seen: false, why: 'not every push that led to the head of its branch is told of' }
        : { seen: true, value: pushers },
    reviews,
    releaseTag,
    ...who,
    commanders,
    mandates,
    policyHash: await observe(async () => checks.policyHash(seen(live.catalogue).rules)),
    ticketBot: settings.ticketBot,
    audit,
    settings: settings.gates,
    ...(change.breakGlass?.status === 'confirmed'
      ? { emergency: await observe(() => emergencyEvidence(context)) }
      : {}),
  };
}

async function readTicket({ ticketing }: WorkerContext, { ticket }: Change) {
  if (ticket.status !== 'open') throw new Fault('no-ticket', 'there is no open ticket', { retryable: false });
  return ticketing.read(ticket.key);
}

async function readMergeRequest({ codeHost }: WorkerContext, change: Change, live: Live) {
  const { mergeRequest, revision } = change;
  const view = await codeHost.mergeRequest(mergeRequest, { mergeability: 'settled' });
  if (view === undefined) {
    throw new Fault('merge-request-gone', 'GitLab shows no such merge request to our account', {
      retryable: false,
    });
  }
  const isSame = view.targetBranch === revision?.targetBranch && live.target.seen;
  const targetSha = isSame
    ? seen(live.target).headSha
    : ((await codeHost.branch(mergeRequest.repository, view.targetBranch))?.headSha ?? '');
  const { state, draft, headSha, targetBranch, description, mergeable } = view;
  const authorId = requesterOf(await codeHost.self(), change, view.authorId);
  return { state, draft, headSha, targetBranch, targetSha, authorId, description, mergeable };
}

/** What our own account opened was asked for by somebody, who is kept in our own books. */
function requesterOf({ id }: { id: number }, { author, openedForAuthor }: Change, authorId: number): number {
  return openedForAuthor === true && authorId === id ? author.id : authorId;
}

function protectionOf({ revision }: Change, { target }: Live) {
  const { isProtected, developersMayPush } = seen(target);
  return { branch: revision?.targetBranch ?? '', isProtected, developersMayPush };
}

async function readStatuses({ codeHost }: WorkerContext, { mergeRequest, revision }: Change) {
  if (revision === undefined) throw new Fault('no-revision', 'there is no revision', { retryable: false });
  return codeHost.statuses(mergeRequest, revision.headSha);
}

async function readReviews({ codeHost }: WorkerContext, { mergeRequest, revision }: Change) {
  if (revision === undefined) throw new Fault('no-revision', 'there is no revision', { retryable: false });
  const found = await codeHost.approvals(mergeRequest, revision.headSha);
  return found.map(({ userId, username, ofHead }) => ({ gitlabId: userId, username, ofHead }));
}

async function readReleaseTag({ releaseDesk }: WorkerContext, { mergeRequest, ticket }: Change) {
  if (ticket.status !== 'open') throw new Fault('no-ticket', 'there is no open ticket', { retryable: false });
  const name = releaseTagName(ticket.key);
  const [taken, protection] = await Promise.all([
    releaseDesk.tag(mergeRequest.repository, name),
    releaseDesk.tagProtection(mergeRequest.repository, name),
  ]);
  return { name, takenBy: taken?.sha, ...protection };
}
