import { describe, expect, test } from 'vitest';
import type { TicketStatus } from '#domain/fact.ts';
import { Fault } from '#domain/fault.ts';
import type { WorkerContext } from '#workers/context.ts';
import { startUnapproved } from '#workers/start-unapproved.ts';
import { sampleChange } from '../messages/sample-change.ts';

type Glass = Parameters<typeof startUnapproved>[3];

const asker = { gitlabId: 1, username: 'olga', accessLevel: 40, roles: ['operator'] };
const GLASS: Glass = {
  status: 'confirmed',
  noteId: 7,
  by: asker,
  confirmedBy: { ...asker, gitlabId: 2, username: 'otto' },
  reason: 'it is down',
  askedAt: '2026-11-01T10:00:00Z',
  confirmedAt: '2026-11-01T10:01:00Z',
  until: '2026-11-01T10:15:00Z',
  due: '2026-11-03T10:00:00Z',
  projects: ['app'],
  waives: ['ticket-approved'],
  confirmNoteId: 8,
  revision: 1,
  tupleHash: 'tuple-1',
  tier: 'emergency',
  blockWhileUnpaid: 'never',
};

function begin(status: TicketStatus, fault?: Fault) {
  let now = status;
  const ticketing = {
    comment: async () => {
      if (fault !== undefined) throw fault;
    },
    async move(_: string, from: readonly TicketStatus[], to: TicketStatus) {
      if (!from.includes(now)) return { moved: false, status: now, reason: `it is ${now}` };
      now = to;
      return { moved: true, moveId: 'm9' };
    },
  };
  const context = {
    log: { error: () => undefined },
    settings: { externalUrl: 'https://countersign.test' },
    ticketing,
  } as unknown as WorkerContext;
  return startUnapproved(context, sampleChange(), 'CHG-1', GLASS);
}

describe('an emergency apply', () => {
  test('goes on from review, and where the ticket system does not answer', async () => {
    expect(await begin('in-review')).toBeUndefined();
    expect(await begin('closed' as TicketStatus)).toBeUndefined();
    expect(await begin('in-review', new Fault('down', 'no answer', { retryable: true }))).toBeUndefined();
  });

  test('does not go on where an approver rejected it in the last moment', async () => {
    expect(await begin('rejected')).toMatch(/CHG-1 was rejected/);
  });
});
