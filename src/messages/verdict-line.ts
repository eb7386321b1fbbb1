import type { Change, Review } from '#domain/change.ts';
import type { Blocked, Held, Project, ProjectStatus } from '#domain/project.ts';
import { type ChangeStatus, changeStatus } from '#domain/change-status.ts';
import { owedDebts } from '#domain/debts.ts';
import { isEarly } from '#domain/early.ts';
import { missedByMerge, waitsForMerge } from '#domain/over.ts';
import type { Person } from '#domain/gates/evidence.ts';
import { nameOfAccount } from '#domain/gates/people.ts';
import { plural } from './counts.ts';
import { inlineCode, link, minute, prose, sentence } from './escape.ts';
import { whoDecides } from './note-approvals.ts';
import type { ChangeModel } from './note-model.ts';
import { cameBack, forecasts, ofWave, planningVerdict, type Verdict } from './wave-words.ts';

/** The first line of the note: how the change stands, and what is to be done next, by whom. Markdown. */
export function verdictLine({ change, people }: Pick<ChangeModel, 'change' | 'people'>): string {
  const { headline, next } = verdictOf(change, people);
  return `**${headline}** ${next}`;
}

function verdictOf(change: Change, people: readonly Person[]): Verdict {
  const status = changeStatus(change);
  const named = (wanted: ProjectStatus) => names(change.projects.filter((each) => each.status === wanted));
  const ticket = ticketLink(change);
  const aside = setAside(change, status);
  if (aside !== undefined) return aside;
  switch (status) {
    case 'new':
      return { headline: 'Reading the merge request.', next: 'Nothing is to be done.' };
    case 'nothing-touched':
      return {
        headline: 'Nothing to plan.',
        next: 'No Terraform project of this repository is touched, so nothing will be applied and no approval is needed.',
      };
    case 'not-admitted':
      return {
        headline: 'No plan is made.',
        next: `${sentence(change.notAdmitted?.reason ?? 'This merge request is not admitted')} Once that is cleared, push again or comment \`countersign plan\`.`,
      };
    case 'opening-ticket':
      return {
        headline: 'Opening the ticket.',
        next: `The resources of ${named('opening-ticket')} carry the approval number, so the ticket comes before the plan. Nothing is to be done.`,
      };
    case 'planning':
      return planningVerdict(change, named('planning'));
    case 'held':
      return waiting(change);
    case 'plan-failed':
      return {
        headline: 'The plan failed.',
        next: `${named('plan-failed')} could not be planned; the reason is below. Push a fix, or comment \`countersign plan\` to try again.`,
      };
    case 'no-changes':
      return {
        headline: 'No changes.',
        next: 'The plans would change nothing, so there is nothing to approve or to apply.',
      };
    case 'awaiting-approval':
      return awaiting(change, people, ticket);
    case 'rejected':
      return {
        headline: 'Rejected.',
        next: `${rejecter(change, people)} rejected this on ${ticket}. Push a new version, or close the merge request.`,
      };
    case 'expired':
      return {
        headline: 'The approval expired.',
        next: `It was not applied in time. Comment \`countersign plan\` for a fresh plan and a new review.`,
      };
    case 'gating':
      return {
        headline: 'Checking the gates.',
        next: 'Nothing is to be done; the result will stand here.',
      };
    case 'blocked':
      return (
        early(change) ?? {
          headline: 'Blocked.',
          next: `${named('blocked')} may not be applied yet. What is missing, and who can do something about it, is listed below.`,
        }
      );
    case 'ready':
      if (waitsForMerge(change)) {
        return {
          headline: 'Ready to merge.',
          next: `The approval holds and every gate is open. Merge this, and ${named('ready')} is applied right after.`,
        };
      }
      return {
        headline: `Ready to apply${ofWave(change)}.`,
        next: `The approval holds and every gate is open for ${named('ready')}. An operator, other than the requester, comments \`countersign apply\`.`,
      };
    case 'applying':
      return {
        headline: `Applying${ofWave(change)}.`,
        next: `Terraform is applying ${named('applying')}. Please do not push until it is done.`,
      };
    case 'apply-failed':
      return {
        headline: 'The apply failed.',
        next: `The apply of ${named('apply-failed')} did not end as planned; see below. An operator decides how to go on; nothing is tried again by itself.`,
      };
    case 'apply-interrupted':
      return {
        headline: 'The outcome of an apply is unknown.',
        next: `Nobody may apply ${named('apply-interrupted')} before an operator has looked and commented \`countersign resolve PROJECT applied|not-applied REASON\`.`,
      };
    case 'applied':
      return { headline: 'Applied.', next: 'The release tag is being made.' };
    case 'applied-unmerged':
      return {
        headline: 'Applied, but not merged.',
        next: `GitLab refuses to merge; see below. Until it is merged, ${plural(change.projects.length, 'project')} stay${change.projects.length === 1 ? 's' : ''} reserved for this change.`,
      };
    case 'released':
      return {
        headline: 'Applied and tagged.',
        next:
          change.revision?.mergeAfterApply === false
            ? `${released(change)} Merging it is up to you; until then its projects stay reserved for this change.`
            : `${released(change)} The merge request is being merged.`,
      };
    case 'merged':
      return afterMerge(change);
    case 'cancelled':
      return {
        headline: 'Cancelled.',
        next: 'Nothing will be applied. Push, or comment `countersign plan`, to start again.',
      };
    case 'closed':
      return {
        headline: 'Closed.',
        next: 'The merge request was closed without being merged; nothing more will be applied.',
      };
  }
}

/** Nothing but the time keeps it back: what it waits for, and what becomes of it then. */
function early({ projects }: Change): Verdict | undefined {
  const waiting = projects.filter((project): project is Blocked => project.status === 'blocked');
  if (!waiting.every(isEarly)) return undefined;
  const told = new Set(
    waiting.flatMap(({ reasons }) =>
      reasons.map(({ reason, remedy }) => `${sentence(reason)} ${sentence(remedy)}`),
    ),
  );
  const [only, ...others] = told;
  const next =
    only === undefined || others.length > 0 ? 'What each of them waits for is listed below.' : only;
  return { headline: 'Approved; waits for its time.', next: `${names(waiting)}: ${next}` };
}

function afterMerge(change: Change): Verdict {
  const missed = change.projects.filter(missedByMerge);
  if (missed.length > 0) {
    return {
      headline: 'Merged without being applied.',
      next: `Nothing of ${names(missed)} was applied before the merge, and nothing will be: what the branch says is not what is there. Propose the change again, or take it back.`,
    };
  }
  if (owedDebts(change).length > 0) {
    return {
      headline: 'Applied in an emergency.',
      next: `${released(change)} The merge request is merged; somebody still has to approve it.`.trim(),
    };
  }
  return {
    headline: 'Done.',
    next: `${released(change)} The merge request is merged; nothing is left to do.`.trim(),
  };
}

/** Nobody is to review it for now, though it is planned. */
function setAside({ notAdmitted, projects }: Change, status: ChangeStatus): Verdict | undefined {
  if (notAdmitted === undefined || projects.length === 0) return undefined;
  const waiting: ChangeStatus[] = ['opening-ticket', 'planning', 'held', 'awaiting-approval'];
  return waiting.includes(status)
    ? {
        headline: 'Not in review.',
        next: `${sentence(notAdmitted.reason)} Until then nothing is applied; after that the plan goes to review and needs an approval of its own.`,
      }
    : undefined;
}

/** Whom it waits for: the merge request that holds what it needs, and what that holds since when. */
function waiting({ projects }: Change): Verdict {
  const held = projects.filter((project): project is Held => project.status === 'held');
  const holders = [...new Map(held.map(({ by }) => [by.iid, by])).values()];
  const what = holders.map(
    ({ iid, project, since }) => `!${iid}, which holds ${inlineCode(project)} since ${minute(since)}`,
  );
  return {
    headline: `Waiting for ${what.join(' and ')}.`,
    next: `Once that is merged, closed, or given up with the comment \`countersign unlock\` there, ${names(held)} ${held.length === 1 ? 'is' : 'are'} planned. Nothing is to be done here.`,
  };
}

function awaiting(change: Change, people: readonly Person[], ticket: string): Verdict {
  const { ticket: open } = change;
  if (open.status !== 'open') return { headline: 'Planned.', next: 'The ticket is being opened.' };
  const { review } = open;
  switch (review.status) {
    case 'withdrawn':
    case 'presenting':
      return {
        headline: 'Planned.',
        next: review.status === 'presenting' ? presenting(review, ticket) : putInFront(ticket),
      };
    case 'standing':
      return { headline: 'Planned.', next: ADVANCE };
    case 'in-review':
      return {
        headline: 'Waiting for approval.',
        next: `${cameBack(change)}${whoDecides(change, people, ticket)} Nothing is applied before that.${forecasts(change)}`,
      };
    case 'approved':
      return { headline: 'Approved.', next: `${ticket} is approved; the gates come next.` };
    case 'rejected':
      return { headline: 'Rejected.', next: `Push a new version, or close the merge request.` };
  }
}

function presenting(
  { inAdvance, notCovered, why }: Extract<Review, { status: 'presenting' }>,
  ticket: string,
): string {
  if (inAdvance === true) return ADVANCE;
  if (why === undefined) return putInFront(ticket);
  const reason =
    notCovered === true ? sentence(why) : `The earlier decision does not count: ${sentence(why)}`;
  return `${reason} ${ticket} goes ${notCovered === true ? '' : 'back '}to review.`;
}

/** Whoever said no, by the name they had when that was heard. */
function rejecter({ ticket }: Change, people: readonly Person[]): string {
  if (ticket.status !== 'open' || ticket.review.status !== 'rejected') return 'An approver';
  const { account, decider } = ticket.review.verdict;
  return prose(decider?.name ?? nameOfAccount(people, account), 100);
}

function putInFront(ticket: string): string {
  return `${ticket} is being put in front of an approver.`;
}

const ADVANCE = 'It may go without anybody being asked: a standing approval is looked for that covers it.';

/** The ticket's key as a link, or words while there is none. */
export function ticketLink({ ticket }: Change): string {
  return ticket.status === 'open' || ticket.status === 'closed' ? link(ticket.key, ticket.url) : 'the ticket';
}

function released({ release }: Change): string {
  if (release.status !== 'tagged') return '';
  return `${inlineCode(release.sha.slice(0, 12))} is tagged ${inlineCode(release.tag)}.`;
}

function names(projects: readonly Project[]): string {
  const shown = projects.slice(0, 3).map((each) => inlineCode(each.key));
  const more = projects.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${plural(more, 'other project')}` : shown.join(', ');
}
