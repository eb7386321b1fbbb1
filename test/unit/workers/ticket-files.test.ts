import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { project, sampleChange } from '#test/unit/messages/sample-change.ts';
import { ticketFiles } from '../../../workers/ticket-files.ts';

/** A ledger in which every run has this plan. */
const ledger = (planText: string, planJson: string) =>
  ({
    ledger: {
      planFiles: async (ids: readonly string[]) => ids.map((id) => ({ id, planText, planJson })),
    },
  }) as unknown as Parameters<typeof ticketFiles>[0];

const withProjects = (n: number) =>
  sampleChange({
    projects: Array.from({ length: n }, (_, at) => project(`team/p${at}`, 'awaiting-approval')),
  });

describe('the files of a ticket', () => {
  test('are text and JSON of each plan, and the work plan, each named by the hash of its bytes', async () => {
    const change = { ...withProjects(2), description: '## Reason\nMore room.' };
    const files = await ticketFiles(ledger('text', '{"a":1}'), change);
    expect(files.map(({ holds }) => holds)).toEqual([
      'the plan of team/p0 as text',
      'the plan of team/p1 as text',
      'the plan of team/p0 as JSON',
      'the plan of team/p1 as JSON',
      'the work plan',
    ]);
    for (const { content, name, sha256 } of files) {
      expect(createHash('sha256').update(content).digest('hex')).toBe(sha256);
      expect(name).toContain(sha256.slice(0, 16));
    }
  });

  test('hold the whole work plan, of which the ticket shows the beginning', async () => {
    const steps = Array.from({ length: 1_000 }, (_, n) => `- step ${n} of the way back`).join('\n');
    const change = { ...withProjects(1), description: `## Fall-back\n${steps}` };
    const plan = (await ticketFiles(ledger('text', '{}'), change)).at(-1);
    expect(plan?.content.toString()).toContain('- step 999 of the way back');
  });

  test('of many projects share a file as long as JIRA takes it', async () => {
    const few = await ticketFiles(ledger('text', '{"a":1}'), withProjects(200));
    expect(few.map(({ holds }) => holds)).toEqual(['200 plans as text', '200 plans as JSON']);
    const [, json] = few;
    expect(Object.keys(JSON.parse(json?.content.toString() ?? '') as object)).toHaveLength(200);

    const large = await ticketFiles(ledger('x'.repeat(1_000_000), '{}'), withProjects(20));
    const texts = large.filter(({ name }) => name.endsWith('.txt'));
    expect(texts.map(({ holds }) => holds)).toEqual([
      '8 plans as text',
      '8 plans as text',
      '4 plans as text',
    ]);
    expect(texts.every(({ content }) => content.length < 10_000_000)).toBe(true);
  });

  test('hold nothing that is not seen or turns text around, and say the same', async () => {
    const hidden = { address: 'a\u202eb\u0085c\u2066\u{e0041}d' };
    const [, json] = await ticketFiles(ledger('', JSON.stringify(hidden)), withProjects(1));
    const text = json?.content.toString() ?? '';
    expect(text).toMatch(/^[\x20-\x7e]*$/);
    expect(JSON.parse(text)).toEqual(hidden);
  });
});
