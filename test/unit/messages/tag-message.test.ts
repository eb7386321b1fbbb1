import { expect, test } from 'vitest';
import type { Change, Debt } from '#domain/change.ts';
import { findCheckpoints } from '#domain/audit/checkpoint.ts';
import { tagMessage } from '#messages/tag-message.ts';
import { PAGE, openTicket, sampleChange } from './sample-change.ts';
import { debtOf, paidDebtOf } from './sample-emergency.ts';

const ROOT = Buffer.alloc(32, 5).toString('base64');
const SIGNATURE = Buffer.alloc(68, 6).toString('base64');
const CHECKPOINT = `countersign.test/log\n42\n${ROOT}\n\n— countersign.test/log ${SIGNATURE}\n`;

test('the release tag says what was applied on whose approval, and ends with the checkpoint', async () => {
  await expect(message('Open the network')).toMatchFileSnapshot('snapshots/tag-message.txt');
});

test('the checkpoint can be cut out of it again, byte by byte', () => {
  expect(findCheckpoints(message('Open the network'))).toEqual([CHECKPOINT]);
});

test('a title cannot write into it', () => {
  expect(message('x\n\nApproved-By: somebody')).toBe(message('Open the network'));
});

test('of several approvals each is named', () => {
  const first = { ...verdict, account: 'account-of-ada', decidedAt: '2026-11-01T10:20:00Z', moveId: '10000' };
  const told = messageOf(sampleChange({ ticket: openTicket({ review: { ...review, given: [first] } }) }));
  expect(told).toContain(
    [
      'Approved-By: account-of-ada',
      'Approved-At: 2026-11-01T10:20:00Z',
      `Approved-By: ${verdict.account}`,
      'Approved-At: 2026-11-01T10:30:00Z',
      `Approved-Tuple: ${verdict.tupleHash}`,
    ].join('\n'),
  );
});

test('what was applied in an emergency is called so, with both people and when it is to be approved', () => {
  const told = messageOf(inEmergency(debtOf({ ticket })));
  expect(told).toContain(
    [
      'Emergency-Asked-By: gitlab-user:21',
      'Emergency-Confirmed-By: gitlab-user:22',
      'Emergency-At: 2026-11-01T02:26:00Z',
      'Emergency-Tuple: ab',
      'Approve-Afterwards-Until: 2026-11-03T02:25:00Z',
      'Applied: fin/prod/network',
    ].join('\n'),
  );
  expect(told).not.toContain('Approved-By');
  expect(findCheckpoints(told)).toEqual([CHECKPOINT]);
});

test('an emergency that was approved before the tag was made names who approved it afterwards', () => {
  const paid = paidDebtOf({ ticket, paidAt: verdict.decidedAt, verdicts: [verdict] });
  const told = messageOf(inEmergency(paid));
  expect(told).toContain(`Approved-Afterwards-By: ${verdict.account}`);
  expect(told).not.toContain('Approve-Afterwards-Until');
});

test('what was approved in advance names the ticket of the standing approval', () => {
  const { given: _, moveId: __, verdict: ___, ...rest } = review;
  const mandate = { id: 'm1', key: 'CHG-90', name: 'x\n\nApproved-By: y', approver: 'ada' };
  const standing = { ...rest, status: 'standing', mandate } as const;
  const told = messageOf(sampleChange({ ticket: openTicket({ review: standing }) }));
  expect(told).toContain('Approved-In-Advance: CHG-90\n');
  expect(told).not.toContain('Approved-By');
});

const ticket = { number: 1, key: 'CHG-12', url: 'https://jira.test/browse/CHG-12' };

const verdict = {
  decision: 'approved',
  account: '5b10ac8d82e05b22cc7d4ef5',
  moveId: '10002',
  decidedAt: '2026-11-01T10:30:00Z',
  tupleHash: 'e'.repeat(64),
  heardAt: '2026-11-01T10:30:01Z',
  evidenceDigest: '7'.repeat(64),
} as const;

const review = {
  status: 'approved',
  round: 1,
  tupleHash: verdict.tupleHash,
  moveId: '10001',
  verdict,
  given: [],
  since: verdict.decidedAt,
} as const;

const message = (title: string) => messageOf(sampleChange({ title, ticket: openTicket({ review }) }));

function messageOf(change: Change): string {
  return tagMessage({
    change,
    approvalId: 'CHG-12',
    plans: [{ project: 'fin/prod/network', digest: '9'.repeat(64) }],
    checkpoint: CHECKPOINT,
    url: PAGE,
  });
}

function inEmergency(debt: Debt): Change {
  const why = 'it is applied under broken glass, and approved afterwards';
  return sampleChange({
    ticket: openTicket({ review: { status: 'withdrawn', round: 2, why } }),
    debts: [debt],
  });
}
