import type { Change, Project, ProjectTarget, Revision, Ticket } from './change.ts';
import {
  attemptOpen,
  type Decision,
  signal,
  undisturbed,
  withChange,
  withEffects,
  withEntry,
} from './decision.ts';
import type { Effect } from './effect.ts';
import type { MergeRequestReading } from './fact.ts';

/** The merge request was read again: over, refused, as before, or at a head that needs a new revision. */
export function onMergeRequestRead(change: Change, reading: MergeRequestReading, at: string): Decision {
  const seen: Change = {
    ...change,
    url: reading.url,
    title: reading.title,
    description: reading.description,
    author: reading.author,
  };
  switch (reading.state) {
    case 'merged':
      return change.merge.status === 'merged' ? undisturbed(seen) : onMerged(seen, reading.mergedSha, at);
    case 'closed':
      return change.merge.status === 'closed' ? undisturbed(seen) : onClosed(seen, at);
    case 'open':
      return onOpen(seen, reading, at);
  }
}

/** The merge is known: the story of every project is over, except where an attempt is still open. */
export function onMerged(change: Change, sha: string | undefined, at: string): Decision {
  const merged = withChange(undisturbed(change), { merge: { status: 'merged', sha, at } });
  const told = signal(merged, at, { type: 'merged' });
  return withEffects(told, { type: 'compare-after-merge' });
}

function onClosed(change: Change, at: string): Decision {
  return signal(withChange(undisturbed(change), { merge: { status: 'closed', at } }), at, { type: 'closed' });
}

function onOpen(change: Change, reading: MergeRequestReading, at: string): Decision {
  if (reading.notAdmitted !== undefined) return refuseAdmission(change, reading, reading.notAdmitted);
  const { contents } = reading;
  if (contents === undefined) return undisturbed(change);
  const { notAdmitted: _, ...admitted } = change;
  if (!needsRevision(admitted, reading, contents.configurationHash)) return undisturbed(admitted);
  if (admitted.projects.some(attemptOpen)) {
    return withChange(undisturbed(admitted), { newerHead: reading.headSha });
  }
  const { newerHead: __, ...settled } = admitted;
  return openRevision(settled, reading, contents, at);
}

function needsRevision(change: Change, reading: MergeRequestReading, configurationHash: string): boolean {
  const { revision } = change;
  return (
    revision === undefined ||
    change.merge.status === 'closed' ||
    revision.headSha !== reading.headSha ||
    revision.targetBranch !== reading.targetBranch ||
    revision.configurationHash !== configurationHash
  );
}

function refuseAdmission(
  change: Change,
  reading: MergeRequestReading,
  { code, reason }: { code: string; reason: string },
): Decision {
  const refused = withChange(undisturbed(change), {
    notAdmitted: { code, reason, headSha: reading.headSha },
  });
  if (change.revision === undefined || change.revision.headSha === reading.headSha) return refused;
  if (change.projects.some(attemptOpen)) return withChange(refused, { newerHead: reading.headSha });
  const { revision: _, ...rest } = refused.change;
  return withEffects(
    takeOutOfReview({ ...refused, change: { ...rest, projects: [] } }, reason),
    ...stopPlans(change),
  );
}

function openRevision(
  change: Change,
  reading: MergeRequestReading,
  contents: NonNullable<MergeRequestReading['contents']>,
  at: string,
): Decision {
  const number = (change.revision?.number ?? 0) + 1;
  const revision: Revision = {
    number,
    headSha: reading.headSha,
    baseSha: contents.baseSha,
    targetBranch: reading.targetBranch,
    targetSha: reading.targetSha,
    sourceBranch: reading.sourceBranch,
    commitEmails: contents.commitEmails,
    pushers: contents.pushers,
    configurationHash: contents.configurationHash,
    openedAt: at,
  };
  const superseding = withEffects(
    undisturbed({ ...change, revision, merge: { status: 'open' } }),
    ...stopPlans(change),
  );
  const unreviewed = takeOutOfReview(
    superseding,
    `revision ${number} at ${reading.headSha.slice(0, 12)} took its place`,
  );
  const opened = withEntry(unreviewed, 'revision-opened', { revision: number, headSha: revision.headSha });
  return startProjects(
    withChange(opened, { release: { status: 'none' }, projects: [] }),
    contents.projects,
    at,
  );
}

/** Takes the ticket out of review at once; a ticket under which an attempt has started is finished instead. */
export function takeOutOfReview(decision: Decision, why: string): Decision {
  const { ticket } = decision.change;
  if (ticket.status !== 'open') return decision;
  if (ticket.spent) {
    const outcome = decision.change.release.status === 'tagged' ? 'done' : 'partial';
    const next: Ticket = { status: 'none', number: ticket.number, previous: ticket.key };
    const closed = withEffects(decision, { type: 'close-ticket', key: ticket.key, outcome, reason: why });
    return withChange(closed, { ticket: next });
  }
  const voided =
    ticket.review.status === 'approved'
      ? withEntry(decision, 'approval-voided', { key: ticket.key, moveId: ticket.review.moveId, why })
      : decision;
  const withdrawn: Ticket = {
    ...ticket,
    review: { status: 'withdrawn', round: ticket.review.round + 1, why },
  };
  return withEffects(withChange(voided, { ticket: withdrawn }), { type: 'withdraw-ticket' });
}

/** A project that wants the approval number waits for the ticket; the others are planned at once. */
function startProjects(decision: Decision, targets: readonly ProjectTarget[], at: string): Decision {
  const projects: Project[] = targets.map((target) => ({ ...target, status: 'opening-ticket' }));
  const listed = withChange(decision, { projects });
  const { ticket } = listed.change;
  const keyKnown = ticket.status === 'open';
  const planned = signal(
    listed,
    at,
    { type: 'ticket-opened' },
    (project) => keyKnown || !project.declaresApprovalId,
  );
  return !keyKnown && targets.some((target) => target.declaresApprovalId) ? openTicket(planned) : planned;
}

/** Asks for a ticket unless one is there or on its way. */
export function openTicket(decision: Decision): Decision {
  const { ticket } = decision.change;
  if (ticket.status === 'open' || ticket.status === 'opening') return decision;
  const previous = ticket.status === 'closed' ? ticket.key : ticket.previous;
  const opening = { number: ticket.number + 1, ...(previous === undefined ? {} : { previous }) };
  return withEffects(withChange(decision, { ticket: { status: 'opening', ...opening } }), {
    type: 'open-ticket',
    ...opening,
  });
}

function stopPlans(change: Change): Effect[] {
  return change.projects.flatMap((project) =>
    project.status === 'planning' ? [{ type: 'stop-plan', planRunId: project.planRunId } as const] : [],
  );
}
