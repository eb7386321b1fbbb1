import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { open, readFile, stat } from 'node:fs/promises';
import { formatVerifierKey, noteKeyId } from '#domain/audit/signed-note.ts';
import { Fault } from '#domain/fault.ts';

/** A signing key as golang.org/x/mod/sumdb/note writes it: `PRIVATE+KEY+<name>+<hex id>+<base64(0x01 || seed)>`. */
export interface SigningKey {
  readonly name: string;
  readonly id: Uint8Array;
  readonly privateKey: KeyObject;
  readonly verifierKey: string;
}

/** Makes a new key in a new file that only its owner reads; refuses to write over one. Returns the verifier key. */
export async function generateKeyFile(path: string, name: string): Promise<string> {
  const key = keyFromSeed(name, randomBytes(SEED_BYTES));
  const seed = key.privateKey.export({ format: 'jwk' }).d ?? '';
  const secret = Buffer.concat([ED25519, Buffer.from(seed, 'base64url')]).toString('base64');
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(`PRIVATE+KEY+${name}+${Buffer.from(key.id).toString('hex')}+${secret}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return key.verifierKey;
}

/** Reads a key file. Throws Fault `signing-key-unusable` when others may read it or when it holds no key. */
export async function readKeyFile(path: string): Promise<SigningKey> {
  const { mode } = await stat(path);
  if ((mode & 0o077) !== 0) throw unusable(`${path} may be read by others: chmod 600 it`);
  const match = /^PRIVATE\+KEY\+([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(
    await readFile(path, 'utf8'),
  );
  const bytes = Buffer.from(match?.[3] ?? '', 'base64');
  if (match?.[1] === undefined || bytes.length !== 1 + SEED_BYTES || bytes[0] !== ED25519[0]) {
    throw unusable(`${path} holds no Ed25519 signing key`);
  }
  const key = keyFromSeed(match[1], bytes.subarray(1));
  if (Buffer.from(key.id).toString('hex') !== match[2])
    throw unusable(`${path}: the key id is not that of the key`);
  return key;
}

function keyFromSeed(name: string, seed: Uint8Array): SigningKey {
  const pkcs8 = Buffer.concat([PKCS8_PREFIX, seed]);
  const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  return { name, id: noteKeyId(name, raw), privateKey, verifierKey: formatVerifierKey(name, raw) };
}

const unusable = (message: string): Fault => new Fault('signing-key-unusable', message, { retryable: false });

const SEED_BYTES = 32;
const ED25519 = Uint8Array.of(1);
// PrivateKeyInfo of an Ed25519 seed (RFC 8410, section 7) up to the seed itself.
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');
