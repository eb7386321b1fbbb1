import { expect, test } from 'vitest';
import { findCheckpoints } from '#domain/audit/checkpoint.ts';
import { tagMessage } from '#messages/tag-message.ts';
import { PAGE, openTicket, sampleChange } from './sample-change.ts';

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

function message(title: string): string {
  const tupleHash = 'e'.repeat(64);
  const verdict = {
    decision: 'approved',
    account: '5b10ac8d82e05b22cc7d4ef5',
    moveId: '10002',
    decidedAt: '2026-11-01T10:30:00Z',
    tupleHash,
    heardAt: '2026-11-01T10:30:01Z',
    evidenceDigest: '7'.repeat(64),
  } as const;
  const review = {
    status: 'approved',
    round: 1,
    tupleHash,
    moveId: '10001',
    verdict,
    given: [],
    since: verdict.decidedAt,
  } as const;
  return tagMessage({
    change: sampleChange({ title, ticket: openTicket({ review }) }),
    approvalId: 'CHG-12',
    plans: [{ project: 'fin/prod/network', digest: '9'.repeat(64) }],
    checkpoint: CHECKPOINT,
    url: PAGE,
  });
}
