import { describe, expect, test } from 'vitest';
import { approvalInForce } from '#domain/approval.ts';
import { decide } from '#domain/decide.ts';
import { approvalExpiresAt } from '#domain/expiry.ts';
import { participantsOf } from '#domain/gates/parts.ts';
import { storedChange } from '#domain/stored-change.ts';
import { situation } from '../gates/evidence.ts';

const LATELY = new Set(['demand', 'given', 'heardAt', 'decider', 'committers']);
const AT = '2026-03-01T12:00:00Z';

/** As it was stored before there were tiers and several approvals: its tuple was made without them. */
function before(): unknown {
  return JSON.parse(
    JSON.stringify(situation().subject.change, (key, value: unknown) => {
      if (LATELY.has(key)) return undefined;
      return key === 'tupleHash' ? 'a tuple without a tier' : value;
    }).replace('"commitAuthors"', '"commitEmails"'),
  );
}

describe('a change that an earlier version stored', () => {
  test('is asked about again: what was approved then is another tuple', () => {
    const stored = storedChange(before());
    const [{ purpose: _, evaluationId: __, ...project }] = stored.projects as object[] as [
      Record<string, unknown>,
    ];
    const change = {
      ...stored,
      projects: [{ ...project, status: 'awaiting-approval' }] as unknown as typeof stored.projects,
    };
    expect(approvalInForce(change)).toBeUndefined();
    const { change: after } = decide(
      change,
      { type: 'surroundings-changed', source: 'sweep', what: 'an update' },
      AT,
    );
    expect(after.ticket).toMatchObject({ review: { status: 'presenting' } });
    expect(approvalExpiresAt(change)).toBe('2026-03-02T11:00:00.000Z');
  });

  test('has everybody in its commits as an author and as a committer', () => {
    const { change: evidence, subject } = situation();
    const parts = participantsOf({ ...subject, change: storedChange(before()) }, evidence);
    expect(parts.filter(({ key }) => key.startsWith('e-mail')).map(({ part }) => part)).toEqual([
      'commit-author',
      'committer',
    ]);
  });

  test('of this version is what it was', () => {
    const { change } = situation().subject;
    expect(storedChange(structuredClone(change))).toEqual(change);
  });
});
