import { describe, expect, test } from 'vitest';
import type { Change, Review, Verdict } from '#domain/change.ts';
import { approvalsOf, namesInWords, periodInWords } from '#messages/approvers.ts';
import { questionReply } from '#messages/question-reply.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { approvedBy, demanding, GRAVE, model, openTicket, PEOPLE, sampleChange } from './sample-change.ts';

const WHOLE = '## Reason\na\n## Impact\nb\n## Fall-back\nc\n## Window\nd';

/** A change that a grave tier is demanded of, with these approvals so far. */
function grave(given: readonly Verdict[], overrides: Partial<Change> = {}): Change {
  const review: Review = {
    status: 'in-review',
    round: 1,
    tupleHash: 'e'.repeat(64),
    moveId: '10001',
    since: '2026-11-01T10:05:00Z',
    given,
  };
  const base = sampleChange({ description: WHOLE, ticket: openTicket({ review }), ...overrides });
  return demanding(GRAVE, base);
}

const ADAM = approvedBy('adam', 'Adam Approver', 'network');

describe('whom a change waits for', () => {
  test('is told by group and, where the directory is at hand, by name; nobody who took part', () => {
    const { wanted } = approvalsOf(grave([]), PEOPLE);
    expect(wanted.map(({ left, people, step }) => [step.id, left, people.map(({ name }) => name)])).toEqual([
      ['network', 1, ['Adam Approver', 'Nora Network']],
      ['security', 1, ['Sam Secure']],
    ]);
  });

  test('is nobody who had a state adjusted by a comment', () => {
    const change = grave([]);
    const [nora] = PEOPLE.filter(({ id }) => id === 'nora');
    const by = { gitlabId: nora?.gitlabIds[0] ?? 0, username: 'nora' };
    const adjustments = [{ kind: 'forget', from: 'aws_db_instance.main', by, noteId: 5 } as const];
    const projects = change.projects.map((project) => ({ ...project, adjustments }));
    const { wanted } = approvalsOf({ ...change, projects }, PEOPLE);
    expect(wanted[0]?.people.map(({ name }) => name)).toEqual(['Adam Approver']);
  });

  test('shrinks with each approval, which is told with its time and its end', () => {
    const { expiresAt, given, wanted } = approvalsOf(grave([ADAM]), PEOPLE);
    expect(given.map(({ name }) => name)).toEqual(['Adam Approver']);
    expect(wanted.map(({ step }) => step.id)).toEqual(['security']);
    expect(expiresAt).toBe('2026-11-01T14:30:01.000Z');
  });

  test('is the next group alone where they decide in order', () => {
    const inOrder = demanding({ ...GRAVE, inOrder: true }, grave([]));
    expect(approvalsOf(inOrder, PEOPLE).wanted.map(({ people }) => people.length)).toEqual([2, 0]);
    expect(summaryNote(model(inOrder))).toContain(', after that 1 of `security`');
  });

  test('leaves out who is away, and counts whose approvals somebody holds for another', () => {
    const people = PEOPLE.map((person) => {
      if (person.id === 'sam') return { ...person, awayUntil: '2026-12-01T00:00:00Z' };
      if (person.id !== 'nora') return person;
      const standsInFor = [{ person: 'sam', groups: ['security'], until: '2026-12-01T00:00:00Z' }];
      return { ...person, standsInFor };
    });
    const security = approvalsOf(grave([]), people).wanted.find(({ step }) => step.id === 'security');
    expect(security?.people.map(({ name }) => name)).toEqual(['Nora Network']);
  });

  test('is nobody by name where the directory is not at hand', () => {
    expect(approvalsOf(grave([]), []).wanted.flatMap(({ people }) => people)).toEqual([]);
  });
});

describe('the note of a change that several people have to approve', () => {
  test('says who did, who is waited for, and until when it holds', async () => {
    await expect(summaryNote(model(grave([ADAM])))).toMatchFileSnapshot('snapshots/note-two-approvals.md');
  });

  test('tells at once which sections of the work plan are missing, and where to write them', () => {
    const note = summaryNote(model(grave([], { description: '## Reason\nMore room.' })));
    expect(note).toContain('**The work plan lacks Impact, Fall-back and Window.**');
    expect(note).toContain('(https://gitlab.test/fin/infra/-/merge_requests/12/edit)');
    expect(note).toContain('(https://countersign.test/help/work-plan)');
    expect(summaryNote(model(grave([])))).not.toContain('lacks');
  });

  test('as an answer to why names those who are waited for', () => {
    const gates = new Map([
      [
        'fin/prod/network',
        [
          {
            gate: 'ticket-approved' as const,
            answer: 'no' as const,
            reason: 'x',
            remedy: '',
            evidence: {},
          },
        ],
      ],
    ]);
    const answer = questionReply({ question: 'why', gates }, ['fin/prod/network'], model(grave([ADAM])));
    expect(answer).toContain(
      'Next: [CHG-12](https://jira.test/browse/CHG-12) waits for 1 of `security` (Sam Secure).',
    );
    // Asked about a part of the change, it tells what all of it takes.
    const ofPart = questionReply({ question: 'why', gates }, ['of no grave plan'], model(grave([ADAM])));
    expect(ofPart).toContain('waits for 1 of `security` (Sam Secure).');
  });
});

test('names and periods are told as people say them', () => {
  expect(namesInWords(['a'])).toBe('a');
  expect(namesInWords(['a', 'b', 'c'])).toBe('a, b or c');
  expect(namesInWords(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d or 2 others');
  expect([86_400, 3 * 86_400, 5_400, 60].map(periodInWords)).toEqual([
    '24 hours',
    '3 days',
    '2 hours',
    '1 minute',
  ]);
});
