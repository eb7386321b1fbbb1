import { createPrivateKey, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  findCheckpoints,
  formatCheckpointText,
  openCheckpoint,
  readCheckpoint,
} from '#domain/audit/checkpoint.ts';
import { hashLeaf } from '#domain/audit/merkle.ts';
import {
  formatNote,
  formatVerifierKey,
  parseNote,
  parseVerifierKey,
  verifyNote,
} from '#domain/audit/signed-note.ts';

// The example of golang.org/x/mod/sumdb/note, which C2SP signed-note grew out of.
const PETER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
const PETER_SEED = 'AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz';
const PETER_NOTE =
  'If you think cryptography is the answer to your problem,\n' +
  "then you don't know what your problem is.\n" +
  '\n' +
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n';
const ENOCH = 'EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop';

const peter = key(PETER);

describe('signed notes, against the published example', () => {
  test('the published note verifies under the published key', () => {
    expect(verifyNote(note(PETER_NOTE), [peter])).toBe('signed');
  });

  test('signing the published text with the published seed gives the published note, byte for byte', () => {
    const text = note(PETER_NOTE).text;
    const signature = sign(null, Buffer.from(text), seedKey(Buffer.from(PETER_SEED, 'base64').subarray(1)));
    expect(formatNote(text, [{ name: peter.name, id: peter.id, signature }])).toBe(PETER_NOTE);
  });

  test('a verifier key is written as it was read', () => {
    const raw = Buffer.from(PETER.split('+').slice(2).join('+'), 'base64').subarray(1);
    expect(formatVerifierKey('PeterNeumann', raw)).toBe(PETER);
  });

  test('a verifier key whose id is not its own is no key', () => {
    expect(parseVerifierKey(PETER.replace('c74f20a3', 'c74f20a4'))).toBeUndefined();
    expect(parseVerifierKey('PeterNeumann')).toBeUndefined();
  });

  test('a changed text or signature does not verify, and a stranger is no forger', () => {
    expect(verifyNote(note(PETER_NOTE.replace('your problem,', 'our problem,')), [peter])).toBe(
      'bad-signature',
    );
    expect(verifyNote(note(PETER_NOTE.replace('x08go/ZJ', 'x08go/ZK')), [peter])).toBe('bad-signature');
    expect(verifyNote(note(PETER_NOTE), [key(ENOCH)])).toBe('unknown-key');
  });

  test.each([
    ['without a blank line', PETER_NOTE.replace('\n\n', '\n')],
    ['without the last newline', PETER_NOTE.trimEnd()],
    ['with a control character', PETER_NOTE.replace('you', 'y\u0007u')],
    ['with base64 spelled another way', PETER_NOTE.replace('nAM=', 'nAN=')],
    ['with a word after its signatures', `${PETER_NOTE}and more\n`],
  ])('a note %s is none', (_, message) => {
    expect(parseNote(message)).toBeUndefined();
  });
});

describe('checkpoints', () => {
  const origin = 'PeterNeumann';
  const root = hashLeaf(Buffer.from('root'));
  const signed = signCheckpoint(origin, 42);

  test('the example of C2SP tlog-checkpoint is read', () => {
    const example =
      'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n' +
      '— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n';
    expect(readCheckpoint(example)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20852163 });
  });

  test('opens under the right key and origin, and under no other', () => {
    expect(openCheckpoint(signed, [peter], origin)).toMatchObject({
      kind: 'checkpoint',
      checkpoint: { size: 42, root },
    });
    expect(openCheckpoint(signed, [peter], 'other.example/log')).toMatchObject({ reason: 'other-log' });
    expect(openCheckpoint(signed, [key(ENOCH)], origin)).toMatchObject({ reason: 'unknown-key' });
    expect(openCheckpoint(signed.replace('\n42\n', '\n43\n'), [peter])).toMatchObject({
      reason: 'bad-signature',
    });
    expect(openCheckpoint(PETER_NOTE, [peter])).toMatchObject({ reason: 'not-a-checkpoint' });
  });

  test.each(['042', '-1', '1e3', '9007199254740993', ''])('a size written %j is refused', (size) => {
    expect(readCheckpoint(signed.replace('\n42\n', `\n${size}\n`))).toBeUndefined();
  });

  test('are found in a tag message, a ticket comment and a code fence, as the exact signed text', () => {
    const second = signCheckpoint(origin, 7);
    const indented = signed.replaceAll(/^/gm, '    ');
    const quoted = second.replaceAll(/^/gm, '> ').replaceAll('\n', '\r\n');
    const prose = `release OPS-12\n\nThe log at this release:\n${indented}\n\nand before:\n\n\`\`\`\n${signed}\`\`\`\nsee\n${quoted}done\n`;
    expect(findCheckpoints(prose)).toEqual([signed, signed, second]);
  });

  test('are not found where there are none', () => {
    expect(findCheckpoints('')).toEqual([]);
    expect(findCheckpoints(`${origin}\n42\nnot base64\n\n— a b\n`)).toEqual([]);
  });

  function signCheckpoint(name: string, size: number): string {
    const text = formatCheckpointText(name, { size, root });
    const signature = sign(null, Buffer.from(text), seedKey(Buffer.from(PETER_SEED, 'base64').subarray(1)));
    return formatNote(text, [{ name: peter.name, id: peter.id, signature }]);
  }
});

function key(vkey: string) {
  const parsed = parseVerifierKey(vkey);
  if (parsed === undefined) throw new Error(`bad vkey in the test: ${vkey}`);
  return parsed;
}

function note(message: string) {
  const parsed = parseNote(message);
  if (parsed === undefined) throw new Error('bad note in the test');
  return parsed;
}

function seedKey(seed: Uint8Array) {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  return createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
}
