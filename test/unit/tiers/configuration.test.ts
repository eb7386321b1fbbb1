import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tierRuleProblems } from '#adapters/checks/compile-rules.ts';
import { endingReviews } from '#domain/module-register.ts';
import { ConfigurationError, configurationHash } from '#src/config.ts';
import { readPolicies } from '#src/config/repository/policies.ts';
import { type ExampleFolder, exampleFolder } from '../config/example.ts';

const SERVER = 'countersign.server.yaml';
let example: ExampleFolder;
beforeEach(() => {
  example = exampleFolder();
});
afterEach(() => example.remove());

/** What is wrong once a text of the example's file is another one, without line and column. */
function problemsWith(from: string, to: string): string[] {
  example.edit(SERVER, from, to);
  try {
    example.load();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(
      ({ place, what }) => `${place.replace(/^.*yaml:\d+:\d+$/, 'at its place')}: ${what}`,
    );
  }
  return [];
}

describe('the ladder of tiers', () => {
  test('is one tier, with one approver, where nothing is said', () => {
    const tiers = /\ntiers:\n[\s\S]*?(?=\n# What raises)/.exec(example.read(SERVER))?.[0] ?? '';
    const rules = /\ntierRules:\n[\s\S]*?(?=\n# Modules)/.exec(example.read(SERVER))?.[0] ?? '';
    example.edit(SERVER, tiers, '');
    example.edit(SERVER, rules, '');
    expect(example.load().config).toMatchObject({
      tiers: [
        { name: 'normal', approvals: [{ id: 'approver', from: [], count: 1 }], approvalValidSeconds: 86400 },
      ],
      tierRules: [],
    });
  });

  test.each([
    ['of two tiers with one name', 'name: high', 'name: normal', 'there is a tier normal already'],
    [
      'of a standing tier above one that is not',
      '- name: high\n',
      '- name: high\n    standing: true\n',
      'a standing tier is lighter than those that are not: name it first',
    ],
    [
      'of a graver tier that wants fewer people',
      '- name: normal\n    approvals:\n',
      '- name: normal\n    approvals:\n      - { id: more, from: [others], count: 3 }\n',
      'approvals: 4 people instead of 5: a graver tier may not ask for less than normal',
    ],
    [
      'of a graver tier whose approvals hold longer',
      'approvalValidSeconds: 28800',
      'approvalValidSeconds: 86401',
      'approvalValidSeconds: its approvals hold longer: a graver tier may not ask for less than normal',
    ],
    [
      'of a graver tier that needs less of a work plan',
      'workPlan: [reason, impact, fall-back, window]',
      'workPlan: [reason]',
      'workPlan: without fall-back: a graver tier may not ask for less than normal',
    ],
    [
      'of a step that nobody has to take',
      '- { id: security, from: [security] }',
      '- { id: security, from: [security], count: 0 }',
      expect.stringContaining('tiers[2].approvals[2].count'),
    ],
  ])('is none %s', (_, from, to, what) => {
    expect(problemsWith(from, to).map((each) => each.replace('at its place: ', ''))).toContainEqual(what);
  });

  test.each([
    ['a project’s tier', 'labels: { network: fin', 'tier: hihg\n        labels: { network: fin'],
    [
      'a tier that is allowed',
      'labels: { network: fin',
      'allow: { tiers: [hihg] }\n        labels: { network: fin',
    ],
    ['a rule’s tier', '{ shipped: iam, tier: high }', '{ shipped: iam, tier: hihg }'],
  ])('is asked for %s', (_, from, to) => {
    expect(problemsWith(from, to)).toEqual(['at its place: there is no tier hihg; did you mean high?']);
  });

  test('says which tiers there are where no name is near', () => {
    expect(problemsWith('{ shipped: iam, tier: high }', '{ shipped: iam, tier: emergency }')).toEqual([
      'at its place: there is no tier emergency; there are standard, normal, high',
    ]);
  });

  test('takes a shipped rule only by its name, and each rule once', () => {
    expect(problemsWith('{ shipped: iam, tier: high }', '{ shipped: ima, tier: high }')).toEqual([
      expect.stringMatching(/there is no shipped tier rule ima; there are .*iam/),
    ]);
    expect(problemsWith('{ shipped: ima, tier: high }', '{ shipped: network, tier: high }')).toEqual([
      expect.stringMatching(/tier rule network is there already, at .*yaml:\d+:\d+$/),
    ]);
  });
});

describe('the register of reviewed modules', () => {
  test.each([
    [
      'a review that ended before it began',
      'until: 2027-03-01',
      'until: 2026-03-01',
      'expected a day after `reviewedAt`',
    ],
    ['a day that is none', 'until: 2027-03-01', 'until: soon', 'expected a day such as 2026-12-31'],
    ['a folder of just any repository', '    repository: 101\n', '', 'of a folder expected the `repository`'],
  ])('refuses %s', (_, from, to, what) => {
    expect(problemsWith(from, to)).toEqual([expect.stringContaining(what)]);
  });

  test('tells what has ended, and what ends within a month', () => {
    const { modules } = example.load().config;
    const said = (at: string) => endingReviews(modules, at).map(({ what }) => what);
    expect(said('2027-01-15T00:00:00Z')).toEqual([]);
    expect(said('2027-02-15T00:00:00Z')).toEqual([
      'module git::https://gitlab.example.com/platform/modules/vpc.git: the review by bob ends with 2027-03-01',
      'module ./modules/**: the review by cleo ends with 2027-03-01',
    ]);
    expect(said('2027-03-02T00:00:00Z')[0]).toMatch(/the review by bob ended with 2027-03-01$/);
  });
});

test('tiers, their rules and the register are part of what governs a project; where a rule stands is not', () => {
  const { config } = example.load();
  const place = { repository: 101, dir: 'fin/prod/network', workspace: 'default' };
  const hash = (changed: Partial<typeof config> = {}) =>
    configurationHash({ ...config, ...changed }, place, {});
  const [rule] = config.tierRules;
  if (rule === undefined) throw new Error('the example has rules');
  expect(hash({ tierRules: [{ ...rule, place: 'elsewhere:1:1' }, ...config.tierRules.slice(1)] })).toBe(
    hash(),
  );
  expect(hash({ tiers: config.tiers.slice(1) })).not.toBe(hash());
  expect(hash({ tierRules: [] })).not.toBe(hash());
  expect(hash({ modules: [] })).not.toBe(hash());
});

describe('a repository’s rules about tiers', () => {
  const FILE = 'policies/tiers.yaml';
  const RULE =
    'tierRules:\n  - id: mine\n    tier: high\n    message: we say so\n    when: plan.counts.delete > 0\n';
  const read = (text: string, names: readonly string[] | 'nobody knows' = ['normal', 'high']) =>
    readPolicies([{ path: FILE, text }], {
      checks: { ruleIds: [], problemsOf: () => [] },
      tiers: {
        ruleIds: ['of-the-server'],
        problemsOf: tierRuleProblems,
        ...(names === 'nobody knows' ? {} : { names }),
      },
    });
  const problems = (text: string) => {
    const reading = read(text);
    return reading.ok ? [] : reading.problems.map(({ place, what }) => `${place}: ${what}`);
  };

  test('stand beside its other rules and count in what governs', () => {
    const both = read(`${RULE}rules:\n  - { id: a, message: b, when: "true" }\n`);
    const one = read(RULE);
    if (!both.ok || !one.ok) throw new Error('they are in order');
    expect(both.tierRules.map(({ id, tier, place }) => [id, tier, place])).toEqual([
      ['mine', 'high', `${FILE}:5:5`],
    ]);
    expect(both.rules.map(({ id }) => id)).toEqual(['a']);
    expect(one.hash).not.toBe(both.hash);
  });

  test.each([
    [
      'a tier that is not there',
      RULE.replace('tier: high', 'tier: hihg'),
      `${FILE}:3:5: there is no tier hihg; did you mean high?`,
    ],
    [
      'a name of the server’s',
      RULE.replace('mine', 'of-the-server'),
      `${FILE}:2:5: the server has a tier rule of-the-server`,
    ],
    ['an expression that is none', RULE.replace('> 0', '>'), `${FILE}:5:5: rule mine: `],
    [
      'a shipped rule',
      'tierRules:\n  - { shipped: iam, tier: high }\n',
      `${FILE}:2:7: tierRules[0].shipped: there is no such setting`,
    ],
  ])('may not have %s', (_, text, what) => {
    expect(problems(text)).toContainEqual(expect.stringContaining(what));
  });

  test('are not asked for their tiers where nobody knows which there are', () => {
    expect(read(RULE.replace('tier: high', 'tier: hihg'), 'nobody knows')).toMatchObject({ ok: true });
  });
});
