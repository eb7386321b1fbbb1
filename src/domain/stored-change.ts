import type { Change, Review, Revision, Verdict } from './change.ts';
import { DEFAULT_DEMAND } from './demand.ts';
import type { PlanRef } from './plan-ref.ts';
import type { Project } from './project.ts';
import type { Ticket } from './ticket.ts';

/** What versions before tiers and several approvals stored of a change. */
type Earlier = Omit<Change, 'revision'> & {
  revision?: Omit<Revision, 'commitAuthors' | 'committers'> &
    Partial<Pick<Revision, 'commitAuthors' | 'committers'>> & { commitEmails?: readonly string[] };
};

/**
 * A change as it is stored, whatever version stored it. What an earlier one did not know is filled in so that it stops
 * rather than passes: its plans are of another tuple than the one that was approved, and of another configuration, so they
 * are planned and asked about again; everybody in its commits counts as author and as committer, and whoever had a state
 * adjusted is unknown.
 */
export function storedChange(state: unknown): Change {
  const { projects, revision, ticket, ...rest } = state as Earlier;
  return {
    ...rest,
    ...(revision === undefined ? {} : { revision: revisionOf(revision) }),
    projects: projects.map(projectOf),
    ticket: ticketOf(ticket),
  };
}

function revisionOf({ commitEmails = [], ...revision }: NonNullable<Earlier['revision']>): Revision {
  return {
    ...revision,
    commitAuthors: revision.commitAuthors ?? commitEmails,
    committers: revision.committers ?? commitEmails,
  };
}

function projectOf(stored: Project): Project {
  const project = { ...stored, ...adjustmentsOf(stored) };
  if ('plan' in project) return { ...project, plan: planOf(project.plan) };
  return project.status === 'merged' && project.applied !== undefined
    ? { ...project, applied: planOf(project.applied) }
    : project;
}

/** Whose comment it was nobody wrote down, so it is somebody whom no directory knows. */
function adjustmentsOf({ adjustments }: Project): Pick<Project, 'adjustments'> {
  const nobody = { by: { gitlabId: 0, username: '' }, noteId: 0 };
  return adjustments === undefined
    ? {}
    : { adjustments: adjustments.map((each) => ({ ...nobody, ...each })) };
}

function planOf({ demand = DEFAULT_DEMAND, ...plan }: Omit<PlanRef, 'demand'> & Partial<PlanRef>): PlanRef {
  return { ...plan, demand };
}

function ticketOf(ticket: Ticket): Ticket {
  return ticket.status === 'open' ? { ...ticket, review: reviewOf(ticket.review) } : ticket;
}

function reviewOf(review: Review): Review {
  switch (review.status) {
    case 'in-review':
      return { ...review, given: givenIn(review) };
    case 'approved':
      return { ...review, given: givenIn(review), verdict: verdictOf(review.verdict, review.since) };
    case 'rejected':
      return { ...review, verdict: verdictOf(review.verdict) };
    case 'withdrawn':
    case 'presenting':
    case 'standing':
      return review;
  }
}

function givenIn({ given = [] }: { given?: readonly Verdict[] }): readonly Verdict[] {
  return given;
}

/** When it was heard nobody wrote down; the review's own time is ours as well, the decision's is not. */
function verdictOf(verdict: Omit<Verdict, 'heardAt'> & Partial<Verdict>, since = verdict.decidedAt): Verdict {
  return { ...verdict, heardAt: verdict.heardAt ?? since };
}
