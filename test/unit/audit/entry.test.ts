import { describe, expect, test } from 'vitest';
import { type Actor, formatActor, parseActor } from '#domain/audit/actor.ts';
import { canonicalJson, erasedIndex, parseEnvelope, payloadDigest } from '#domain/audit/entry.ts';

const GOOD =
  '{"actor":"person:p-42","idx":7,"payload_digest":"' +
  'ab'.repeat(32) +
  '","req_id":null,"subject":{"changeId":"c-1"},"ts":"2026-11-21T10:00:00.000Z","type":"plan-started","v":1}';

describe('RFC 8785, its own examples', () => {
  test('numbers, strings and literals are written as section 3.2.2 says', () => {
    const sample = JSON.parse(
      String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`,
    );
    expect(canonicalJson(sample)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  test('members are sorted by UTF-16 code units as section 3.2.3 says', () => {
    const sample = JSON.parse(
      String.raw`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
    );
    expect(Object.values(JSON.parse(canonicalJson(sample)) as object)).toEqual([
      'One',
      'Carriage Return',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });

  test('what has no place in JSON is refused, not bent', () => {
    expect(() => canonicalJson({ n: Number.NaN })).toThrow('NaN');
    expect(() => canonicalJson({ s: '\ud800' })).toThrow('surrogate');
  });
});

describe('an envelope', () => {
  test('is read when it is canonical and whole', () => {
    expect(parseEnvelope(GOOD)).toEqual({
      v: 1,
      idx: 7,
      ts: '2026-11-21T10:00:00.000Z',
      type: 'plan-started',
      actor: { kind: 'person', id: 'p-42' },
      subject: { changeId: 'c-1' },
      payloadDigest: 'ab'.repeat(32),
      requestId: null,
    });
  });

  test.each([
    ['not JSON', GOOD.slice(1)],
    ['spaced', GOOD.replace(',', ', ')],
    ['in another order', GOOD.replace('"actor":"person:p-42","idx":7', '"idx":7,"actor":"person:p-42"')],
    ['with a member more', GOOD.replace('"v":1', '"v":1,"w":1')],
    ['with a member less', GOOD.replace('"req_id":null,', '')],
    ['of another version', GOOD.replace('"v":1', '"v":2')],
    ['with a negative index', GOOD.replace('"idx":7', '"idx":-7')],
    ['with an index beyond 2^53', GOOD.replace('"idx":7', '"idx":9007199254740992')],
    ['with an actor by name', GOOD.replace('person:p-42', 'Ada')],
    ['with a number as subject', GOOD.replace('"c-1"', '1')],
    ['with a time zone', GOOD.replace('00.000Z', '00.000+01:00')],
    ['with a short digest', GOOD.replace('abab"', 'ab"')],
  ])('that is %s is none', (_, text) => {
    expect(parseEnvelope(text)).toBeUndefined();
  });

  test('says which payload it records as erased, and only the erasure entry does', () => {
    const erasure = GOOD.replace('plan-started', 'payload-erased').replace(
      '{"changeId":"c-1"}',
      '{"entry":"3"}',
    );
    const [parsed, other] = [parseEnvelope(erasure), parseEnvelope(GOOD)];
    expect(parsed && erasedIndex(parsed)).toBe(3);
    expect(other && erasedIndex(other)).toBeUndefined();
  });
});

test('the payload digest is HMAC-SHA-256 under the nonce (RFC 4231, test case 2)', () => {
  expect(payloadDigest(Buffer.from('Jefe'), 'what do ya want for nothing?')).toBe(
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  );
});

test.each<[Actor, string]>([
  [{ kind: 'person', id: 'p-42' }, 'person:p-42'],
  [{ kind: 'jira-user', id: '557058:0867a421' }, 'jira-user:557058:0867a421'],
  [{ kind: 'service', component: 'supervisor' }, 'service:supervisor'],
  [{ kind: 'operator-cli', id: 'ops1' }, 'operator-cli:ops1'],
])('the actor %o is written %s and read back', (actor, text) => {
  expect(formatActor(actor)).toBe(text);
  expect(parseActor(text)).toEqual(actor);
});

test('an actor id that could be a name is refused', () => {
  expect(() => formatActor({ kind: 'person', id: 'Ada L' })).toThrow(RangeError);
  expect(parseActor('robot:1')).toBeUndefined();
});
