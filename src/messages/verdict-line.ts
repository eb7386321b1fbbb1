import type { Change } from '#domain/change.ts';
import type { Project, ProjectStatus } from '#domain/project.ts';
import { changeStatus } from '#domain/change-status.ts';
import { plural } from './counts.ts';
import { inlineCode, link, sentence } from './escape.ts';

/** The first line of the note: how the change stands, and what is to be done next, by whom. Markdown. */
export function verdictLine(change: Change): string {
  const { headline, next } = verdictOf(change);
  return `**${headline}** ${next}`;
}

function verdictOf(change: Change): { headline: string; next: string } {
  const status = changeStatus(change);
  const named = (wanted: ProjectStatus) => names(change.projects.filter((each) => each.status === wanted));
  const ticket = ticketLink(change);
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
      return {
        headline: 'Planning.',
        next: `A plan is being made for ${named('planning')}; this note will show the result.`,
      };
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
      return awaiting(change, ticket);
    case 'rejected':
      return {
        headline: 'Rejected.',
        next: `An approver rejected this on ${ticket}. Push a new version, or close the merge request.`,
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
      return {
        headline: 'Blocked.',
        next: `${named('blocked')} may not be applied yet. What is missing, and who can do something about it, is listed below.`,
      };
    case 'ready':
      return {
        headline: 'Ready to apply.',
        next: `The approval holds and every gate is open for ${named('ready')}. An operator, other than the requester, comments \`countersign apply\`.`,
      };
    case 'applying':
      return {
        headline: 'Applying.',
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
        next: `${released(change)} The merge request is being merged.`,
      };
    case 'merged':
      return {
        headline: 'Done.',
        next: `${released(change)} The merge request is merged; nothing is left to do.`.trim(),
      };
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

function awaiting(change: Change, ticket: string): { headline: string; next: string } {
  const { ticket: open } = change;
  if (open.status !== 'open') return { headline: 'Planned.', next: 'The ticket is being opened.' };
  const { review } = open;
  switch (review.status) {
    case 'withdrawn':
    case 'presenting':
      return {
        headline: 'Planned.',
        next:
          review.status === 'presenting' && review.why !== undefined
            ? `The earlier decision does not count: ${sentence(review.why)} ${ticket} goes back to review.`
            : `${ticket} is being put in front of an approver.`,
      };
    case 'in-review':
      return {
        headline: 'Waiting for approval.',
        next: `An approver, other than those who wrote this change, decides on ${ticket}. Nothing is applied before that.`,
      };
    case 'approved':
      return { headline: 'Approved.', next: `${ticket} is approved; the gates come next.` };
    case 'rejected':
      return { headline: 'Rejected.', next: `Push a new version, or close the merge request.` };
  }
}

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
