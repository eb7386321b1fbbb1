import { describe, expect, it } from 'vitest';
import { ruleProblems, tierRuleProblems } from '#adapters/checks/compile-rules.ts';
import { readPolicies } from '#src/config/repository/policies.ts';

const FILE = 'policies/network.yaml';
const NO_SSH = `rules:
  - id: no-ssh
    message: SSH is open
    when: resource.after.port == 22
`;

const readers = (ruleIds: readonly string[] = []) => ({
  checks: { ruleIds, problemsOf: ruleProblems },
  tiers: { ruleIds, problemsOf: tierRuleProblems, names: ['normal', 'high'] },
});

/** The problems as `place: what`; the rules' names when there are none. */
function read(text: string, serverRules: readonly string[] = []): string[] {
  return readFiles({ [FILE]: text }, serverRules);
}

function readFiles(texts: Record<string, string>, serverRules: readonly string[] = []): string[] {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const reading = readPolicies(files, readers(serverRules));
  return reading.ok
    ? reading.rules.map(({ id, severity }) => `${id} (${severity})`)
    : reading.problems.map(({ place, what }) => `${place}: ${what}`);
}

function hashOf(texts: Record<string, string>): string {
  const files = Object.entries(texts).map(([path, text]) => ({ path, text }));
  const reading = readPolicies(files, readers());
  if (!reading.ok) throw new Error('there are problems');
  return reading.hash;
}

describe('a repository’s policies', () => {
  it('are the rules of all its files, with the severity as it is written', () => {
    const warning = NO_SSH.replace('no-ssh', 'no-telnet').replace(
      'message',
      'severity: warning\n    message',
    );
    expect(readFiles({ 'policies/b.yaml': NO_SSH, 'policies/a.yaml': warning })).toEqual([
      'no-telnet (warning)',
      'no-ssh (error)',
    ]);
  });

  it('are none without files', () => {
    expect(readFiles({})).toEqual([]);
  });

  it('may not replace a rule of the server', () => {
    expect(read(NO_SSH, ['no-ssh'])).toEqual([
      `${FILE}:2:5: the server has a rule no-ssh, and a repository adds to the server's rules without changing any: give it another id`,
    ]);
  });

  it('may not take a shipped rule and make it milder', () => {
    const reading = read('rules:\n  - shipped: no-destroy\n    severity: warning\n');
    expect(reading).toContain(`${FILE}:2:5: rules[0].shipped: there is no such setting`);
  });

  it('have one rule of a name, in whichever file', () => {
    expect(readFiles({ 'policies/a.yaml': NO_SSH, 'policies/b.yaml': NO_SSH })).toEqual([
      'policies/b.yaml:2:5: rule no-ssh is there already, at policies/a.yaml:2:5',
    ]);
  });

  it('tell where an expression is wrong', () => {
    expect(read(NO_SSH.replace('resource.after.port', 'nothing.port'))).toEqual([
      expect.stringMatching(/^policies\/network\.yaml:4:5: rule no-ssh: Unknown variable: nothing/),
    ]);
  });

  it('tell of every problem in every file at once', () => {
    expect(
      readFiles({ 'policies/a.yaml': NO_SSH.replace('when', 'wenn'), 'policies/b.yaml': 'rules: [' }),
    ).toEqual([
      'policies/a.yaml:2:5: rules[0].when: is missing; expected string',
      'policies/a.yaml:4:5: rules[0].wenn: there is no such setting; did you mean when?',
      expect.stringMatching(/^policies\/b\.yaml:1:9: /),
    ]);
  });

  it.each([
    ['aliases of aliases', `a: &a [x,x,x,x,x,x,x,x]\n${bomb()}rules: []\n`],
    ['endless nesting', `rules: ${'['.repeat(6_000)}`],
  ])('are refused with their place when they are made of %s', (_, text) => {
    expect(read(text)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^policies\/network\.yaml:\d+:\d+: /)]),
    );
  });

  it('are not without end', () => {
    const many = Array.from({ length: 201 }, (_, i) => `  - { id: r${i}, message: m, when: 'true' }\n`);
    expect(read(`rules:\n${many.join('')}`)).toEqual([
      `${FILE}:202:7: there are 201 rules; expected 200 at most`,
    ]);
  });

  it('have a hash that follows what they ask and not where it stands', () => {
    const moved = { 'policies/other.yaml': `# a comment\n${NO_SSH}` };
    expect(hashOf(moved)).toBe(hashOf({ [FILE]: NO_SSH }));
    expect(hashOf({ [FILE]: NO_SSH.replace('22', '23') })).not.toBe(hashOf({ [FILE]: NO_SSH }));
  });
});

function bomb(): string {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  return names
    .slice(1)
    .map((name, i) => `${name}: &${name} [${`*${names[i]},`.repeat(8)}]\n`)
    .join('');
}
