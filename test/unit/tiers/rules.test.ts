import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createCelThreads } from '#adapters/checks/cel-threads.ts';
import { createCelTiers } from '#adapters/checks/cel-tiers.ts';
import { RuleError } from '#adapters/checks/compile-rules.ts';
import type { TierSubject } from '#app/ports/tiers.ts';
import type { ModuleCall } from '#domain/composition.ts';
import type { ModuleAttestation } from '#domain/module-register.ts';
import type { RedactedPlan, RedactedResource } from '#domain/plan/redact.ts';
import { unknownText } from '#domain/plan/redact-change.ts';
import { summarizePlan } from '#domain/plan/summarize.ts';
import type { TierRule } from '#domain/tiers.ts';
import { loadTiers, shippedTierRules } from '#src/config/tiers.ts';
import { tierSchema } from '#src/config/tier-schema.ts';
import { resource, subject as planOf } from '../checks/plans.ts';

const TIERS = ['standard', 'normal', 'high'].map((name) =>
  tierSchema.parse({ name, ...(name === 'standard' ? { standing: true } : {}) }),
);
const threads = createCelThreads();

function rule(when: string, rest: Partial<TierRule> = {}): TierRule {
  return {
    id: 'rule',
    tier: 'high',
    when,
    message: 'it matches',
    appliesTo: {},
    params: {},
    place: 'server.yaml:3:5',
    ...rest,
  };
}

const ANN = { id: 'ann', roles: ['requester'], groups: ['network'] };
const PETE = { id: 'pete', roles: [], groups: ['contractors'] };

/** A plan of these resources, of a project that is `normal` and whose sources hold nothing new. */
function subject(
  resources: RedactedResource[],
  told: Partial<TierSubject> = {},
  rest: Partial<RedactedPlan> = {},
): TierSubject {
  const { plan, project } = planOf(resources, rest);
  return {
    plan,
    project,
    tier: 'normal',
    counts: summarizePlan(plan).counts,
    requester: { seen: true, value: ANN },
    contributors: { seen: true, value: [ANN] },
    sources: async () => ({ modules: [], providers: [], added: { modules: [], providers: [] } }),
    at: '2026-11-01T10:00:00.000Z',
    ...told,
  };
}

async function decide(
  rules: TierRule[],
  about: TierSubject,
  added: TierRule[] = [],
  modules: ModuleAttestation[] = [],
) {
  const { reasons, tier } = await createCelTiers({ tiers: TIERS, tierRules: rules, modules }, threads).decide(
    about,
    added,
  );
  return { tier, reasons };
}

const gone = resource('aws_vpc', null, { actions: ['delete'], before: {} });
const made = resource('aws_vpc', { cidr: '10.0.0.0/16' });

describe('a rule about tiers', () => {
  test.each([
    ['matches where it is true', 'plan.counts.delete > 0', [gone], 'high', ['it matches']],
    ['does not where it is false', 'plan.counts.delete > 0', [made], 'normal', []],
    [
      'names what its list holds',
      'plan.resources.filter(r, r.action == "delete").map(r, r.address)',
      [gone],
      'high',
      ['it matches: aws_vpc.one'],
    ],
    [
      'does not match with an empty list',
      'plan.resources.filter(r, false).map(r, r.address)',
      [gone],
      'normal',
      [],
    ],
    [
      'names the first of many',
      'plan.resources.map(r, r.address)',
      Array.from({ length: 8 }, (_, i) => resource('a', null, { address: `a.b${i}` })),
      'high',
      ['it matches: a.b0, a.b1, a.b2, a.b3, a.b4 and 3 more'],
    ],
    [
      'matches where a value is known only after apply',
      'plan.resources.exists(r, r.after.cidr == "x")',
      [resource('aws_vpc', { cidr: unknownText })],
      'high',
      [
        'it matches: taken to be so, since it could not be decided (resource.after.cidr is known only after apply)',
      ],
    ],
    [
      'does not need that value where the rest of it decides',
      'plan.resources.exists(r, r.type == "aws_iam_role" && r.after.cidr == "x")',
      [resource('aws_vpc', { cidr: unknownText })],
      'normal',
      [],
    ],
    [
      'matches where it goes wrong',
      'plan.resources[7].address == "x"',
      [made],
      'high',
      [expect.stringMatching(/^it matches: taken to be so, since it could not be decided \(.+\)$/)],
    ],
    [
      'matches where it says neither yes nor no',
      'plan.counts.create',
      [made],
      'high',
      [expect.stringContaining('neither true nor false nor a list of texts')],
    ],
    [
      'matches where nobody knows what an action does',
      'false',
      [resource('aws_vpc', null, { actions: ['transmute'] })],
      'high',
      [expect.stringContaining('no rule can see these parts of the plan: transmute of aws_vpc.one')],
    ],
  ] as [string, string, RedactedResource[], string, unknown[]][])(
    '%s',
    async (_, when, resources, tier, reasons) => {
      expect(await decide([rule(when)], subject(resources))).toEqual({ tier, reasons });
    },
  );

  test('matches where a part of the plan cannot be shown to it', async () => {
    const { tier, reasons } = await decide(
      [rule('false')],
      subject([made], {}, { hidden: ['deferred_changes'] }),
    );
    expect([tier, reasons[0]]).toEqual(['high', expect.stringContaining('deferred_changes')]);
  });

  test.each([
    ['who asks', 'requester.id == "ann" && "network" in requester.groups && "requester" in requester.roles'],
    [
      'everybody who contributed',
      'contributors.map(c, c.id) == ["ann", "pete"] && contributors.exists(c, c.groups == ["contractors"])',
    ],
    ['the project', 'project.dir == "biz/dev/network" && project.labels.env == "dev"'],
    ['its own values', 'params.most == 3'],
  ])('sees %s', async (_, when) => {
    const asked = rule(when, { params: { most: 3 } });
    const contributors = { seen: true, value: [ANN, PETE] } as const;
    expect(await decide([asked], subject([made], { contributors }))).toEqual({
      tier: 'high',
      reasons: ['it matches'],
    });
  });

  test.each(['!("network" in requester.groups)', 'contributors.exists(c, !("network" in c.groups))'])(
    'that looks at who asks, or contributed, matches while that is not known: %s',
    async (when) => {
      const unseen = { seen: false, why: 'ldap.example.com: no answer' } as const;
      const { tier, reasons } = await decide(
        [rule(when), rule('false', { id: 'other' })],
        subject([made], { requester: unseen, contributors: unseen }),
      );
      expect([tier, reasons]).toEqual(['high', [expect.stringContaining('ldap.example.com: no answer')]]);
    },
  );

  test('is asked only in the projects it is for, and then nothing is looked up for it', async () => {
    const elsewhere = rule('true', { appliesTo: { projects: ['fin/**'] } });
    const sources = () => Promise.reject(new Error('nobody asked'));
    expect(await decide([elsewhere], subject([gone], { sources }))).toEqual({ tier: 'normal', reasons: [] });
  });

  test('that takes too long matches, and what others decided stands', async () => {
    const endless = rule('"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!".matches("^(a+)+$")', { id: 'z' });
    const tiers = createCelTiers(
      { tiers: TIERS, tierRules: [rule('false', { id: 'a' }), endless], modules: [] },
      createCelThreads({ wallMs: 1_500, heapMb: 256 }),
    );
    expect((await tiers.decide(subject([made]), [])).reasons).toEqual([
      'it matches: taken to be so, since it could not be decided (not decided within 1.5 s)',
    ]);
  });

  test('that does not compile keeps the service from starting, with its place', () => {
    const wrong = () =>
      createCelTiers({ tiers: TIERS, tierRules: [rule('nobody.knows')], modules: [] }, threads);
    expect(wrong).toThrow(RuleError);
    expect(wrong).toThrow('server.yaml:3:5: rule rule:');
    expect(() => createCelTiers({ tiers: TIERS, tierRules: [rule('"text"')], modules: [] }, threads)).toThrow(
      'expected bool or list',
    );
  });
});

describe('a repository’s own rule', () => {
  test('raises, and cannot lower what the server says', async () => {
    const server = [rule('plan.counts.delete > 0')];
    const lighter = rule('true', { id: 'mine', tier: 'standard', message: 'it is nothing' });
    expect(await decide(server, subject([gone]), [lighter])).toEqual({
      tier: 'high',
      reasons: ['it matches', 'it is nothing'],
    });
    const graver = rule('true', { id: 'mine', message: 'we say so' });
    expect(await decide([], subject([made]), [graver])).toEqual({ tier: 'high', reasons: ['we say so'] });
  });

  test('never makes a plan’s tier a lighter one, whatever it says', async () => {
    const whens = ['true', 'false', 'plan.counts.delete > 0', 'plan.resources[9].x', 'context.newModules'];
    const anyRule = (id: string) =>
      fc
        .record({ when: fc.constantFrom(...whens), tier: fc.constantFrom('standard', 'normal', 'high') })
        .map(({ when, tier }) => rule(when, { id, tier }));
    const tiers = (server: TierRule[]) =>
      createCelTiers({ tiers: TIERS, tierRules: server, modules: [] }, threads);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(subject([made]), subject([gone]), subject([made], { tier: 'standard' })),
        fc.array(anyRule('server'), { maxLength: 1 }),
        anyRule('mine'),
        async (about, server, mine) => {
          const without = await tiers(server).decide(about, []);
          const beside = await tiers(server).decide(about, [mine]);
          const instead = await tiers([...server, mine]).decide(about, []);
          expect(beside.rank).toBeGreaterThanOrEqual(without.rank);
          expect(instead).toEqual(beside);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('modules and providers', () => {
  const VPC: ModuleCall = { source: 'terraform-aws-modules/vpc/aws', version: '5.1.0' };
  const LOCAL: ModuleCall = { source: './modules/vpc', hash: 'a'.repeat(40) };
  const unattested = rule('modules.filter(m, !m.attested).map(m, m.title)', { message: 'not reviewed' });
  const entry = { reviewedBy: 'cleo', reviewedAt: '2026-01-01', until: '2026-12-31' };
  const madeOf = (...modules: ModuleCall[]) =>
    subject([made], {
      sources: async () => ({ modules, providers: [], added: { modules: [], providers: [] } }),
    });

  test('that are new are named', async () => {
    const sources = async () => ({
      modules: [VPC],
      providers: ['hashicorp/random'],
      added: { modules: ['terraform-aws-modules/vpc/aws 5.1.0'], providers: ['hashicorp/random'] },
    });
    const rules = [
      rule('context.newProviders', { message: 'uses new providers' }),
      rule('context.newModules', { id: 'modules', message: 'calls new modules' }),
    ];
    expect(await decide(rules, subject([made], { sources }))).toEqual({
      tier: 'high',
      reasons: [
        'uses new providers: hashicorp/random',
        'calls new modules: terraform-aws-modules/vpc/aws 5.1.0',
      ],
    });
  });

  test.each([
    ['of that source and version', VPC, { source: 'terraform-aws-modules/vpc/aws', version: '5.1.0' }, true],
    ['of that source, in any version', VPC, { source: 'terraform-aws-modules/**' }, true],
    ['of another version', VPC, { source: 'terraform-aws-modules/vpc/aws', version: '5.2.0' }, false],
    [
      'that is not pinned to it',
      { source: VPC.source, version: '~> 5.0' },
      { source: VPC.source, version: '5.1.0' },
      false,
    ],
    ['a segment away', VPC, { source: 'terraform-aws-modules/*' }, false],
    ['whose dots are dots', { source: 'a.example.com/x' }, { source: 'a.example.com/x' }, true],
    ['whose dots are other characters', { source: 'a-example.com/x' }, { source: 'a.example.com/x' }, false],
    ['of a folder as it was reviewed', LOCAL, { source: './modules/**', hash: 'a'.repeat(40) }, true],
    [
      'of a folder that is another one by now',
      LOCAL,
      { source: './modules/**', hash: 'b'.repeat(40) },
      false,
    ],
    ['of this repository', LOCAL, { source: './modules/vpc', repository: 7 }, true],
    ['of another repository', LOCAL, { source: './modules/vpc', repository: 8 }, false],
    ['whose hash cannot be seen', VPC, { source: VPC.source, hash: 'a'.repeat(40) }, false],
    ['that is computed', { source: '(computed)' }, { source: 'terraform-aws-modules/**' }, false],
    ['until its last day', VPC, { source: VPC.source, until: '2026-11-01' }, true],
  ] as [string, ModuleCall, Partial<ModuleAttestation> & { source: string }, boolean][])(
    'are reviewed, or not, by an entry %s',
    async (_, call, told, attested) => {
      const { tier } = await decide([unattested], madeOf(call), [], [{ ...entry, ...told }]);
      expect(tier).toBe(attested ? 'normal' : 'high');
    },
  );

  test('whose review has ended are unreviewed, and the reason says whose it was', async () => {
    const ended = { ...entry, source: VPC.source, until: '2026-10-31' };
    expect(await decide([unattested], madeOf(VPC), [], [ended])).toEqual({
      tier: 'high',
      reasons: [
        'not reviewed: terraform-aws-modules/vpc/aws 5.1.0 (the review by cleo ended with 2026-10-31)',
      ],
    });
    expect(await decide([unattested], madeOf(VPC), [], [ended, { ...entry, source: VPC.source }])).toEqual({
      tier: 'normal',
      reasons: [],
    });
  });
});

describe('a shipped rule', () => {
  const IAM = resource('aws_iam_role', {}, { actions: ['update'], before: {} });
  const LABELS = { env: 'prod', category: 'permission' };
  const labelled = { ...planOf([]).project, labels: LABELS };
  const inModule = resource('aws_vpc', {}, { module: 'module.vpc' });
  const many = Array.from({ length: 21 }, (_, i) => resource('a', {}, { address: `a.b${i}` }));
  const sources = async () => ({
    modules: [{ source: 'x/y/z' }],
    providers: [],
    added: { modules: ['x/y/z'], providers: ['a/b'] },
  });
  const CASES: Record<string, [matches: TierSubject, not: TierSubject, params?: Record<string, unknown>]> = {
    destroy: [subject([gone]), subject([made])],
    replace: [subject([resource('a', {}, { actions: ['delete', 'create'] })]), subject([gone])],
    iam: [subject([IAM]), subject([made, resource('aws_iam_role', {}, { actions: ['no-op'] })])],
    network: [subject([made]), subject([IAM])],
    production: [subject([made], { project: labelled }), subject([made])],
    category: [subject([made], { project: labelled }), subject([made])],
    size: [subject(many), subject(many.slice(1))],
    'new-provider': [subject([made], { sources }), subject([made])],
    'new-module': [subject([made], { sources }), subject([made])],
    'unattested-module': [subject([made], { sources }), subject([made])],
    'own-resources': [subject([made]), subject([inModule])],
    'outside-contributor': [
      subject([made], { contributors: { seen: true, value: [ANN, PETE] } }),
      subject([made]),
      { groups: ['network'] },
    ],
  };

  test('names who is from outside, also somebody whom nobody knows', async () => {
    const { tierRules } = loadTiers(
      {
        tiers: TIERS,
        tierRules: [{ shipped: 'outside-contributor', tier: 'high', params: { groups: ['network'] } }],
        repositories: [],
      } as unknown as Parameters<typeof loadTiers>[0],
      () => 'server.yaml:1:1',
    );
    const contributors = { seen: true, value: [ANN, PETE, { id: '', roles: [], groups: [] }] } as const;
    expect((await decide(tierRules, subject([made], { contributors }))).reasons).toEqual([
      'is made by somebody from outside: pete, somebody whom the directory does not know',
    ]);
  });

  test('has a case here, each', () => {
    expect(Object.keys(CASES).sort()).toEqual(shippedTierRules().sort());
  });

  test.each(Object.entries(CASES))(
    '%s raises what it is about and nothing else',
    async (shipped, [yes, no, params]) => {
      const entry = { shipped, tier: 'high', ...(params === undefined ? {} : { params }) };
      const { tierRules, problems } = loadTiers(
        { tiers: TIERS, tierRules: [entry], repositories: [] } as unknown as Parameters<typeof loadTiers>[0],
        () => 'server.yaml:1:1',
      );
      expect(problems).toEqual([]);
      const raised = await decide(tierRules, yes);
      expect(raised.tier).toBe('high');
      expect(raised.reasons.join()).not.toContain('could not be decided');
      expect(await decide(tierRules, no)).toEqual({ tier: 'normal', reasons: [] });
    },
  );
});
