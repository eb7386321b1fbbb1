import { describe, expect, test } from 'vitest';
import type { PlanSummary, ResourceSummary, Verb } from '#domain/plan/summarize.ts';
import { assets } from '#web/assets.ts';
import type { Html } from '#web/html.ts';
import { changesPage } from '#web/pages/changes-page.ts';
import { errorPage } from '#web/pages/error-page.ts';
import { loginPage } from '#web/pages/login-page.ts';
import { chip } from '#web/parts/chip.ts';
import { gates } from '#web/parts/gates.ts';
import { plan } from '#web/parts/plan.ts';
import { settings } from '#web/parts/settings.ts';

/** What a person reads: the text of a fragment, without markup and with single spaces. */
const textOf = (fragment: Html): string =>
  fragment
    .toString()
    .replaceAll(/<wbr>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();

function resource(address: string, verb: Verb, parts: Partial<ResourceSummary> = {}): ResourceSummary {
  return { address, type: 't', name: 'n', provider: 'p', actions: [verb], verb, changes: [], ...parts };
}

function summary(resources: ResourceSummary[], parts: Partial<PlanSummary> = {}): PlanSummary {
  const counts = { create: 0, update: 0, delete: 0, replace: 0, import: 0, move: 0, forget: 0, outputs: 0 };
  return { counts, resources, outputs: [], drift: [], checks: [], warnings: [], ...parts };
}

const row = { path: ['name'], sensitive: false, unknown: false, forcesReplacement: false };

describe('a plan', () => {
  test('shows before and after, what is hidden, what is not known yet, and what forces a replacement', () => {
    const changes = [
      { ...row, path: ['tags', 'a.b'], before: 'old', after: 'new', forcesReplacement: true },
      {
        ...row,
        path: ['password'],
        before: '(sensitive value)',
        after: '(sensitive value)',
        sensitive: true,
      },
      { ...row, path: ['id'], after: '(known after apply)', unknown: true },
      { ...row, path: ['ports', 0], before: 22, after: { from: 1 } },
      { ...row, path: ['note'], before: '' },
    ];
    expect(
      textOf(plan(summary([resource('aws_instance.web', 'replace', { changes, createFirst: true })]))),
    ).toBe(
      'Plan ± replace aws_instance.web the new one is made first Attribute Before After ' +
        'tags[&quot;a.b&quot;] forces replacement old new ' +
        'password sensitive sensitive id – known after apply ' +
        'ports[0] 22 {&quot;from&quot;:1} note empty –',
    );
  });

  test('puts what destroys first and opens it, and tells the ways of a resource', () => {
    const many = ['create', 'update', 'delete', 'create', 'read', 'replace', 'other'] as const;
    const page = plan(
      summary(
        many.map((verb, i) =>
          resource(`r.${i}`, verb, i === 1 ? { previousAddress: 'r.old', importing: { id: 'x' } } : {}),
        ),
      ),
    );
    expect([...textOf(page).matchAll(/r\.\d/g)].map(([address]) => address)).toEqual([
      'r.6',
      'r.2',
      'r.5',
      'r.1',
      'r.0',
      'r.3',
      'r.4',
    ]);
    expect(
      [...page.toString().matchAll(/<details class="resource" (open)?/g)].map(([, open]) => open === 'open'),
    ).toEqual([true, true, true, false, false, false, false]);
    expect(textOf(page)).toContain('r.1 moved from r.old · imported from x');
  });

  test('of a thousand resources shows 250 and says how many it does not show', () => {
    const page = plan(summary(Array.from({ length: 1000 }, (_, i) => resource(`r.${i}`, 'create'))));
    expect(textOf(page)).toContain('750 more resources are not shown here');
  });

  test('shows of a very long value its beginning and how much is missing', () => {
    const page = plan(
      summary([resource('r.a', 'create', { changes: [{ ...row, after: 'x'.repeat(5000) }] })]),
    );
    expect(textOf(page)).toContain('and 1000 more characters');
  });

  test('warns before anything else', () => {
    const page = plan(
      summary([resource('r.a', 'create')], {
        warnings: [{ kind: 'part-not-shown', text: 'A part is not shown.' }],
      }),
    );
    expect(textOf(page)).toMatch(/^A part is not shown\./);
  });
});

describe('the configuration of a project', () => {
  test('is folded, with each setting, its value, and where it was said', () => {
    const page = settings([
      { setting: 'applyOn', value: 'command', place: 'server' },
      { setting: 'whenModified', value: ['*.tf', '<b>'], place: 'countersign.yaml:4:5' },
      { setting: 'terraform.version', place: 'default' },
    ]);
    expect(page.toString()).toMatch(/^<details class="settings">/);
    expect(page.toString()).toContain('&lt;b&gt;');
    expect(textOf(page)).toContain('1 of 3 settings by the repository');
    expect(textOf(page)).toMatch(/applyOn\s*command\s*server/);
    expect(textOf(page)).toMatch(/whenModified\s*\*\.tf, <b>|whenModified\s*\*\.tf, &lt;b&gt;/);
    expect(textOf(page)).toMatch(/terraform\.version\s*–\s*default/);
  });
});

describe('gates', () => {
  const answers = [
    {
      gate: 'ticket-approved',
      answer: 'yes',
      reason: 'approved',
      remedy: '',
      evidence: { move: '1', tuple: undefined },
    },
    {
      gate: 'mergeable',
      answer: 'unknown',
      reason: 'still computed',
      remedy: 'It is asked again',
      evidence: {},
    },
    {
      gate: 'four-eyes',
      answer: 'no',
      reason: 'author approved',
      remedy: 'Somebody else approves',
      evidence: { author: ['a'] },
    },
  ] as const;

  test('that hold a change come first, open, with what to do and what they looked at', () => {
    const page = gates({ id: 'e', go: false, at: '2026-11-20T10:15:00.000Z', results: [...answers] });
    expect(page.toString()).toMatch(/^<details class="gates" open>/);
    expect(textOf(page)).toBe(
      'Gates 2 of 3 closed · 2026-11-20 10:15 Answer Gate What was found ' +
        '✕ no four-eyes author approved Somebody else approves Evidence author [&quot;a&quot;] ' +
        '? unknown mergeable still computed It is asked again ' +
        '✓ yes ticket-approved approved Evidence move 1',
    );
  });

  test('that all say yes are one line until somebody asks', () => {
    const page = gates({ id: 'e', go: true, at: '2026-11-20T10:15:00.000Z', results: [answers[0]] });
    expect(page.toString()).not.toContain('class="gates" open');
    expect(textOf(page)).toMatch(/^Gates all 1 say yes/);
  });
});

test('a status is words and a sign, not only a colour', () => {
  expect(textOf(chip('awaiting-approval'))).toBe('◐ awaiting approval');
  expect(textOf(chip('something-new'))).toBe('○ something new');
});

test('the list says what to do when it is empty, and keeps what was searched for', () => {
  const nothing = { rows: [], total: 0 };
  expect(textOf(changesPage({ debts: [], list: nothing, filters: {}, viewer: 'A' }))).toContain(
    'No changes yet. Open a merge request',
  );
  const page = changesPage({
    debts: [],
    list: { ...nothing, next: 'x~y' },
    filters: { q: '"><b>', status: 'ready' },
    viewer: 'A',
  }).toString();
  expect(page).toContain('value="&quot;&gt;&lt;b&gt;"');
  expect(page).toContain('<option value="ready" selected>');
  expect(page).toContain('href="/changes?q=%22%3E%3Cb%3E&amp;status=ready&amp;cursor=x%7Ey"');
});

test('the door keeps where one was going, and names the problem to screen readers', () => {
  const page = loginPage({ mode: 'token', people: [], next: '/changes/"x', problem: 'No.' }).toString();
  expect(page).toContain('name="next" value="/changes/&quot;x"');
  expect(page).toContain('<p class="note bad" role="alert">No.</p>');
});

test('an error says what happened, what to do and the id that the log has', () => {
  expect(
    textOf(errorPage({ status: 500, message: 'It broke.', remedy: 'Try again.', requestId: 'r-1' })),
  ).toContain('500 It broke. Try again. All changes Request r-1');
});

test('every page asks only for assets that are served', () => {
  const page = changesPage({ debts: [], list: { rows: [], total: 0 }, filters: {}, viewer: 'A' }).toString();
  const asked = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path);
  expect(asked.length).toBeGreaterThan(2);
  expect(assets.map(({ path }) => path)).toEqual(expect.arrayContaining(asked));
});
