import { describe, expect, test } from 'vitest';
import { memberRefusals, nothingSelected } from '#domain/command-refusals.ts';
import { project, sampleChange } from '#test/unit/messages/sample-change.ts';
import { peter } from './facts.ts';

describe('projects that were named and are not there', () => {
  const change = sampleChange({
    projects: [project('fin/prod/network', 'ready'), project('biz/dev/network', 'ready')],
  });
  const ALL = 'his change is about fin/prod/network, biz/dev/network';

  test.each([
    [{ dir: 'fin/prod/netwrok' }, '-d fin/prod/network'],
    [{ dir: 'prod/network' }, '-d fin/prod/network'],
    [{ project: 'biz/dev/Network', workspace: 'default' }, '-p biz/dev/network -w default'],
    [{ dir: 'biz/dev/network', workspace: 'defualt' }, '-d biz/dev/network -w default'],
  ])('%j is answered with what was probably meant', (select, meant) => {
    expect(nothingSelected(change, select).remedy).toBe(`did you mean “${meant}”? T${ALL}`);
  });

  test.each([{ dir: 'elsewhere' }, { dir: 'network' }, { dir: 'fin/**/x' }])(
    '%j could be anything, and is answered with those there are',
    (select) => {
      expect(nothingSelected(change, select).remedy).toBe(`t${ALL}`);
    },
  );

  test('what was typed stands between quotes that are no markup', () => {
    expect(nothingSelected(change, { dir: 'x' }).reason).toBe('“-d x” fits no project here');
  });
});

test('a member with too low a role is told which one it takes', () => {
  const reporter = { ...peter, roles: ['confirmer'], accessLevel: 20, takesLevel: 30 };
  expect(memberRefusals(reporter, { verb: 'confirm' }, sampleChange())).toEqual([
    {
      code: 'not-a-member',
      reason: '@peter is a Reporter of this project and may not ask for that here',
      remedy:
        'ask somebody who is at least a Developer of the project to comment, or for that role in GitLab',
    },
  ]);
});
