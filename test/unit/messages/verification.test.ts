import { describe, expect, it } from 'vitest';
import type { Verification, VerificationResult } from '#domain/change.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { verificationBlocks, verificationInWords } from '#messages/verification.ts';
import { model, sampleChange } from './sample-change.ts';

const at = '2026-11-01T10:00:00Z';
const of = (project: string, result: VerificationResult | { kind: 'running' }): Verification => ({
  project,
  attemptId: `${project}.a1`,
  result,
});
const clean = of('app', { kind: 'clean', at });
const differs = of('db', {
  kind: 'differs',
  at,
  counts: { create: 0, update: 1, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 },
  differing: ['aws_db_instance.main'],
  found: 7,
});

describe('what a plan after the apply came to', () => {
  it('is nothing where nothing was applied, and still to come while it is being made', () => {
    expect(verificationInWords({})).toBeUndefined();
    expect(verificationBlocks({})).toEqual([]);
    expect(verificationInWords({ verifications: [clean, of('db', { kind: 'running' })] })).toBe(
      'Being verified: 1 plan after the apply still to come',
    );
  });

  it('is told once where all is as it should be', () => {
    expect(verificationInWords({ verifications: [clean] })).toBe(
      'Verified: a plan after the apply has nothing left to do',
    );
  });

  it('names what is left, and what nobody could tell', () => {
    const verifications = [
      clean,
      differs,
      of('web', { kind: 'moved-on', at }),
      of('dns', { kind: 'failed', at, reason: 'init failed' }),
    ];
    expect(verificationInWords({ verifications })).toBe(
      'Not verified in 3 of 4 projects: db: 1 to change: aws_db_instance.main and 6 more; web: its state was changed by somebody else since; dns: the plan failed: init failed',
    );
    expect(JSON.stringify(verificationBlocks({ verifications }))).toContain('not empty everywhere');
  });

  it('stands in the note, where nothing of others is markup', () => {
    const hostile = of('*db*\n/merge', { kind: 'failed', at, reason: '@all <b>' });
    const note = summaryNote(model(sampleChange({ verifications: [hostile] })));
    const line = note.split('\n').find((each) => each.startsWith('Not verified'));
    expect(line).toBeDefined();
    expect(line).not.toMatch(/[^\\`]\*db\*|<b>|@all(?!\u200b)/);
  });
});
