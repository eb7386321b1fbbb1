import type { Change, Debt, Review } from '#domain/change.ts';

/**
 * The annotation of the release tag: what was applied on whose approval, and last and whole the checkpoint of the audit log
 * that covers it, so that it can be cut out and checked by itself. Only our own words, ids and hashes are in it: a title
 * would let its author write into the evidence.
 */
export function tagMessage(release: {
  change: Change;
  approvalId: string;
  plans: readonly { project: string; digest: string }[];
  /** A C2SP signed note. */
  checkpoint: string;
  /** Address of the change's page. */
  url: string;
}): string {
  const { change, approvalId, plans, checkpoint, url } = release;
  const lines = [
    `Release ${approvalId}`,
    '',
    `Change: ${change.id}`,
    `Page: ${url}`,
    `Merge-Request: ${change.url}`,
    `Approval: ${approvalId}`,
    ...approvalLines(change),
    ...plans.map(({ project, digest }) => `Applied: ${project} ${digest}`),
  ];
  return `${lines.join('\n')}\n\n${checkpoint.trimEnd()}\n`;
}

/** Every approval that let it through: each person's on the ticket, a standing one, or an emergency and what became of it. */
function approvalLines({ debts = [], ticket }: Change): string[] {
  if (!('key' in ticket)) return [];
  const emergencies = debts.filter((debt) => debt.ticket.key === ticket.key).flatMap(emergencyLines);
  return [...(ticket.status === 'open' ? reviewLines(ticket.review) : []), ...emergencies];
}

function reviewLines(review: Review): string[] {
  switch (review.status) {
    case 'approved':
      return [
        ...[...review.given, review.verdict].flatMap(({ account, decidedAt }) => [
          `Approved-By: ${account}`,
          `Approved-At: ${decidedAt}`,
        ]),
        `Approved-Tuple: ${review.tupleHash}`,
      ];
    case 'standing':
      return [
        ...(review.mandate === undefined ? [] : [`Approved-In-Advance: ${review.mandate.key}`]),
        `Approved-Tuple: ${review.tupleHash}`,
      ];
    case 'in-review':
    case 'presenting':
    case 'rejected':
    case 'withdrawn':
      return [];
  }
}

/** People are named by their number in GitLab, which nobody can change as they can a name. */
function emergencyLines(debt: Debt): string[] {
  const { due, glass, tupleHash, usedAt } = debt;
  return [
    `Emergency-Asked-By: gitlab-user:${glass.by.gitlabId}`,
    `Emergency-Confirmed-By: gitlab-user:${glass.confirmedBy.gitlabId}`,
    `Emergency-At: ${usedAt}`,
    `Emergency-Tuple: ${tupleHash}`,
    ...(debt.status === 'owed'
      ? [`Approve-Afterwards-Until: ${due}`]
      : debt.verdicts.flatMap(({ account, decidedAt }) => [
          `Approved-Afterwards-By: ${account}`,
          `Approved-Afterwards-At: ${decidedAt}`,
        ])),
  ];
}
