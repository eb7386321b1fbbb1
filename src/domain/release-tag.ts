import { plannedProjects } from './approved-tuple.ts';
import type { Change } from './change.ts';

/**
 * Name of the release tag for an approval: `release/<key>`. Throws RangeError for a key that is no JIRA issue key,
 * since the name becomes a git ref.
 */
export function releaseTagName(key: string): string {
  if (!ISSUE_KEY.test(key)) throw new RangeError(`not an issue key: ${JSON.stringify(key)}`);
  return `release/${key}`;
}

// A project key of letters, digits and underscores that starts with a letter, then the number.
const ISSUE_KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}$/;

/**
 * The annotation of the release tag: what was applied on whose approval, and the checkpoint (a C2SP signed note) of
 * the audit log that covers it, whole and last, so that it can be cut out and checked by itself. Only our own words,
 * ids and hashes are in it: a title would let its author write into the evidence.
 */
export function releaseMessage(change: Change, key: string, checkpoint: string): string {
  const { ticket } = change;
  const approval =
    ticket.status === 'open' && ticket.review.status === 'approved' ? ticket.review.verdict : undefined;
  const lines = [
    `Release ${key}`,
    '',
    `Change: ${change.id}`,
    `Merge-Request: ${change.url}`,
    `Approval: ${key}`,
    ...(approval === undefined
      ? []
      : [
          `Approved-By: ${approval.account}`,
          `Approved-At: ${approval.decidedAt}`,
          `Approved-Tuple: ${approval.tupleHash}`,
        ]),
    ...plannedProjects(change).map(({ key: project, plan }) => `Applied: ${project} ${plan.digest}`),
  ];
  return `${lines.join('\n')}\n\n${checkpoint.trimEnd()}\n`;
}
