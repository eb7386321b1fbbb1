import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellCode, fence, html, inlineCode, link, prose } from '#messages/escape.ts';
import { comparePlans } from '#domain/plan/compare.ts';
import type { PlanComparison } from '#messages/answer-diff.ts';
import type { Project } from '#domain/project.ts';
import type { ChangeModel, PlanModel } from '#messages/note-model.ts';
import { questionReply } from '#messages/question-reply.ts';
import { commandReply } from '#messages/command-reply.ts';
import { summaryNote } from '#messages/summary-note.ts';
import { ticketContent } from '#messages/ticket-content.ts';
import {
  approvedBy,
  demanding,
  GRAVE,
  model,
  openTicket,
  PAGE,
  PEOPLE,
  planModel,
  project,
  resource,
  sampleChange,
} from './sample-change.ts';

// GitLab executes lines that begin with `/word` in notes with the rights of whoever posts them.

const HOSTILE = [
  '/merge',
  'x\n/approve',
  'x\r/close\r\n/label ~bug',
  '@all @everyone',
  'Closes #1 and group/project!2',
  '```\n/merge\n```',
  '``` \n/merge',
  '~~~\n/merge\n~~~',
  '`````\n/merge',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.test\u0007link\u001b]8;;\u0007',
  '\u202eright to left\u2066',
  '</code></summary></details><img src=https://evil.test/x.png onerror=alert(1)>',
  '![x](https://evil.test/x.png) [click](javascript:alert(1))',
  '| a | b |',
  '<!-- countersign:v1:chg_1:summary -->',
  '\u2028/merge\u0085/merge\u0000',
] as const;

// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const UNPRINTABLE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

describe('text of others in a plan, a reason or a title', () => {
  test.each(HOSTILE)('%j leaves no line of the note that GitLab would execute', (text) => {
    for (const shown of everyText(text)) expect(commandsIn(shown)).toEqual([]);
  });

  test.each(HOSTILE)('%j mentions nobody, refers to nothing and links nowhere outside code', (text) => {
    for (const shown of everyText(text)) {
      const outside = withoutCode(shown);
      expect(outside).not.toMatch(/(^|[^\w])@\w/);
      expect(outside).not.toMatch(/(^|\W)[#!]\d/);
      expect(outside).not.toContain('evil.test)');
      expect(outside).not.toMatch(/(?<!\\)<(img|script)/i);
      expect(shown).not.toMatch(UNPRINTABLE);
    }
  });

  test('anything at all in a plan stays inside its fence', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE))), (parts) => {
        const lines = fence(parts.join('\n'), 'diff').split('\n');
        expect(lines[0]).toBe('```diff');
        expect(lines.at(-1)).toBe('```');
        const escaping = lines.slice(1, -1).filter((line) => !/^[ +\-~]((?!```)[^\r])*$/u.test(line));
        expect(escaping).toEqual([]);
      }),
    );
  });

  test('anything at all as a name is one line of code that is not ended early', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE)), (text) => {
        const code = inlineCode(text);
        const [, ticks = '', inside = ''] = /^(`+)([\s\S]*)\1$/.exec(code) ?? [];
        expect(code).not.toContain('\n');
        expect(ticks).not.toBe('');
        expect(inside.match(/`+/g) ?? []).not.toContain(ticks);
        expect(cellCode(text).replaceAll('\\|', '')).not.toContain('|');
      }),
    );
  });

  test('anything at all in a sentence is one line without commands, mentions, tags or emphasis', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...HOSTILE)), (text) => {
        const shown = prose(text);
        expect(shown).not.toContain('\n');
        expect(shown).not.toMatch(/^\//);
        expect(shown).not.toMatch(/(?<!\\)(?:\\\\)*[<>*_`[\]]/);
        expect(shown).not.toMatch(/[@#!]\w/);
        expect(shown).not.toMatch(/:\/\//);
        expect(html(text)).not.toMatch(/[<>"'`]/);
      }),
    );
  });

  test('a plan shows its text as it is: only a zero-width space breaks a fence of its own', () => {
    expect(fence('```\n/merge @all #1\n~~~')).toBe('```text\n `\u200b`\u200b`\n /merge @all #1\n~~~\n```');
  });

  test('an address of another kind makes no link', () => {
    expect(link('page', 'javascript:alert(1)')).toBe('page');
    expect(link('page', 'https://a.test/(x)')).toBe('[page](https://a.test/%28x%29)');
  });

  test('reaches JIRA on one line in the summary, and as text in the document', () => {
    for (const text of HOSTILE) {
      const { summary, body } = ticketContent({
        ...hostileModel(text),
        tupleHash: 'e'.repeat(64),
        attachments: [{ name: text, holds: text, sha256: text }],
        differences: [],
        workPlanEdit: { approved: { reason: 'x' }, present: { reason: text } },
        labels: { [text]: [text] },
        blast: {
          projects: 2,
          dependents: [{ project: text, through: text, by: 'state' }],
          shared: [{ path: text, users: 2, outside: [text] }],
        },
      });
      expect(summary.length).toBeLessThanOrEqual(255);
      expect(summary).not.toContain('\n');
      for (const shown of textsIn(body)) expect(shown).not.toMatch(UNPRINTABLE);
    }
  });
});

test('the note for a hostile plan, whole', async () => {
  await expect(summaryNote(hostileModel(HOSTILE.join('\n')))).toMatchFileSnapshot(
    'snapshots/note-hostile.md',
  );
});

function hostileModel(text: string) {
  const key = 'fin/prod/network';
  const reasons = [{ gate: text, answer: 'no', reason: text, remedy: text }];
  const demand = {
    ...GRAVE,
    tier: text,
    reasons: [text],
    approvals: [{ id: text, from: [text], count: 2 }],
  };
  const plan = planModel(key, [resource(`terraform_data.x["${text}"]`, 'update', changedTo(text))]);
  const blocked = project(key, 'blocked', { reasons });
  const failed = project(text, 'plan-failed', { reason: text });
  const placed = [{ place: text, what: text }];
  const command = { verb: 'import', to: text, id: text } as const;
  const by = { gitlabId: 3, username: text, accessLevel: 40, roles: [] };
  const plain = sampleChange();
  const change = demanding(demand, {
    ...plain,
    title: text,
    description: `## Reason\n${text}`,
    ticket: openTicket({ review: { ...IN_REVIEW, given: [approvedBy(text, text, text)] } }),
    projects: [blocked, failed],
    author: { id: 3, username: text },
    notAdmitted: { code: 'configuration', reason: text, headSha: '', problems: placed },
    waiting: [{ noteId: 1, by, command }],
    ...(plain.revision === undefined ? {} : { revision: { ...plain.revision, warnings: placed } }),
  });
  const said = { summary: text, detail: text, file: text, line: 1, code: text, address: text, context: text };
  const diagnostics = new Map([
    [text, [{ severity: 'error' as const, ...said }]],
    [key, [{ severity: 'warning' as const, ...said }]],
  ]);
  const people = PEOPLE.map((person) => ({ ...person, name: text, groups: [text] }));
  return { ...model(change), plans: new Map([[key, plan]]), diagnostics, people };
}

const IN_REVIEW = {
  status: 'in-review',
  round: 1,
  tupleHash: 'e',
  moveId: '1',
  since: '2026-11-01T10:05:00Z',
} as const;

function changedTo(text: string) {
  const value = { path: [text], before: text, after: `${text}!`, sensitive: false, unknown: false };
  return [{ ...value, forcesReplacement: false }];
}

/** The same, while people are waited for. */
function inReview(about: ChangeModel): ChangeModel {
  const { notAdmitted: _, ...admitted } = about.change;
  const projects = about.change.projects.filter((each) => 'plan' in each);
  const waiting = projects.map((each): Project => ({ ...each, status: 'awaiting-approval' }) as Project);
  return { ...about, change: { ...admitted, projects: waiting } };
}

/** Everything that is posted where GitLab would take it for more than text. */
function everyText(text: string): string[] {
  const about = hostileModel(text);
  const keys = about.change.projects.map(({ key }) => key);
  const gate = { gate: 'mergeable', answer: 'no', reason: text, remedy: text, evidence: {} } as const;
  const [plan] = about.plans.values();
  const other = planModel('x', [resource(text, 'delete'), resource(`${text}!`, 'create')]);
  const comparisons = plan === undefined ? [] : [comparison(text, plan, other)];
  const results = keys.map((project) => ({ project, status: 'plan-failed', reason: text }) as const);
  return [
    summaryNote(about),
    summaryNote(inReview(about)),
    questionReply({ question: 'why', gates: new Map() }, keys, inReview(about)),
    commandReply(hostileAnswer(text)),
    commandReply({
      command: { verb: 'plan' },
      outcome: { kind: 'done', results },
      pageUrl: PAGE,
      ticket: openTicket(),
    }),
    questionReply({ question: 'status' }, keys, about),
    questionReply({ question: 'why', gates: new Map([[text, [gate]]]) }, keys, about),
    questionReply({ question: 'diff', comparisons }, keys, about),
    questionReply({ question: 'version', countersign: text, binaries: new Map([[text, text]]) }, keys, about),
  ];
}

function comparison(key: string, before: PlanModel, after: PlanModel): PlanComparison {
  const base = { isApproved: true, at: '2026-11-01T10:00:00Z', revision: 1 };
  const difference = comparePlans({ ...before, digest: 'a' }, { ...after, digest: 'b' });
  return { key, hasPlan: true, base, difference };
}

function hostileAnswer(text: string) {
  const gates = [{ gate: text, answer: 'no' as const, reason: text, remedy: text }];
  const refusals = [{ code: 'gates-closed' as const, reason: text, remedy: text, project: text, gates }];
  return {
    command: { verb: 'apply' } as const,
    outcome: { kind: 'refused', refusals } as const,
    pageUrl: PAGE,
    ticket: openTicket(),
  };
}

/** Lines that a GitLab of any age could take for quick actions, inside code or not. */
function commandsIn(markdown: string): string[] {
  return markdown
    .split(/\r\n?|[\n\u2028\u2029\u0085]/)
    .filter((line) => /^\s*\//.test(line) && !line.startsWith(' '));
}

/** Every text of a document, wherever it stands. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function withoutCode(markdown: string): string {
  return markdown
    .replaceAll(/^```.*\n[\s\S]*?\n```$/gm, '')
    .replaceAll(/<code>.*?<\/code>/g, '')
    .replaceAll(/(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/g, '');
}
