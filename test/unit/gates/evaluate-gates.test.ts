import { DEFAULT_DEMAND } from '#domain/demand.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allYes, evaluateGates, GATES, toReasons } from '#domain/gates/evaluate-gates.ts';
import type { GateResult } from '#domain/gates/evidence.ts';
import type { PlanRef } from '#domain/plan-ref.ts';
import { REVIEWER, type Situation, situation } from './evidence.ts';

const evaluate = (s: Situation): GateResult[] => evaluateGates(s.subject, s.change, s.project);

/** Every observation a gate may make, by where it is found. */
const observations = (s: Situation): { of: 'change' | 'project'; key: string }[] =>
  (['change', 'project'] as const).flatMap((of) =>
    Object.entries(s[of]).flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && 'seen' in value ? [{ of, key }] : [],
    ),
  );

/** What is not demanded needs no look; so that every look counts, a review is demanded, and given. */
function reviewedSituation(): Situation {
  const s = situation();
  s.subject.plan.demand = { ...s.subject.plan.demand, reviews: 1 };
  s.change.people = [...s.change.people, REVIEWER];
  s.change.reviews = { seen: true, value: [{ gitlabId: REVIEWER.gitlabId, username: 'rex', ofHead: true }] };
  return s;
}

describe('the gates of a project', () => {
  it('let an approved plan through when all of them say yes', () => {
    const results = evaluate(situation());
    expect(toReasons(results)).toEqual([]);
    expect(allYes(results)).toBe(true);
  });

  it('are all asked and all answer, however many say no', () => {
    const s = situation();
    s.subject.approval = undefined;
    s.change.ticket = { seen: false, why: 'timeout' };
    s.change.mergeRequest = { seen: false, why: 'timeout' };
    expect(evaluate(s).map((result) => result.gate)).toEqual(Object.keys(GATES));
  });

  it('do not let anything through when an answer is missing', () => {
    expect(allYes(evaluate(situation()).slice(1))).toBe(false);
    expect(allYes([])).toBe(false);
  });

  it('never let anything through when something could not be seen', () => {
    const all = observations(reviewedSituation());
    expect(all).toHaveLength(19);
    fc.assert(
      fc.property(fc.subarray(all, { minLength: 1 }), (blind) => {
        const s = reviewedSituation();
        for (const { of, key } of blind)
          Object.assign(s[of], { [key]: { seen: false, why: 'out of reach' } });
        const results = evaluate(s);
        expect(allYes(results)).toBe(false);
        expect(JSON.stringify(toReasons(results))).toContain('out of reach');
      }),
      { numRuns: 200 },
    );
  });
});

describe('a plan that is not what was approved', () => {
  const unchanged = (s: Situation) => evaluate(s).find((result) => result.gate === 'plan-unchanged');

  it.each([
    [
      'policy',
      'policy',
      (s: Situation) => {
        s.change.policyHash = { seen: true, value: 'X' };
      },
    ],
    [
      'configuration',
      'configuration',
      (s: Situation) => {
        s.project.configurationHash = { seen: true, value: 'X' };
      },
    ],
    [
      'tier',
      'normal',
      (s: Situation) => {
        s.project.demand = { seen: true, value: { ...DEFAULT_DEMAND, tier: 'X', rank: 1 } };
      },
    ],
    [
      'inputs',
      'inputs',
      (s: Situation) => {
        s.project.inputsId = { seen: true, value: 'X' };
      },
    ],
    [
      'terraform version',
      '1.11.4',
      (s: Situation) => {
        s.project.terraformVersion = { seen: true, value: 'X' };
      },
    ],
    [
      'plan bundle',
      'bundle',
      (s: Situation) => {
        s.project.bundle = { seen: true, value: { hash: 'X' } };
      },
    ],
    [
      'state',
      'lineage lineage serial 7',
      (s: Situation) => {
        s.project.state = { seen: true, value: { lineage: 'lineage', serial: 'X' } };
      },
    ],
    [
      'state',
      'lineage lineage serial 7',
      (s: Situation) => {
        s.project.state = { seen: true, value: { lineage: 'X', serial: '7' } };
      },
    ],
    [
      'work plan',
      'none',
      (s: Situation) => {
        if (s.change.mergeRequest.seen) s.change.mergeRequest.value.description = '## Reason\n\nX';
      },
    ],
  ] as const)('is refused, and the refusal names %s with both values', (element, approved, mutate) => {
    const s = situation();
    mutate(s);
    const result = unchanged(s);
    expect(result).toMatchObject({
      answer: 'no',
      remedy: expect.stringMatching(/countersign plan|again by itself/),
    });
    expect(result?.reason).toMatch(
      new RegExp(`^${element}: approved ${approved}, now .*(?:X|[0-9a-f]{12}$)`),
    );
  });

  it('is planned again by itself when it is of a graver tier by now, which nobody was asked for', () => {
    const s = situation();
    const graver = { ...DEFAULT_DEMAND, tier: 'high', rank: 1, reasons: ['nobody of dba asks for it'] };
    s.project.demand = { seen: true, value: graver };
    expect(unchanged(s)).toMatchObject({
      planAgain: 'it was planned as tier normal and is of tier high by now: nobody of dba asks for it',
      remedy: expect.stringMatching(/planned again by itself/),
    });
    s.project.configurationHash = { seen: true, value: 'X' };
    expect(unchanged(s)).not.toHaveProperty('planAgain');
  });

  it('is what was approved when it would be of a lighter tier by now', () => {
    const s = situation();
    s.project.demand = { seen: true, value: { ...DEFAULT_DEMAND, tier: 'light', rank: -1 } };
    expect(unchanged(s)).toMatchObject({ answer: 'yes' });
  });

  it.each([
    'digest',
    'headSha',
    'inputsId',
    'moduleTreeHash',
    'lockFileHash',
    'terraformVersion',
    'policyHash',
    'configurationHash',
    'checks',
  ] as const satisfies (keyof PlanRef)[])(
    'is refused when the %s of the plan is not in the approved tuple',
    (key) => {
      const s = situation();
      Object.assign(s.subject.plan, { [key]: key === 'checks' ? [] : 'X' });
      expect(unchanged(s)).toMatchObject({
        answer: 'no',
        reason: expect.stringContaining('approved tuple: approved '),
      });
    },
  );

  it('is refused without a state where there was one, and with one where there was none', () => {
    const s = situation();
    s.project.state = { seen: true, value: 'none' };
    expect(unchanged(s)?.reason).toBe('state: approved lineage lineage serial 7, now none');
    s.subject.plan.state = 'none';
    expect(unchanged(s)?.answer).toBe('yes');
  });

  it('cannot be told while a project that was approved with it has no plan', () => {
    const s = situation();
    const { project } = s.subject;
    const { plan: _plan, ...rest } = { plan: undefined, ...project };
    s.subject.change.projects = [
      project,
      { ...rest, key: 'biz/dev', status: 'planning', planRunId: 'c1.p2' },
    ];
    expect(unchanged(s)).toMatchObject({ answer: 'unknown', reason: expect.stringContaining('biz/dev') });
  });
});
