import { describe, expect, test } from 'vitest';
import { keys, resolved, root, server, told, TREE } from './repository.ts';

const settingsOf = (text: string | undefined, key: string, side = server()) => {
  const found = resolved(text, TREE, side).projects.find(({ target }) => target.key === key);
  if (found === undefined) throw new Error(`no project ${key}`);
  return found;
};

const LAYERED = `version: 1
autodiscover: { mode: enabled, ignore: ["examples/**"] }
defaults:
  - match: "**"
    whenModified: ["*.tf", "*.tfvars"]
    orderGroup: 1
  - match: "*/dev/**"
    terraform: { distribution: tofu, version: 1.9.0 }
    labels: { env: dev, team: core }
    tier: light
  - match: "**/network"
    orderGroup: 0
    labels: { team: net }
projects:
  - dir: biz/dev/network
    name: dev-network
    terraform: { version: 1.9.1 }
`;

describe('the projects of a repository', () => {
  test('without a file are all root modules the server governs, by what the server says', () => {
    const { projects, repository, problems, warnings } = resolved(undefined);
    expect(projects.map(({ target }) => target.key)).toEqual([
      'biz/dev/app',
      'biz/dev/network',
      'examples/vpc',
      'fin/prod/app',
      'fin/prod/network',
    ]);
    expect([problems, warnings]).toEqual([[], []]);
    expect(projects.at(-1)?.target).toEqual({
      key: 'fin/prod/network',
      name: 'fin/prod/network',
      dir: 'fin/prod/network',
      workspace: 'default',
      applyOn: 'command',
      holdFrom: 'plan',
    });
    expect(repository).toEqual({
      branches: ['**'],
      calendar: { windows: [], freezes: [] },
      drafts: 'ignore',
      mergeAfterApply: true,
      silence: [],
      projectStatuses: false,
      volatile: [],
    });
  });

  test('are found where somebody lists none, unless the file wants both or neither', () => {
    const listing = (mode: string) => `version: 1
autodiscover: { mode: ${mode}, ignore: ["examples/**"] }
projects: [{ dir: fin/prod/app }]
`;
    expect(keys(resolved(listing('auto')))).toEqual(['fin/prod/app']);
    expect(keys(resolved(listing('enabled')))).toEqual([
      'biz/dev/app',
      'biz/dev/network',
      'fin/prod/app',
      'fin/prod/network',
    ]);
    expect(keys(resolved('version: 1\nautodiscover: { mode: disabled }\n'))).toEqual([]);
  });

  test('are not modules that others call, but for those that say where their state is or that somebody names', () => {
    const tree = [root('a', { calledByOthers: true }), root('b', { calledByOthers: true }), root('c')];
    const backend = { type: 'http', line: 1, attributes: {}, file: 'a/main.tf' };
    expect(keys(resolved(undefined, tree))).toEqual(['c']);
    expect(keys(resolved(undefined, [root('a', { calledByOthers: true, backend }), root('c')]))).toEqual([
      'a',
      'c',
    ]);
    const named = server({
      projects: [
        { match: 'b', applyOn: 'command' },
        { match: '**', applyOn: 'approval' },
      ],
    });
    expect(keys(resolved(undefined, tree, named))).toEqual(['b', 'c']);
    expect(keys(resolved('version: 1\nprojects: [{ dir: a }, { dir: "*" }]\n', tree))).toEqual(['a', 'c']);
  });

  test('of a pattern are all root modules that fit, but for those that an entry of their own names', () => {
    const text = `version: 1
projects:
  - dir: "*/*/app"
    orderGroup: 5
  - dir: fin/prod/app
    name: prod-app
  - dir: none/**
  - dir: gone
defaults:
  - match: nowhere/**
    autoplan: false
`;
    const { projects, warnings } = resolved(text);
    expect(projects.map(({ target: { key, name }, settings }) => [key, name, settings.orderGroup])).toEqual([
      ['biz/dev/app', 'biz/dev/app', 5],
      ['fin/prod/app', 'prod-app', 0],
    ]);
    expect(told(warnings)).toEqual([
      'countersign.yaml:8:5: projects[3].dir: there is no Terraform in gone',
      'countersign.yaml:7:5: projects[2].dir: no root module fits none/**',
      'countersign.yaml:10:5: defaults[0].match: no project fits nowhere/**',
    ]);
  });

  test('are one for each workspace that the server lets them have', () => {
    const text = (dir: string) => `version: 1
projects:
  - dir: ${dir}
    name: it
    workspaces: [default, blue]
`;
    expect(resolved(text('biz/dev/app')).projects.map(({ target: { key, name } }) => [key, name])).toEqual([
      ['biz/dev/app', 'it'],
      ['biz/dev/app:blue', 'it:blue'],
    ]);
    const narrow = server({
      projects: [{ match: '**', applyOn: 'approval', workspaces: ['default', 'green'] }],
    });
    expect(told(resolved(text('fin/prod/app'), TREE, narrow).problems)).toEqual([
      'countersign.yaml:5:5: workspaces: the server does not let this repository have blue (fin/prod/app)',
    ]);
    expect(keys(resolved('version: 1\nprojects: [{ dir: fin/prod/app }]\n', TREE, narrow))).toEqual([
      'fin/prod/app',
      'fin/prod/app:green',
    ]);
  });

  test('get past what the server says of their folder by no workspace of which it says nothing', () => {
    const text = 'version: 1\nprojects: [{ dir: fin/prod/app, workspaces: [blue] }]\n';
    expect(told(resolved(text).problems)).toEqual([
      'countersign.yaml:2:33: workspaces: the server does not let this repository have blue (fin/prod/app)',
    ]);
    const permitted = server();
    for (const entry of permitted.repository.projects) entry.allow.settings.push('workspaces');
    const { projects } = resolved(text, TREE, permitted);
    expect(
      projects.map(({ target: { key, applyOn }, settings: { labels } }) => [key, applyOn, labels]),
    ).toEqual([['fin/prod/app:blue', 'command', { env: 'prod' }]]);
  });
});

describe('settings', () => {
  test('come from the server, then from every layer that fits, then from the project, key by key', () => {
    const { settings, target, origins } = settingsOf(LAYERED, 'biz/dev/network');
    expect(target).toMatchObject({ name: 'dev-network', applyOn: 'approval', holdFrom: 'apply' });
    expect(settings).toMatchObject({
      binary: { distribution: 'tofu', version: '1.9.1' },
      labels: { env: 'dev', team: 'net' },
      whenModified: ['*.tf', '*.tfvars'],
      orderGroup: 0,
      tier: 'light',
      autoplan: true,
      workflow: { name: 'default' },
    });
    expect(Object.fromEntries(origins.map(({ setting, place }) => [setting, place]))).toEqual({
      applyOn: 'server',
      holdFrom: 'server',
      'terraform.version': 'countersign.yaml:17:18',
      'terraform.distribution': 'countersign.yaml:8:18',
      varFiles: 'default',
      'labels.env': 'countersign.yaml:9:15',
      'labels.team': 'countersign.yaml:13:15',
      workflow: 'default',
      whenModified: 'countersign.yaml:5:5',
      autoplan: 'default',
      dependsOn: 'default',
      orderGroup: 'countersign.yaml:12:5',
      tier: 'countersign.yaml:10:5',
    });
    expect(settingsOf(LAYERED, 'fin/prod/app').settings).toMatchObject({
      binary: { distribution: 'terraform' },
      labels: { env: 'prod' },
      orderGroup: 1,
    });
  });

  test('share a shape by anchors', () => {
    const text = `version: 1
defaults:
  - &dev
    match: biz/dev/**
    labels: { env: dev }
    orderGroup: 3
  - <<: *dev
    match: examples/**
`;
    expect(settingsOf(text, 'examples/vpc').settings).toMatchObject({
      labels: { env: 'dev' },
      orderGroup: 3,
    });
  });

  test('may be stricter than the server’s, and weaker only where it says so', () => {
    const stricter = `version: 1
defaults:
  - { match: "biz/**", applyOn: merge, holdFrom: plan }
  - { match: "examples/**", applyOn: command }
`;
    expect(settingsOf(stricter, 'biz/dev/app').target).toMatchObject({ applyOn: 'merge', holdFrom: 'plan' });
    expect(settingsOf(stricter, 'examples/vpc').target.applyOn).toBe('command');
    const weaker = `version: 1
defaults:
  - match: "**"
    applyOn: approval
    holdFrom: apply
`;
    expect(told(resolved(weaker).problems)).toEqual([
      'countersign.yaml:4:5: applyOn: approval is weaker than what the server says, which is command (fin/prod/app)',
      'countersign.yaml:5:5: holdFrom: apply is weaker than what the server says, which is plan (fin/prod/app)',
    ]);
    const free = server({
      projects: [{ match: '**', applyOn: 'command', allow: { settings: ['applyOn'] } }],
    });
    expect(settingsOf(weaker, 'fin/prod/app', free).target.applyOn).toBe('approval');
  });

  test.each([
    ['labels', '{ labels: { team: x } }', 'labels.team: the server does not let this repository set labels'],
    ['a label of the server’s', '{ labels: { env: dev } }', 'labels.env: the server says that it is prod'],
    [
      'a version',
      '{ terraform: { version: 1.2.3 } }',
      'terraform.version: the server does not let this repository choose it',
    ],
    [
      'another program',
      '{ terraform: { distribution: tofu } }',
      'terraform.distribution: the server does not let this repository choose it',
    ],
    [
      'a workflow',
      '{ workflow: careful }',
      'workflow: the server does not let this repository choose careful',
    ],
    [
      'a workflow of its own',
      '{ workflow: mine }',
      'workflow: the server does not let this repository have workflows of its own',
    ],
    ['a workflow that is not there', '{ workflow: none }', 'workflow: there is no none'],
    ['a tier', '{ tier: light }', 'tier: light is lighter than what the server says, which is normal'],
    ['a tier that is not there', '{ tier: hihg }', 'tier: there is no tier hihg; did you mean high.'],
  ])('do not choose %s where the server does not let them', (_, says, what) => {
    const text = `version: 1\nworkflows: { mine: {} }\nprojects:\n  - { dir: fin/prod/app, ${says.slice(1, -1)}}\n`;
    expect(told(resolved(text).problems)).toEqual([
      expect.stringMatching(new RegExp(String.raw`^countersign\.yaml:4:\d+: ${what} \(fin/prod/app\)$`)),
    ]);
  });

  test('choose a workflow of the server’s or of their own where it lets them, and hooks come around any', () => {
    const run = { name: 'tell', command: ['tell', 'us'] };
    const hooks = [
      {
        match: 'biz/**',
        prePlan: [{ step: 'run', output: 'show', ...run } as const],
        postPlan: [],
        preApply: [],
        postApply: [],
      },
    ];
    const side = { ...server(), hooks };
    const text = `version: 1
workflows:
  mine: { plan: [init, { step: plan, extraArgs: [-parallelism=3] }, show, check] }
projects:
  - { dir: biz/dev/app, workflow: careful }
  - { dir: examples/vpc, workflow: mine }
`;
    const app = settingsOf(text, 'biz/dev/app', side).settings;
    expect(app.workflow.plan.map(({ step }) => step)).toEqual(['init', 'run', 'plan', 'show', 'check']);
    expect(app.hooks.prePlan).toMatchObject([run]);
    const vpc = settingsOf(text, 'examples/vpc', side).settings;
    expect(vpc.workflow.plan[1]).toEqual({ step: 'plan', extraArgs: ['-parallelism=3'] });
    expect(vpc.hooks.prePlan).toEqual([]);
    const taken = text.replaceAll('mine', 'secret');
    expect(told(resolved(taken).problems)).toEqual([
      'countersign.yaml:3:3: workflows.secret: the server has a workflow of this name',
      'countersign.yaml:6:26: workflow: the server does not let this repository choose secret (examples/vpc)',
    ]);
  });

  test('windows and freezes are its own, each with its zone; a tier in them has to be the server’s', () => {
    const text = [
      'version: 1',
      'calendar:',
      '  zone: Asia/Seoul',
      '  windows: [{ name: early, tiers: [normal, grav], from: "01:00", to: "05:00" }]',
    ].join('\n');
    const { problems, repository } = resolved(text);
    expect(repository.calendar.windows).toMatchObject([{ name: 'early', zone: 'Asia/Seoul' }]);
    expect(problems).toMatchObject([{ what: expect.stringContaining('there is no tier grav') }]);
  });

  test('of the repository as a whole are its own; of two limits the lower one counts', () => {
    const text =
      'version: 1\ndrafts: plan\nmergeAfterApply: false\nsilence: [fork]\nparallelism: 20\nvolatile: [tags_all.*]\n';
    const side = server({ parallelism: 4, projectStatuses: true, silence: ['draft'], volatile: ['tags.At'] });
    expect(resolved(text, TREE, side).repository).toEqual({
      branches: ['**'],
      calendar: { windows: [], freezes: [] },
      drafts: 'plan',
      mergeAfterApply: false,
      silence: ['fork'],
      projectStatuses: true,
      volatile: ['tags.At', 'tags_all.*'],
      parallelism: 4,
    });
  });

  test('of dependencies lead to keys, by name or by key', () => {
    const text = `version: 1
autodiscover: { mode: enabled }
projects:
  - { dir: fin/prod/network, name: net }
  - { dir: fin/prod/app, dependsOn: [net, biz/dev/network] }
defaults:
  - { match: "biz/**", dependsOn: [biz/dev/network] }
`;
    expect(settingsOf(text, 'fin/prod/app').settings.dependsOn).toEqual([
      'fin/prod/network',
      'biz/dev/network',
    ]);
    expect(settingsOf(text, 'biz/dev/app').settings.dependsOn).toEqual(['biz/dev/network']);
    expect(settingsOf(text, 'biz/dev/network').settings.dependsOn).toEqual([]);
  });
});
