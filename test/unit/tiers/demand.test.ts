import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { demandOfAll } from '#domain/demand.ts';
import { defaultTier, demandOf, type Tier, type TierApproval } from '#domain/tiers.ts';
import { tierSchema } from '#src/config/tier-schema.ts';

const tier = (told: object): Tier => tierSchema.parse(told);
const LADDER: readonly Tier[] = [
  tier({ name: 'standard', standing: true }),
  tier({ name: 'normal' }),
  tier({
    name: 'high',
    approvals: [
      { id: 'owner', from: ['fin-net'], count: 2, labels: { network: 'fin' } },
      { id: 'owner', from: ['biz-net'], labels: { network: 'biz' } },
      { from: ['security'] },
      { from: ['managers'], labels: { env: 'prod' } },
    ],
    inOrder: true,
    approvalValidSeconds: 3600,
    workPlan: ['reason', 'fall-back'],
    reviews: 1,
    exclusions: [['reviewer', 'approver']],
    remindAfterSeconds: 600,
    escalate: { afterSeconds: 1200, to: ['managers'] },
  }),
];
const demand = (floor: string, matches: [string, string][] = [], labels: Record<string, string> = {}) =>
  demandOf(
    LADDER,
    { tier: floor, labels },
    matches.map(([name, reason]) => ({ tier: name, reason })),
  );

describe('what a plan demands', () => {
  test.each([
    ['the project’s tier where no rule matches', 'normal', [], 'normal', []],
    ['a graver tier where a rule says so', 'normal', [['high', 'destroys 1']], 'high', ['destroys 1']],
    [
      'never less than the project’s tier',
      'high',
      [['standard', 'small']],
      'high',
      ['the project is configured as high', 'small'],
    ],
    [
      'the gravest of all, with every reason once, the gravest first',
      'standard',
      [
        ['normal', 'is new'],
        ['high', 'destroys 1'],
        ['high', 'changes permissions'],
        ['normal', 'is new'],
      ],
      'high',
      ['destroys 1', 'changes permissions', 'is new'],
    ],
    [
      'no more than a standing approval',
      'standard',
      [],
      'standard',
      ['the project is configured as standard'],
    ],
  ] as [string, string, [string, string][], string, string[]][])(
    'is %s',
    (_, floor, matches, name, reasons) => {
      const rank = LADDER.findIndex((each) => each.name === name);
      expect(demand(floor, matches)).toMatchObject({ tier: name, rank, reasons });
    },
  );

  test('is all that the tier says, and standing only where the tier is', () => {
    const { approvals: _, ...rest } = demand('high', [], { network: 'biz' });
    expect(rest).toEqual({
      tier: 'high',
      rank: 2,
      reasons: ['the project is configured as high'],
      inOrder: true,
      approvalValidSeconds: 3600,
      workPlan: ['reason', 'fall-back'],
      reviews: 1,
      exclusions: [['reviewer', 'approver']],
      remindAfterSeconds: 600,
      escalate: { afterSeconds: 1200, to: ['managers'] },
    });
    expect(demand('standard').standing).toBe(true);
    expect(demand('standard', [['normal', 'is new']]).standing).toBeUndefined();
  });

  test.each([
    [{ network: 'fin', env: 'dev' }, ['2 of fin-net', '1 of security']],
    [{ network: 'biz', env: 'prod' }, ['1 of biz-net', '1 of security', '1 of managers']],
    // A label that is not there is not known, so it may be any.
    [{ network: 'biz' }, ['1 of biz-net', '1 of security', '1 of managers']],
    // A value that nobody thought of makes nobody needless.
    [{ network: 'fni', env: 'dev' }, ['2 of fin-net', '1 of biz-net', '1 of security']],
    [{}, ['2 of fin-net', '1 of biz-net', '1 of security', '1 of managers']],
  ] as [Record<string, string>, string[]][])('asks other groups for projects with %o', (labels, steps) => {
    expect(
      demand('high', [], labels).approvals.map(({ count, from }) => `${count} of ${from.join()}`),
    ).toEqual(steps);
  });

  test('asks everybody where nobody would count', () => {
    const approvals = [{ from: ['managers'], labels: { env: 'prod' } }];
    const ladder = [tier({ name: 'normal', approvals })];
    expect(demandOf(ladder, { tier: 'normal', labels: { env: 'dev' } }, []).approvals).toEqual([
      { id: 'managers', from: ['managers'], count: 1 },
    ]);
  });

  test('takes two entries that are one step for the more demanding of them', () => {
    const approvals: TierApproval[] = [
      { id: 'net', from: ['net'], count: 1 },
      { id: 'net', from: ['net'], count: 3, labels: { env: 'prod' } },
    ];
    const ladder = [tier({ name: 'normal', approvals })];
    const of = (labels: Record<string, string>) => demandOf(ladder, { tier: 'normal', labels }, []).approvals;
    expect(of({ env: 'prod' })).toEqual([{ id: 'net', from: ['net'], count: 3 }]);
    expect(of({ env: 'dev' })).toEqual([{ id: 'net', from: ['net'], count: 1 }]);
  });

  test('of a project of which nobody says anything is the lightest that people approve each time', () => {
    expect(defaultTier(LADDER)).toBe('normal');
  });

  test('is nothing where the tier is not on the ladder', () => {
    expect(() => demand('hihg')).toThrow('there is no tier hihg');
  });
});

describe('several plans of one change', () => {
  const anybody = tier({ name: 'light' });
  const owners = tier({ name: 'normal', approvals: [{ from: ['owners'] }, { from: ['security'] }] });
  const of = (...names: string[]) =>
    demandOfAll(names.map((name) => demandOf([anybody, owners], { tier: name, labels: {} }, [])));

  test('ask for nobody beside those whom the gravest asks, where anybody would do for the others', () => {
    expect(of('light', 'normal').approvals.map(({ id }) => id)).toEqual(['owners', 'security']);
    expect(of('light', 'light').approvals.map(({ id }) => id)).toEqual(['approver']);
  });

  test('ask for as many as any of them does', () => {
    const crowd = tier({ name: 'light', approvals: [{ count: 3 }] });
    const demands = [crowd, owners].map(({ name }) =>
      demandOf([crowd, owners], { tier: name, labels: {} }, []),
    );
    expect(demandOfAll(demands).approvals).toContainEqual({ id: 'approver', from: [], count: 3 });
  });
});

test('one more rule that matches never makes a demand weaker', () => {
  const name = fc.constantFrom(...LADDER.map((each) => each.name));
  const match = fc.record({ tier: name, reason: fc.string() });
  const labels = fc.dictionary(
    fc.constantFrom('network', 'env', 'constructor'),
    fc.constantFrom('fin', 'biz', 'dev', 'prod'),
  );
  fc.assert(
    fc.property(name, labels, fc.array(match), match, (floor, labelled, matches, more) => {
      const before = demandOf(LADDER, { tier: floor, labels: labelled }, matches);
      const after = demandOf(LADDER, { tier: floor, labels: labelled }, [...matches, more]);
      const people = ({ approvals }: typeof before) => approvals.reduce((sum, { count }) => sum + count, 0);
      expect(after.rank).toBeGreaterThanOrEqual(before.rank);
      expect(people(after)).toBeGreaterThanOrEqual(people(before));
      expect(after.reviews).toBeGreaterThanOrEqual(before.reviews);
      expect(after.approvalValidSeconds).toBeLessThanOrEqual(before.approvalValidSeconds);
      expect(after.workPlan).toEqual(expect.arrayContaining([...before.workPlan]));
      expect(after.standing === true && before.standing === undefined).toBe(false);
      const said = [...matches, more].map(({ reason }) => reason);
      expect(after.reasons).toEqual(expect.arrayContaining(said));
    }),
    { numRuns: 500 },
  );
});
