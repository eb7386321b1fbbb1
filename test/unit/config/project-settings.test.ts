import { afterAll, describe, expect, it } from 'vitest';
import { isPathPattern, matchesPath } from '#domain/path-match.ts';
import { configurationHash, runVariables } from '#src/config.ts';
import { exampleFolder } from './example.ts';

const example = exampleFolder();
const { config } = example.load();
afterAll(() => example.remove());
const prod = { repository: 101, dir: 'fin/prod/network', workspace: 'default' };

describe('path patterns', () => {
  it.each([
    ['fin/prod/**', 'fin/prod/network/a', true],
    ['fin/prod/**', 'fin/prod', true],
    ['fin/prod/**', 'fin/production', false],
    ['fin/*/network', 'fin/prod/network', true],
    ['fin/*/network', 'fin/prod/a/network', false],
    ['**/network', 'network', true],
    ['**/network', 'a/b/network', true],
    ['**', '.', true],
    ['.', '.', true],
    ['.', 'fin', false],
    ['**', '.hidden/x', true],
    ['app-*-prod', 'app-x-prod', true],
    ['app-*-prod', 'app-prod', false],
    ['a*a', 'a', false],
    ['a*b*c', 'abbc', true],
    ['a*b*c', 'acb', false],
    ['fin.prod', 'finXprod', false],
    ['Fin', 'fin', false],
    ['**/app/**/db', 'a/app/b/app/c/db', true],
    ['**/app/**/db', 'a/app/b/db/c', false],
    ['**/**', 'a', true],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a', false],
    [`${'**/a/'.repeat(30)}b`, `${'a/'.repeat(60)}c`, false],
  ])('%s fits %s: %s', (pattern, path, fits) => {
    expect(matchesPath(pattern, path)).toBe(fits);
  });

  it.each(['', '/fin', 'fin/', 'fin//prod', '../x', 'fin/./x', '{a,b}', '!x', 'a**b/[c]'])(
    '%j is none',
    (pattern) => {
      expect(isPathPattern(pattern)).toBe(false);
    },
  );
});

describe('what governs a project', () => {
  it('gives plan and apply variables of their own, later entries over earlier ones', () => {
    const more = [...config.credentials, { match: 'fin/**', plan: { TF_HTTP_USERNAME: 'fin' }, apply: {} }];
    expect(runVariables({ credentials: more }, prod, 'plan')['TF_HTTP_USERNAME']).toBe('fin');
    expect(runVariables({ credentials: more }, prod, 'apply')['TF_HTTP_USERNAME']).toBe('countersign');
    expect(
      runVariables(
        { credentials: [{ repository: 102, match: '**', plan: { A: 'b' }, apply: {} }] },
        prod,
        'plan',
      ),
    ).toEqual({});
  });
});

describe('the configuration hash', () => {
  const hash = (changed: Partial<typeof config> = {}, place = prod, settled = { applyOn: 'command' }) =>
    configurationHash({ ...config, ...changed }, place, settled);

  it('is the same for the same configuration, and whatever else changes', () => {
    expect(
      hash({
        workers: {
          plans: 1,
          planMemoryBytes: 1,
          applies: 1,
          leaseSeconds: 20,
          attemptSilentSeconds: 60,
          effects: 1,
        },
        sweep: { everySeconds: 5 },
        people: [],
        rules: [],
      }),
    ).toBe(hash());
  });

  it.each([
    ['the variables of its runs', { credentials: [] }],
    ['terraform’s version', { terraform: { ...config.terraform, version: '1.12.0' } }],
    ['the gates’ settings', { gates: { ...config.gates, pipelineRequired: true } }],
    [
      'which commands are reserved',
      { gitlab: { ...config.gitlab, commands: [{ verbs: ['apply'], groups: ['infra/operators'] }] } },
    ],
    ['who may command', { gitlab: { ...config.gitlab, accessLevels: { plan: 20, apply: 40 } } }],
  ] as [string, Partial<typeof config>][])('differs with %s', (_, changed) => {
    expect(hash(changed)).not.toBe(hash());
  });

  it('is the same on a machine that keeps the same files elsewhere, and differs with another file', () => {
    const from = (file: string) => [{ match: '**', plan: { TOKEN: { file } }, apply: {} }];
    expect(hash({ credentials: from('/opt/a/state-token') })).toBe(
      hash({ credentials: from('/srv/b/state-token') }),
    );
    expect(hash({ credentials: from('/opt/a/state-token') })).not.toBe(
      hash({ credentials: from('/opt/a/admin-token') }),
    );
  });

  it('differs from project to project, and with what was settled for it', () => {
    expect(hash({}, { ...prod, dir: 'fin/prod/other' })).not.toBe(hash());
    expect(hash({}, prod, { applyOn: 'approval' })).not.toBe(hash());
  });
});
