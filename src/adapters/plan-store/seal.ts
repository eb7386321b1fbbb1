import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

/** What a sealed bundle belongs to; opened under another name it does not open. */
export interface SealLabel {
  planRunId: string;
  digest: string;
}

/** Keys of 32 bytes. New bundles are sealed under the first; the others still open what they sealed. */
export type SealKeys = readonly [Uint8Array, ...Uint8Array[]];

/**
 * AES-256-GCM with a random nonce and the label as associated data. Layout: `CSB1`, key id (8 bytes), nonce (12),
 * tag (16), ciphertext.
 */
export function sealBundle(bundle: Uint8Array, label: SealLabel, [key]: SealKeys): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associatedData(label));
  const body = Buffer.concat([cipher.update(bundle), cipher.final()]);
  return Buffer.concat([magic, keyId(key), nonce, cipher.getAuthTag(), body]);
}

/** The bundle, or undefined when these bytes were not sealed under one of the keys for this label, or were altered. */
export function openBundle(sealed: Buffer, label: SealLabel, keys: SealKeys): Buffer | undefined {
  let at = 0;
  const take = (length: number) => sealed.subarray(at, (at += length));
  if (!take(magic.length).equals(magic)) return undefined;
  const id = take(keyIdBytes);
  const key = keys.find((each) => keyId(each).equals(id));
  const [nonce, tag, body] = [take(nonceBytes), take(tagBytes), sealed.subarray(at)];
  if (key === undefined || tag.length !== tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    .setAAD(associatedData(label))
    .setAuthTag(tag);
  try {
    return Buffer.concat([decipher.update(body), decipher.final()]);
  } catch {
    return undefined;
  }
}

const magic = Buffer.from('CSB1');
const keyIdBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;

/** Tells keys apart without telling anything about them. */
function keyId(key: Uint8Array): Buffer {
  return createHash('sha256').update('countersign bundle key').update(key).digest().subarray(0, keyIdBytes);
}

function associatedData({ planRunId, digest }: SealLabel): Buffer {
  return Buffer.from(JSON.stringify(['countersign-bundle', planRunId, digest]));
}
