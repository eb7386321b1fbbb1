import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretMatcher } from '#domain/plan/secret-matcher.ts';

const mask = (secrets: string[], text: string) => secretMatcher(secrets).mask(text, () => '***');
const secret = 'p@ss "w<rd>&/ü';

describe('a secret is found', () => {
  test.each([
    ['plain', secret],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
    [
      'as Go escapes JSON',
      JSON.stringify(secret)
        .slice(1, -1)
        .replace('<', '\\u003c')
        .replace('>', '\\u003e')
        .replace('&', '\\u0026'),
    ],
    ['quoted in a text that is JSON-escaped', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['URL-escaped', encodeURIComponent(secret)],
    ['in a form', new URLSearchParams({ p: secret }).toString().slice(2)],
    ['in base64', Buffer.from(secret).toString('base64').replace(/.==?$/u, '')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
  ])('%s', (_form, text) => {
    expect(mask([secret], `before ${text} after`)).toMatch(/^before \*\*\*/u);
  });

  test('inside a longer base64 text, wherever it starts and ends', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (before, after) => {
        const text = Buffer.from(before + secret + after).toString('base64');
        expect(mask([secret], text)).toContain('***');
      }),
    );
  });

  test('line by line, when it has several', () => {
    const key = '-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n-----END KEY-----\n';
    expect(mask([key], 'MIIEvQIBADANBgkq')).toBe('***');
  });

  test('the longer one first, and each as often as it occurs', () => {
    expect(mask(['password', 'password-2'], 'password password-2 password')).toBe('*** *** ***');
  });
});

describe('what is too short to search for', () => {
  test('is hidden only where it is the whole text', () => {
    expect(mask(['prod'], 'prod')).toBe('***');
    expect(mask(['prod'], 'production')).toBe('production');
  });

  test('or not at all', () => {
    expect(mask(['on', '1', ''], 'on')).toBe('on');
  });

  test('is searched for in the output of a run, which shows no plan', () => {
    expect(secretMatcher(['tokn'], { substringFrom: 4 }).mask('a tokn b', () => '***')).toBe('a *** b');
  });
});

test('text without a secret is left alone, and many secrets cost no time', () => {
  const secrets = Array.from({ length: 5_000 }, (_, index) => `secret-number-${index}`);
  const text = 'nothing here '.repeat(50_000);
  const started = performance.now();
  expect(mask(secrets, text)).toBe(text);
  expect(performance.now() - started).toBeLessThan(2_000);
});
