import { describe, expect, test } from 'vitest';
import type { Change } from '#domain/change.ts';
import { Fault } from '#domain/fault.ts';
import type { Job, WorkerContext } from '#workers/context.ts';
import { verifyApply } from '#workers/verify-apply.ts';
import { situation } from '../gates/evidence.ts';

type Payload = Parameters<typeof verifyApply>[1]['payload'];

function verified(fault: Fault, tries: number) {
  const { change, project } = situation().subject;
  const applied = {
    ...change,
    verifications: [{ project: project.key, attemptId: 'a1', result: { kind: 'running' } }],
  } as Change;
  const context = {
    ledger: { change: async () => applied, now: async () => '2026-03-01T12:00:00Z' },
    source: { fetch: async () => Promise.reject(fault) },
  } as unknown as WorkerContext;
  const job = {
    changeId: change.id,
    payload: { project: project.key, attemptId: 'a1' },
    lease: { tries },
    signal: new AbortController().signal,
  } as unknown as Job<Payload>;
  return verifyApply(context, job);
}

const GONE = new Fault('repository-gone', 'there is no such repository', { retryable: false });
const DOWN = new Fault('git-failed', 'GitLab does not answer', { retryable: true });

describe('the plan after an apply', () => {
  test.each([
    ['can never be made', GONE, 1, GONE.message],
    ['could not be made for too long', DOWN, 20, DOWN.message],
    ['came to no end again and again', DOWN, 21, 'it was tried 20 times in vain'],
  ])('that %s keeps no ticket open', async (_, fault, tries, reason) => {
    expect(await verified(fault, tries)).toMatchObject({
      fact: { type: 'apply-verified', attemptId: 'a1', result: { kind: 'failed', reason } },
    });
  });

  test('is tried again while something does not answer', async () => {
    await expect(verified(DOWN, 3)).rejects.toBe(DOWN);
  });
});
