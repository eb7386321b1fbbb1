import { badRequest, forbidden, JiraError } from '../errors.ts';
import type { Site } from '../model/site.ts';
import type { Approval, ApprovalDecision, ApprovalStep, Issue, User } from '../model/types.ts';
import { emitUpdated, recordHistory, statusChange } from './history.ts';

/** A request that has come to the status of its desk's approval step is asked approval for. */
export function askForApproval(site: Site, issue: Issue): void {
  const step = site.projectOf(issue).serviceDesk?.approval;
  if (step === null || step === undefined || step.statusId !== issue.statusId) return;
  const approvers = [...(site.groups.get(step.approversGroup)?.members ?? [])];
  issue.approvals.push({
    id: String(site.nextId('approval')),
    name: 'Waiting for approval',
    finalDecision: 'pending',
    approvers: approvers.map((accountId) => ({ accountId, decision: 'pending' })),
    created: issue.updated,
    completed: null,
  });
}

/** Answers an approval as one of those who were asked; with enough answers the request moves on by itself. */
export function answerApproval(
  site: Site,
  user: User,
  issue: Issue,
  approval: Approval,
  decision: Exclude<ApprovalDecision, 'pending'>,
): void {
  const step = site.projectOf(issue).serviceDesk?.approval;
  const own = approval.approvers.find(({ accountId }) => accountId === user.accountId);
  if (own === undefined) throw forbidden('You do not have permission to answer this approval.');
  if (approval.finalDecision !== 'pending' || step === null || step === undefined)
    throw new JiraError(409, ['The approval has already been completed.']);
  if (own.decision !== 'pending') throw badRequest('You have already answered this approval.');
  own.decision = decision;
  const approved = approval.approvers.filter((each) => each.decision === 'approved').length;
  if (decision === 'declined') complete(site, user, issue, approval, 'declined', step);
  else if (approved >= step.needed) complete(site, user, issue, approval, 'approved', step);
}

function complete(
  site: Site,
  answering: User,
  issue: Issue,
  approval: Approval,
  decision: 'approved' | 'declined',
  step: ApprovalStep,
): void {
  approval.finalDecision = decision;
  approval.completed = Date.now();
  // Somebody may have moved it by hand meanwhile: then there is nothing left to move.
  if (issue.statusId !== step.statusId) return;
  const author = (step.movedBy === null ? undefined : site.users.get(step.movedBy)) ?? answering;
  const from = site.status(issue.statusId);
  const to = site.status(decision === 'approved' ? step.approvedStatusId : step.declinedStatusId);
  issue.statusId = to.id;
  const history = recordHistory(site, issue, author, [statusChange(from, to)]);
  emitUpdated(site, issue, author, history, 'issue_generic');
}
