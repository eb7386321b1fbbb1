import { describe, expect, it } from 'vitest';
import { createCelChecks } from '#adapters/checks/cel-checks.ts';
import { createCelThreads } from '#adapters/checks/cel-threads.ts';
import { RuleError } from '#adapters/checks/compile-rules.ts';
import { checkRef, type CheckReport, type CheckRule } from '#domain/checks.ts';
import { sensitiveText, type ShownValue, unknownText } from '#domain/plan/redact-change.ts';
import { ask, resource, rule, subject } from './plans.ts';

const one = (after: ShownValue) => subject([resource('aws_vpc', after)]);

describe('checks in CEL', () => {
  it('name the resource and the message of what is broken', () => {
    const report = ask(rule('resource.after.cidr == "0.0.0.0/0"'), one({ cidr: '0.0.0.0/0' }));
    expect(report).toEqual({
      name: 'rule',
      severity: 'error',
      result: 'fail',
      examined: 1,
      found: 1,
      findings: [{ where: 'aws_vpc.one', result: 'fail', message: 'broken' }],
    });
  });

  it.each([
    [
      'an unknown value',
      'resource.after.cidr == "x"',
      { cidr: unknownText },
      'resource.after.cidr is known only after apply',
    ],
    [
      'the inequality of an unknown value',
      'resource.after.cidr != "x"',
      { cidr: unknownText },
      'resource.after.cidr is known only after apply',
    ],
    ['a hidden value', 'resource.after.key == "x"', { key: sensitiveText }, 'resource.after.key is hidden'],
    [
      'a text with a hidden part',
      'resource.after.url == "x"',
      { url: `https://${sensitiveText}@host` },
      'resource.after.url is hidden',
    ],
    [
      'an unknown element of a list',
      '"x" in resource.after.list',
      { list: ['a', unknownText] },
      'resource.after.list[1] is known only after apply',
    ],
    [
      'the first element of a list, unknown',
      'size(resource.after.list.filter(e, e == "x")) == 0',
      { list: [unknownText] },
      'resource.after.list[0] is known only after apply',
    ],
    [
      'a deeper unknown value',
      'resource.after.a[0].b == 1',
      { a: [{ b: unknownText }] },
      'resource.after.a[0].b is known only after apply',
    ],
    [
      'an equality of maps with an unknown member',
      'resource.after.tags == {"a": "b"}',
      { tags: { a: unknownText } },
      'resource.after.tags.a is known only after apply',
    ],
    [
      'whether an unknown tag is there',
      'has(resource.after.tags.a)',
      { tags: { a: unknownText } },
      'resource.after.tags.a is known only after apply',
    ],
    ['a key that is not there', 'resource.after.cidr == "x"', {}, 'No such key: cidr'],
    [
      'a comparison of unlike types',
      'resource.after.cidr < 3',
      { cidr: 'x' },
      'no such overload: dyn<string> < int',
    ],
    [
      'an answer that is no truth',
      'resource.after.cidr',
      { cidr: 'x' },
      'the rule came to neither true nor false',
    ],
  ] as [string, string, ShownValue, string][])('cannot decide about %s', (_, when, after, message) => {
    expect(ask(rule(when), one(after))).toMatchObject({
      result: 'unknown',
      findings: [{ result: 'unknown', message }],
    });
  });

  it.each([
    ['no', 'resource.type == "aws_eip" && resource.after.cidr == "x"', 'pass'],
    ['yes', 'resource.type == "aws_vpc" || resource.after.cidr == "x"', 'fail'],
  ] as const)('do not need an unknown value where the rest of the rule says %s', (_, when, result) => {
    expect(ask(rule(when), one({ cidr: unknownText }))).toMatchObject({ result });
  });

  it('see whole numbers as int and others as double', () => {
    const when = 'resource.after.port <= 22 && resource.after.ratio < 0.75';
    expect(ask(rule(when), one({ port: 22, ratio: 0.5 }))).toMatchObject({ result: 'fail' });
  });

  it('see nothing but a key in a key that means something to JavaScript', () => {
    const after = JSON.parse('{ "__proto__": { "cidr": "x" }, "toString": 1 }') as ShownValue;
    expect(ask(rule('"cidr" in resource.after'), one(after))).toMatchObject({ result: 'pass' });
    expect(ask(rule('resource.after.toString == 1'), one(after))).toMatchObject({ result: 'fail' });
  });

  it('may look at the plan as a whole, its outputs and its project', () => {
    const when =
      'size(plan.resources) > params.most && project.labels.env == "dev" && plan.outputs.ip.after == "1"';
    const output = {
      name: 'ip',
      actions: ['create'],
      before: null,
      after: '1',
      sensitive: [],
      unknown: [],
      replacePaths: [],
    };
    const about = subject([resource('a', {}), resource('b', {})], { outputs: [output] });
    const report = ask(rule(when, { over: 'plan', params: { most: 1 } }), about);
    expect(report).toMatchObject({ result: 'fail', findings: [{ where: 'plan' }] });
  });

  it('ask only about the types, actions and projects a rule applies to', async () => {
    const about = subject([
      resource('aws_vpc', {}),
      resource('aws_eip', {}, { actions: ['no-op'] }),
      resource('gcp_vpc', {}),
    ]);
    expect(ask(rule('true', { appliesTo: { types: ['aws_*'] } }), about)).toMatchObject({
      examined: 1,
    });
    expect(ask(rule('true', { appliesTo: { actions: ['no-op'] } }), about)).toMatchObject({
      examined: 1,
    });
    const here = rule('true', { id: 'here', appliesTo: { projects: ['biz/**'] } });
    const elsewhere = rule('true', { id: 'elsewhere', appliesTo: { projects: ['fin/**'] } });
    const reports = await createCelChecks([elsewhere, here]).evaluate(about, []);
    expect(reports).toEqual([ask(here, about)]);
  });

  it('block nothing as a warning, and show what they found', () => {
    const report = ask(rule('true', { severity: 'warning' }), one({}));
    expect(report).toMatchObject({ result: 'pass', found: 1 });
  });

  it('stop a rule that takes too long, and keep what others decided', async () => {
    const endless = rule('resource.after.text.matches("^(a+)+$")', { id: 'z-endless' });
    const threads = createCelThreads({ wallMs: 1_500, heapMb: 256 });
    const checks = createCelChecks([endless, rule('true', { id: 'a-quick' })], threads);
    const reports = await checks.evaluate(one({ text: `${'a'.repeat(64)}!` }), []);
    expect(reports.map(({ name, result }) => [name, result])).toEqual([
      ['a-quick', 'fail'],
      ['z-endless', 'unknown'],
    ]);
    expect(reports[1]?.findings[0]?.message).toBe('not decided within 1.5 s');
    const after = await checks.evaluate(one({ text: 'aaa' }), []);
    expect(after.map(({ name, result }) => [name, result])).toEqual([
      ['a-quick', 'fail'],
      ['z-endless', 'fail'],
    ]);
  });

  it('answer for each of many plans at once, in few threads', async () => {
    const checks = createCelChecks([rule('resource.after.n > 50')]);
    const all = await Promise.all(Array.from({ length: 100 }, (_, n) => checks.evaluate(one({ n }), [])));
    expect(all.map(([report]) => report?.result)).toEqual(
      Array.from({ length: 100 }, (_, n) => (n > 50 ? 'fail' : 'pass')),
    );
  });

  it('keep the first findings and count all', () => {
    const resources = Array.from({ length: 80 }, (_, i) =>
      resource('aws_vpc', {}, { address: `aws_vpc.n[${i}]` }),
    );
    const report = ask(rule('true'), subject(resources));
    expect(report).toMatchObject({ found: 80 });
    expect(report?.findings).toHaveLength(50);
  });
});

describe('rules that cannot be used', () => {
  it('are all refused at start, each with its place', () => {
    const rules = [
      rule('resource.after.', { id: 'cut' }),
      rule('nothing.at_all', { id: 'odd' }),
      rule('1 + 1', { id: 'sum' }),
    ];
    expect(() => createCelChecks(rules)).toThrow(RuleError);
    expect(() => createCelChecks(rules)).toThrow(
      /rules\.yaml:3:5: rule cut: [^]*rules\.yaml:3:5: rule odd: Unknown variable: nothing[^]*rule sum: `when` is of type int; expected bool/,
    );
  });

  it('read no resource when they are about the plan', () => {
    expect(() => createCelChecks([rule('resource.after.x', { over: 'plan' })])).toThrow(
      'Unknown variable: resource',
    );
  });
});

describe('the policy hash', () => {
  const hash = (...rules: CheckRule[]) => createCelChecks(rules).policyHash([]);
  const a = rule('true', { id: 'a' });

  it('is the same whatever the order and place of rules', () => {
    expect(hash(a, rule('false', { id: 'b' }))).toBe(
      hash(rule('false', { id: 'b' }), { ...a, place: 'elsewhere:1:1' }),
    );
  });

  it.each([
    ['expression', { when: 'false' }],
    ['severity', { severity: 'warning' }],
    ['message', { message: 'other' }],
    ['values', { params: { x: 1 } }],
    ['reach', { appliesTo: { types: ['aws_*'] } }],
  ] as const)('differs with a rule’s %s', (_, change) => {
    expect(hash({ ...a, ...change })).not.toBe(hash(a));
  });
});

describe('rules that a repository adds', () => {
  const checks = createCelChecks([rule('false', { id: 'of-the-server' })]);
  const added = rule('true', { id: 'added' });

  it('are asked beside the server’s', async () => {
    const reports = await checks.evaluate(one({}), [added]);
    expect(reports.map(({ name, result }) => [name, result])).toEqual([
      ['added', 'fail'],
      ['of-the-server', 'pass'],
    ]);
  });

  it('are part of the policy hash', () => {
    expect(checks.policyHash([added])).not.toBe(checks.policyHash([]));
    expect(checks.policyHash([added])).toBe(checks.policyHash([{ ...added, place: 'elsewhere:1:1' }]));
  });

  it('never take the place of the server’s', async () => {
    const impostor = rule('false', { id: 'of-the-server' });
    await expect(checks.evaluate(one({}), [impostor])).rejects.toThrow('two rules of the name of-the-server');
  });
});

describe('what an approval binds of a check', () => {
  it('differs when it found something else', () => {
    const report: CheckReport = {
      name: 'a',
      severity: 'error',
      result: 'fail',
      examined: 1,
      found: 1,
      findings: [],
    };
    expect(checkRef(report)).toMatchObject({ name: 'a', result: 'fail' });
    expect(checkRef({ ...report, found: 2 }).digest).not.toBe(checkRef(report).digest);
  });
});
