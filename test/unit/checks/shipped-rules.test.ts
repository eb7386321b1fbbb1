import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CheckReport, CheckSubject } from '#domain/checks.ts';
import { sensitiveText, type ShownValue, unknownText } from '#domain/plan/redact-change.ts';
import { loadRules, shippedRules } from '#src/config/rules.ts';
import { ask, resource, subject } from './plans.ts';

const all = { Service: 'pay', Department: 'core', Owner: 'net', Env: 'dev' };
const named = (name: string) => resource('aws_lb', { name, tags: null });
const doomed = (type: string, before: Record<string, string | Record<string, string> | null>) =>
  resource(type, null, { actions: ['delete'], before });

function askShipped(name: string, about: CheckSubject): CheckReport {
  const { rules, problems } = loadRules([{ shipped: name }], '.', () => 'here');
  expect(problems).toEqual([]);
  const [rule] = rules;
  if (rule === undefined) throw new Error('there is no such rule');
  return ask(rule, about);
}

describe('the shipped rules', () => {
  it('are the three that the documentation names', () => {
    expect(shippedRules().sort()).toEqual(['naming', 'no-destroy', 'required-tags']);
  });

  it.each([
    ['passes a resource with every tag', [resource('aws_vpc', { id: 'x', tags: all })], 'pass'],
    [
      'passes tags that come from the provider',
      [resource('aws_vpc', { id: 'x', tags: null, tags_all: all })],
      'pass',
    ],
    ['passes a resource that cannot be tagged', [resource('random_id', { byte_length: 4 })], 'pass'],
    ['fails a missing tag', [resource('aws_vpc', { id: 'x', tags: { Owner: 'net' } })], 'fail'],
    ['fails an empty tag', [resource('aws_vpc', { id: 'x', tags: { ...all, Owner: '' } })], 'fail'],
    ['fails a resource without tags', [resource('aws_vpc', { id: 'x', tags: null })], 'fail'],
    [
      'cannot tell when the tags are unknown',
      [resource('aws_vpc', { id: 'x', tags: unknownText })],
      'unknown',
    ],
    [
      'cannot tell when one tag is unknown',
      [resource('aws_vpc', { id: 'x', tags: { ...all, Owner: unknownText } })],
      'unknown',
    ],
    [
      'fails when one tag is unknown and another missing',
      [resource('aws_vpc', { id: 'x', tags: { Env: 'dev', Owner: unknownText } })],
      'fail',
    ],
    [
      'cannot tell when a tag is hidden',
      [resource('aws_vpc', { id: 'x', tags: { ...all, Owner: sensitiveText } })],
      'unknown',
    ],
    ['leaves alone what is destroyed', [doomed('aws_vpc', { tags: null })], 'pass'],
  ] as const)('required-tags %s', (_, resources, result) => {
    expect(askShipped('required-tags', subject([...resources]))).toMatchObject({ result });
  });

  it.each([
    ['passes the end of something ordinary', [doomed('aws_subnet', { tags: {} })], {}, 'pass'],
    [
      'passes a change of something protected',
      [resource('aws_db_instance', {}, { actions: ['update'] })],
      {},
      'pass',
    ],
    ['fails the end of a protected type', [doomed('aws_db_instance', {})], {}, 'fail'],
    [
      'fails a replacement',
      [doomed('aws_db_instance', {})].map((r) => ({ ...r, actions: ['create', 'delete'] })),
      {},
      'fail',
    ],
    [
      'fails the end of what carries the tag',
      [doomed('aws_subnet', { id: 'x', tags: { Protected: 'true' } })],
      {},
      'fail',
    ],
    [
      'cannot tell when the tag is hidden',
      [doomed('aws_subnet', { id: 'x', tags: { Protected: sensitiveText } })],
      {},
      'unknown',
    ],
    [
      'cannot tell when the plan is not complete',
      [],
      { hidden: ['complete', 'deferred_changes'] },
      'unknown',
    ],
  ] as const)('no-destroy %s', (_, resources, rest, result) => {
    const about = subject([...resources], { ...rest, hidden: [...('hidden' in rest ? rest.hidden : [])] });
    expect(askShipped('no-destroy', about)).toMatchObject({ result });
  });

  it.each([
    ['passes a name that begins with the labels', [named('dev-core-apne2-acme-pay-lb')], 'pass'],
    ['passes what has no name', [resource('aws_route', { cidr: '10.0.0.0/8' })], 'pass'],
    ['fails another name', [named('my-lb')], 'fail'],
    ['fails another tag Name', [resource('aws_vpc', { id: 'x', tags: { Name: 'vpc' } })], 'fail'],
    [
      'passes a fitting tag Name',
      [resource('aws_vpc', { id: 'x', tags: { Name: 'dev-core-apne2-acme-pay-vpc' } })],
      'pass',
    ],
    ['cannot tell an unknown name', [named(unknownText)], 'unknown'],
  ] as const)('naming %s', (_, resources, result) => {
    expect(askShipped('naming', subject([...resources]))).toMatchObject({ result });
  });

  it('naming says which label its project lacks', () => {
    const about = subject([named('dev-core-apne2-acme-pay-lb')]);
    const { findings } = askShipped('naming', {
      ...about,
      project: { ...about.project, labels: { env: 'dev' } },
    });
    expect(findings).toEqual([{ where: 'aws_lb.one', result: 'unknown', message: 'No such key: account' }]);
  });
});

describe('the rules of the example', () => {
  const path = join(import.meta.dirname, '../../../config/example/rules.yaml');
  const { rules, problems } = loadRules([{ file: path }], '.', () => 'here');
  const [ssh, deletions] = rules;
  const open = (cidr_blocks: ShownValue) =>
    subject([resource('aws_security_group', { ingress: [{ from_port: 0, to_port: 80, cidr_blocks }] })]);

  it.each([
    [['0.0.0.0/0'], 'fail'],
    [['10.0.0.0/8'], 'pass'],
    [unknownText, 'unknown'],
  ])('find SSH open to %j: %s', (blocks, result) => {
    expect(problems).toEqual([]);
    expect(ssh && ask(ssh, open(blocks))).toMatchObject({ result });
  });

  it('warn of many deletions', () => {
    const many = Array.from({ length: 6 }, () => doomed('aws_subnet', {}));
    expect(deletions && ask(deletions, subject(many))).toMatchObject({ result: 'pass', found: 1 });
    expect(deletions && ask(deletions, subject(many.slice(1)))).toMatchObject({ found: 0 });
  });
});
