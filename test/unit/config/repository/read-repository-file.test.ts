import { describe, expect, test } from 'vitest';
import { resolved, told } from './repository.ts';

const problems = (text: string) => {
  const { problems, unknown } = resolved(text);
  return told([...problems, ...unknown]);
};

describe('what is wrong with countersign.yaml', () => {
  test('is told all at once, each with its place', () => {
    const text = `version: 1
mergeAfterAply: true
drafts: maybe
projects:
  - dir: fin/prod/network
    when_modified: ["*.tf"]
    autoplan: "no"
  - name: other
workflows:
  mine:
    plan: [init, {step: plan, extraArgs: [-target=x]}, show, check]
`;
    expect(problems(text)).toEqual([
      'countersign.yaml:3:1: drafts: Invalid option: expected one of "ignore"|"plan"',
      'countersign.yaml:7:5: projects[0].autoplan: Invalid input: expected boolean, received string',
      'countersign.yaml:6:5: projects[0].when_modified: there is no such setting; did you mean whenModified?',
      'countersign.yaml:8:5: projects[1].dir: is missing; expected string',
      expect.stringMatching(
        /^countersign.yaml:11:\d+: workflows\.mine\.plan\[1\]\.extraArgs\[0\]: "-target=x" may not be added to plan; allowed: /,
      ),
      'countersign.yaml:2:1: mergeAfterAply: there is no such setting; did you mean mergeAfterApply?',
    ]);
  });

  test.each([
    [
      'a key that is there twice',
      'version: 1\ndrafts: plan\ndrafts: ignore\n',
      /^countersign.yaml:3:1: .*unique/,
    ],
    ['no version', 'drafts: plan\n', /^countersign.yaml:1:1: version: Invalid input: expected 1/],
    ['another version', 'version: 2\n', /^countersign.yaml:1:1: version: /],
    ['nothing', '', /^countersign.yaml:1:1: .*expected object/],
    ['a list', '- version: 1\n', /^countersign.yaml:1:1: .*expected object/],
    ['a bad indent', 'version: 1\nprojects:\n\t- dir: a\n', /^countersign.yaml:3:1: /],
    [
      'a pattern with braces',
      'version: 1\nprojects:\n  - dir: "{a,b}"\n',
      /^countersign.yaml:3:5: projects\[0\]\.dir: expected a path pattern/,
    ],
    ['a folder above the root', 'version: 1\nprojects:\n  - dir: ../x\n', /^countersign.yaml:3:5: /],
    [
      'a var file above the root',
      'version: 1\ndefaults:\n  - match: "**"\n    varFiles: [../x.tfvars]\n',
      /^countersign.yaml:4:16: .*varFiles\[0\]/,
    ],
    [
      'a pattern that leads out',
      'version: 1\nprojects:\n  - dir: fin/prod/app\n    whenModified: [../../../../x]\n',
      /^countersign.yaml:4:20: whenModified: .* leads out of the repository/,
    ],
    [
      'a workflow without checks',
      'version: 1\nworkflows:\n  a:\n    plan: [init, plan, show]\n',
      /^countersign.yaml:4:5: workflows\.a\.plan: plan: expected the steps init, plan, show, check/,
    ],
    [
      'a program in a step',
      'version: 1\nworkflows:\n  a:\n    plan: [init, {step: run, name: x, command: [x]}, plan, show, check]\n',
      /^countersign.yaml:4:\d+: workflows\.a\.plan\[1\]/,
    ],
    [
      'a variable of terraform',
      'version: 1\nworkflows:\n  a:\n    apply: [init, {step: env, name: TF_CLI_ARGS, value: x}, apply]\n',
      /^countersign.yaml:4:\d+: .*TF_CLI_ARGS is not a workflow/,
    ],
    [
      'a name for many',
      'version: 1\nprojects:\n  - dir: fin/*/app\n    name: app\n',
      /^countersign.yaml:4:5: name: a pattern of folders/,
    ],
    [
      'a bomb of aliases',
      `version: 1\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n${Array.from({ length: 8 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10).slice(0, -1)}]`).join('\n')}\n`,
      /^countersign.yaml:3:10: cannot be read: Excessive alias count/,
    ],
    ['brackets without end', `version: 1\nbranches: ${'['.repeat(20_000)}`, /^countersign.yaml:\d+:\d+: /],
  ])('is told for %s', (_, text, expected) => {
    const [first = ''] = problems(text);
    expect(first).toMatch(expected);
  });

  test('is a dependency that leads nowhere, a circle by its names, and a group that comes too late', () => {
    const text = `version: 1
autodiscover: { mode: enabled }
projects:
  - dir: fin/prod/network
    name: fin-network
    dependsOn: [biz/dev/app]
  - dir: biz/dev/app
    dependsOn: [biz/dev/network]
  - dir: biz/dev/network
    dependsOn: [fin-network]
  - dir: fin/prod/app
    orderGroup: -1
    dependsOn: [fin-netwerk, examples/vpc]
`;
    expect(problems(text)).toEqual([
      'countersign.yaml:13:5: dependsOn: fin/prod/app (order group -1) waits for examples/vpc, whose order group 0 comes later',
      'countersign.yaml:8:5: dependsOn: a circle: biz/dev/app → biz/dev/network → fin/prod/network → biz/dev/app',
      'countersign.yaml:13:5: dependsOn: there is no project fin-netwerk; did you mean fin-network?',
    ]);
  });

  test('is a project that is there twice, by folder or by name', () => {
    const text = `version: 1
projects:
  - { dir: fin/prod/app, name: app }
  - { dir: fin/prod/app }
  - { dir: biz/dev/app, name: app }
  - { dir: biz/dev/network, name: biz/dev/app }
`;
    expect(problems(text)).toEqual([
      'countersign.yaml:4:7: dir fin/prod/app is there already, at countersign.yaml:3:7',
      'countersign.yaml:5:25: name app is there already, at countersign.yaml:3:26',
    ]);
    expect(
      problems(
        text
          .replace('  - { dir: fin/prod/app }\n', '')
          .replace('/app, name: app }\n  - { dir: biz/dev/network', '/app }\n  - { dir: biz/dev/network'),
      ),
    ).toEqual(['countersign.yaml:5:7: biz/dev/app is a project already, at countersign.yaml:4:7']);
  });
});
