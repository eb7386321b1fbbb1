import type { Change } from '#domain/change.ts';

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

function approvalLines({ ticket }: Change): string[] {
  if (ticket.status !== 'open' || ticket.review.status !== 'approved') return [];
  const { account, decidedAt, tupleHash } = ticket.review.verdict;
  return [`Approved-By: ${account}`, `Approved-At: ${decidedAt}`, `Approved-Tuple: ${tupleHash}`];
}
