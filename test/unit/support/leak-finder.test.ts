import { describe, expect, test } from 'vitest';
import { findLeaks } from '#test/support/leak-finder.ts';

const value = 'k3y "<&>" 100%/+ä~ZZ';
const canary = { name: 'the key', value };
const leaks = (content: string | Buffer) => findLeaks([{ place: 'a log', content }], [canary]);

const planted: [form: string, text: string | Buffer][] = [
  ['plain', `before ${value} after`],
  ['bytes among others', Buffer.concat([Buffer.from([0, 255, 1]), Buffer.from(value), Buffer.from([0])])],
  ['JSON', JSON.stringify({ a: [value] })],
  ['JSON as Go writes it', '{"a":"k3y \\"\\u003c\\u0026\\u003e\\" 100%/+ä~ZZ"}'],
  ['JSON in JSON', JSON.stringify({ a: JSON.stringify({ b: value }) })],
  ['a URL', `https://example.com/?token=${encodeURIComponent(value)}&x`],
  ['a form', new URLSearchParams({ before: '1', token: value }).toString()],
  ['HTML', '<td>k3y &quot;&lt;&amp;&gt;&quot; 100%/+ä~ZZ</td>'],
  ['hexadecimal', `x${Buffer.from(value).toString('hex')}`],
  ...['', 'a', 'ab', 'abc'].flatMap((before): [string, string][] => [
    [`base64 after ${before.length} bytes`, Buffer.from(`${before}${value}:tail`).toString('base64')],
    [`base64url after ${before.length} bytes`, Buffer.from(`${before}${value}`).toString('base64url')],
  ]),
];

describe('the finder of leaks', () => {
  test.each(planted)('finds a canary in %s', (_, content) => {
    expect(leaks(content)).toMatchObject([{ canary: 'the key', place: 'a log' }]);
  });

  test('finds nothing where there is nothing', () => {
    expect(leaks(`k3y k3y "<&>" 100% ${Buffer.from('another').toString('base64')}`)).toEqual([]);
  });

  test('tells where and which, and does not repeat it', () => {
    const other = { name: 'the password', value: 'pass-word-9' };
    const [leak, ...rest] = findLeaks(
      [
        { place: 'changes.state', content: '{}' },
        { place: 'outbox.payload', content: `{"token":"${other.value}"}` },
      ],
      [canary, other],
    );
    expect(rest).toEqual([]);
    expect(leak).toEqual({
      canary: 'the password',
      form: 'plain',
      place: 'outbox.payload',
      after: '{"token":"',
    });
  });

  test('takes no canary so short that chance would find it', () => {
    expect(() => findLeaks([], [{ name: 'short', value: 'abc' }])).toThrow('by chance');
  });
});
