import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import type { ApprovalStep } from '#domain/demand.ts';
import { type Candidate, fillSteps } from '#domain/gates/fill-steps.ts';

const owner: ApprovalStep = { id: 'owner', from: ['owners'], count: 1 };
const security: ApprovalStep = { id: 'security', from: ['security', 'risk'], count: 1 };
const anybody: ApprovalStep = { id: 'anybody', from: [], count: 2 };

function by(person: string, ...groups: string[]): Candidate {
  return { person, moveId: `move of ${person}`, groups };
}

const left = (...filling: Parameters<typeof fillSteps>) =>
  fillSteps(...filling).missing.map(({ step, left: count }) => `${step.id} ${count}`);

describe('the places of an approval', () => {
  it('are filled by people of the groups that are asked', () => {
    expect(left([owner, security], false, [by('ada', 'owners')])).toEqual(['security 1']);
    expect(left([owner, security], false, [by('ada', 'owners'), by('bob', 'risk')])).toEqual([]);
    expect(left([owner, security], false, [by('eve', 'others')])).toEqual(['owner 1', 'security 1']);
    expect(left([anybody], false, [by('eve')])).toEqual(['anybody 1']);
  });

  it('are one for each person, however often they approve', () => {
    const twice = [by('ada', 'owners', 'security'), by('ada', 'owners', 'security')];
    expect(left([owner, security], false, twice)).toEqual(['security 1']);
    expect(fillSteps([anybody], false, twice).unused).toEqual([twice[1]]);
  });

  it('are one for somebody and whoever stands in for them', () => {
    const standIn = { ...by('dora', 'owners'), insteadOf: ['ada'] };
    expect(left([anybody], false, [by('ada', 'owners'), standIn])).toEqual(['anybody 1']);
    expect(left([anybody], false, [standIn, { ...by('emil'), insteadOf: ['ada'] }])).toEqual(['anybody 1']);
    expect(left([anybody], false, [standIn, by('bob')])).toEqual([]);
  });

  it('are filled in whichever way leaves none empty', () => {
    const both = by('ada', 'owners', 'security');
    expect(left([owner, security], false, [both, by('bob', 'owners')])).toEqual([]);
    expect(left([anybody, owner], false, [both, by('bob'), by('cleo')])).toEqual([]);
  });

  it('are filled in their order where that is asked: out of turn counts nothing', () => {
    const early = by('sam', 'security');
    expect(fillSteps([owner, security], true, [early, by('ada', 'owners')])).toMatchObject({
      filled: [{ step: 'owner', person: 'ada' }],
      missing: [{ step: { id: 'security' }, left: 1 }],
      unused: [early],
    });
    expect(left([owner, security], true, [by('ada', 'owners'), early])).toEqual([]);
  });

  it('never go to somebody who does not fit, and as many are filled as any assignment could', () => {
    const group = fc.constantFrom('a', 'b', 'c');
    const step = fc.record({
      id: fc.constantFrom('s', 't', 'u'),
      from: fc.uniqueArray(group, { maxLength: 2 }),
      count: fc.integer({ min: 1, max: 2 }),
    });
    const person = fc.record({
      person: fc.constantFrom('1', '2', '3', '4'),
      moveId: fc.uuid(),
      groups: fc.uniqueArray(group, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.array(person, { maxLength: 4 }),
        (steps, people) => {
          const { filled } = fillSteps(steps, false, people);
          const first = people.filter(
            (each, i) => people.findIndex((one) => one.person === each.person) === i,
          );
          for (const { step: id, person: who, moveId } of filled) {
            const groups = first.find((each) => each.person === who && each.moveId === moveId)?.groups ?? [];
            expect(
              steps.some(
                (each) =>
                  each.id === id && (each.from.length === 0 || each.from.some((one) => groups.includes(one))),
              ),
            ).toBe(true);
          }
          expect(new Set(filled.map(({ person: who }) => who)).size).toBe(filled.length);
          expect(filled.length).toBe(most(places(steps), first));
        },
      ),
    );
  });
});

function places(steps: readonly ApprovalStep[]): ApprovalStep[] {
  return steps.flatMap((step) => Array.from({ length: step.count }, () => step));
}

/** The largest assignment there is, by trying every one. */
function most([place, ...rest]: readonly ApprovalStep[], people: readonly Candidate[]): number {
  if (place === undefined) return 0;
  const fitting = people.filter(
    ({ groups }) => place.from.length === 0 || place.from.some((one) => groups.includes(one)),
  );
  return Math.max(
    most(rest, people),
    ...fitting.map(
      (taken) =>
        1 +
        most(
          rest,
          people.filter((each) => each !== taken),
        ),
    ),
  );
}
