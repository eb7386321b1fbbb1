import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError, describeConfig } from '#src/config.ts';
import { type ExampleFolder, exampleFolder } from './example.ts';

const SERVER = 'countersign.server.yaml';
let example: ExampleFolder;
beforeEach(() => {
  example = exampleFolder();
});
afterEach(() => example.remove());

/** Every problem as `place: what`, places without the folder. */
function problems(environment?: Record<string, string>): string[] {
  try {
    example.load(environment);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ place, what }) => `${place}: ${what}`.replaceAll(`${example.dir}/`, ''));
  }
  return [];
}

describe('the configuration', () => {
  it('of the shipped example is complete', () => {
    const { config, secrets } = example.load();
    expect(config.gitlab.tokenFile).toBe(join(example.dir, 'secrets/gitlab-token'));
    expect(config.people.map(({ id }) => id)).toEqual(['ann', 'bob', 'cleo']);
    expect(config.rules.map(({ id }) => id)).toEqual([
      'required-tags',
      'no-destroy',
      'naming',
      'no-public-ssh',
      'few-deletions',
    ]);
    expect(secrets.gitlab.hooks).toEqual([
      {
        segment: '0123456789abcdef0123456789abcdef',
        signingTokens: ['secret-gitlab-signing-token'],
        tokens: [],
      },
    ]);
    expect(secrets.planDigestKey).toEqual(Buffer.alloc(32, 1));
    expect(secrets.bundleKeys).toEqual([Buffer.alloc(32, 2)]);
  });

  it('is frozen to the bottom', () => {
    const { config, secrets } = example.load();
    expect(() => Object.assign(config.gates, { pipelineRequired: true })).toThrow(TypeError);
    expect(() => Object.assign(config.people[0] ?? {}, { roles: ['approver'] })).toThrow(TypeError);
    expect(() => Object.assign(secrets.gitlab, { token: '' })).toThrow(TypeError);
  });

  it('holds no secret, and is described without what might be one', () => {
    example.edit(SERVER, 'TF_HTTP_USERNAME: countersign', 'TF_HTTP_USERNAME: hunter2');
    const { config } = example.load();
    expect(JSON.stringify(config)).not.toContain('secret-');
    const described = JSON.stringify(describeConfig(config));
    expect(described).not.toMatch(/hunter2|0123456789abcdef|fedcba98|9f86d081/);
    expect(described).toContain('"TF_HTTP_USERNAME":"(set)"');
  });

  it('names every problem with its place, all at once', () => {
    example.edit(SERVER, 'port: 8080', 'port: 80800\n  prot: 1');
    example.edit(SERVER, '  projectKey: CHG\n', '');
    example.edit(SERVER, 'applyOn: command', 'applyOn: always');
    expect(problems({})).toEqual([
      'countersign.server.yaml:8:3: http.port: Too big: expected number to be <=65535',
      'countersign.server.yaml:9:3: http.prot: there is no such setting; did you mean port?',
      'countersign.server.yaml:24:1: jira.projectKey: is missing; expected string',
      'countersign.server.yaml:50:9: repositories[0].projects[0].applyOn: Invalid option: expected one of "approval"|"command"|"merge"',
      'DATABASE_URL: is not set; expected the PostgreSQL URL of the application role',
    ]);
  });

  it('names a workflow that it does not have', () => {
    example.edit(
      SERVER,
      'applyOn: command',
      'applyOn: command\n        workflow: carefull\n        allow: { workflows: [default, quick] }',
    );
    expect(problems()).toEqual([
      'countersign.server.yaml:51:9: there is no workflow carefull',
      'countersign.server.yaml:52:39: there is no workflow quick',
    ]);
  });

  it('takes a reserved command only with somebody whom it is reserved for', () => {
    const commands = (rule: string) =>
      example.edit(SERVER, '  accessLevels:', `  commands: [${rule}]\n  accessLevels:`);
    commands('{ verbs: [apply], groups: [infra/operators], accessLevel: 40, projects: ["fin/**"] }');
    expect(problems()).toEqual([]);
    example.edit(SERVER, 'groups: [infra/operators], accessLevel: 40, ', '');
    expect(problems()).toEqual([
      expect.stringContaining('gitlab.commands[0].groups: expected groups, an accessLevel, or both'),
    ]);
  });

  it('names the place of a YAML error', () => {
    example.edit(SERVER, 'mode: production', 'mode: production\nmode: demo');
    expect(problems()).toEqual(['countersign.server.yaml:4:1: Map keys must be unique']);
  });

  it('says which file cannot be read', () => {
    rmSync(join(example.dir, 'people.yaml'));
    expect(problems()).toEqual([expect.stringMatching(/^people\.yaml: cannot be read: ENOENT/)]);
    rmSync(join(example.dir, SERVER));
    expect(problems()[0]).toMatch(/^countersign\.server\.yaml: cannot be read: ENOENT/);
  });

  it.each([
    [
      'is missing',
      'jira-token',
      undefined,
      /^countersign\.server\.yaml:27:3: secrets\/jira-token cannot be read: ENOENT/,
    ],
    ['is empty', 'jira-token', '', /^countersign\.server\.yaml:27:3: secrets\/jira-token is empty$/],
    [
      'is too short a key',
      'bundle-key',
      'c2hvcnQ=',
      /^countersign\.server\.yaml:\d+:20: secrets\/bundle-key: expected 32 bytes/,
    ],
    [
      'is the password of a run',
      'state-token-write',
      undefined,
      /^countersign\.server\.yaml:\d+:7: secrets\/state-token-write cannot be read/,
    ],
  ])('refuses a secret that %s', (_, name, text, problem) => {
    rmSync(join(example.dir, 'secrets', name));
    if (text !== undefined) writeFileSync(join(example.dir, 'secrets', name), text, { mode: 0o600 });
    expect(problems()).toEqual([expect.stringMatching(problem)]);
  });

  it('takes connection URLs from the environment or from files it names', () => {
    const file = join(example.dir, 'secrets/database-url');
    writeFileSync(file, 'postgresql://app:pw@db/countersign\n', { mode: 0o600 });
    const { secrets } = example.load({ DATABASE_URL_FILE: file, REDIS_URL: 'redis://cache' });
    expect(secrets).toMatchObject({
      databaseUrl: 'postgresql://app:pw@db/countersign',
      redisUrl: 'redis://cache',
      migrationDatabaseUrl: undefined,
    });
    expect(problems({ DATABASE_URL: 'mysql://x' })).toEqual([
      'DATABASE_URL: expected a URL that starts with postgres:// or postgresql://',
    ]);
  });

  it('refuses a token of somebody who is not in the people file', () => {
    example.edit(SERVER, 'person: cleo', 'person: mallory');
    expect(problems()).toEqual([
      expect.stringMatching(/^countersign\.server\.yaml:\d+:7: mallory is not in the people file$/),
    ]);
  });
});

describe('production', () => {
  it.each([
    ['clear text', 'url: https://gitlab', 'url: http://gitlab', 'gitlab.url: production needs https'],
    [
      'runs without isolation',
      'requireIsolation: true',
      'requireIsolation: false',
      'runs nothing without isolation',
    ],
    [
      'unsigned GitLab hooks',
      'signingTokenFiles: [secrets/gitlab-signing-token]',
      'tokenFiles: []',
      'gitlab.hooks[0]: production needs a signing token',
    ],
    [
      'unsigned JIRA hooks',
      'secretFiles: [secrets/jira-hook-secret]',
      'secretFiles: []',
      'jira.hook: production needs a secret',
    ],
  ])('refuses %s, which the demo allows', (_, from, to, what) => {
    example.edit(SERVER, from, to);
    expect(problems()).toEqual([expect.stringContaining(what)]);
    example.edit(SERVER, 'mode: production', 'mode: demo');
    expect(problems()).toEqual([]);
  });

  it('refuses the demo log-in', () => {
    example.edit(SERVER, '  mode: token\n  tokens:', '  mode: demo\nsweep: {}\n#');
    example.edit(SERVER, '    - sha256', '    # sha256');
    example.edit(SERVER, '      person: cleo', '');
    expect(problems()).toEqual([expect.stringContaining('production has no demo log-in')]);
  });

  it('refuses a secret that others may read', () => {
    chmodSync(join(example.dir, 'secrets/jira-token'), 0o640);
    expect(problems()).toEqual([
      expect.stringMatching(/secrets\/jira-token can be read by others; expected mode 0600$/),
    ]);
  });

  it('allows http on this machine', () => {
    example.edit(
      SERVER,
      'externalUrl: https://countersign.example.com',
      'externalUrl: http://127.0.0.1:8080',
    );
    expect(problems()).toEqual([]);
  });
});

describe('rules in the configuration', () => {
  it('of the shipped kind take values of one’s own', () => {
    example.edit(
      SERVER,
      '- shipped: no-destroy',
      '- shipped: no-destroy\n    severity: warning\n    params: { types: [aws_eip] }',
    );
    const rule = example.load().config.rules.find(({ id }) => id === 'no-destroy');
    expect(rule).toMatchObject({ severity: 'warning', params: { types: ['aws_eip'], tag: 'Protected' } });
    expect(rule?.appliesTo.actions).toEqual(['delete', 'replace', 'forget']);
  });

  it.each([
    [
      'an unknown shipped rule',
      'shipped: naming',
      'shipped: nameing',
      /:\d+:\d+: there is no shipped rule nameing; there are naming, no-destroy, required-tags$/,
    ],
    [
      'a rule that is there twice',
      '- shipped: naming',
      '- { id: no-destroy, when: "true", message: no }',
      /rule no-destroy is there already, at .*yaml:\d+:\d+$/,
    ],
    [
      'a rule with a typing error',
      '- shipped: naming',
      '- { id: mine, when: "true", mesage: no }',
      /rules\[2\]\.mesage: there is no such setting; did you mean message\?$/,
    ],
  ])('refuse %s', (_, from, to, problem) => {
    example.edit(SERVER, from, to);
    expect(problems()).toContainEqual(expect.stringMatching(problem));
  });

  it('name the place in their own file', () => {
    example.edit('rules.yaml', 'id: no-public-ssh', 'id: No SSH');
    expect(problems()).toEqual([
      'rules.yaml:3:5: rules[0].id: expected lower-case letters, digits and dashes',
    ]);
    example.edit('rules.yaml', 'id: No SSH', 'id: no-ssh');
    expect(example.load().config.rules.find(({ id }) => id === 'no-ssh')?.place).toBe(
      join(example.dir, 'rules.yaml:8:5'),
    );
  });
});
