import { sign } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import type { CheckpointSigner } from '#app/ports/checkpoint-signer.ts';
import { formatCheckpointText } from '#domain/audit/checkpoint.ts';
import type { TreeHead } from '#domain/audit/merkle.ts';
import { verifyConsistency } from '#domain/audit/proof.ts';
import { formatNote } from '#domain/audit/signed-note.ts';
import { Fault } from '#domain/fault.ts';
import { readKeyFile } from './key-file.ts';

/**
 * A signer whose key is a file of mode 0600 and whose memory is `<keyFile>.last` beside it. The memory is written and
 * flushed before a signature leaves, so that no crash makes it forget one. One process at a time: callers sign under
 * the checkpoint lock of the database.
 */
export async function createFileSigner(keyFile: string): Promise<CheckpointSigner> {
  const key = await readKeyFile(keyFile);
  const memory = `${keyFile}.last`;
  return {
    origin: key.name,
    verifierKey: key.verifierKey,
    lastSigned: () => recall(memory),
    async sign(head, consistency) {
      const last = await recall(memory);
      if (last !== undefined && !verifyConsistency(last, head, consistency)) throw inconsistent(last, head);
      await remember(memory, head);
      const text = formatCheckpointText(key.name, head);
      const signature = sign(null, Buffer.from(text), key.privateKey);
      return formatNote(text, [{ name: key.name, id: key.id, signature }]);
    },
  };
}

async function recall(path: string): Promise<TreeHead | undefined> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const match = /^(\d+) ([0-9a-f]{64})\n$/.exec(text);
  // A memory that cannot be read is no reason to sign as if there had been none.
  if (match === null) throw new Fault('signing-key-unusable', `${path} is damaged`, { retryable: false });
  return { size: Number(match[1]), root: Buffer.from(match[2] ?? '', 'hex') };
}

async function remember(path: string, { size, root }: TreeHead): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w', 0o600);
  try {
    await file.writeFile(`${size} ${Buffer.from(root).toString('hex')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

function inconsistent(last: TreeHead, head: TreeHead): Fault {
  return new Fault(
    'audit-log-inconsistent',
    `the log of size ${head.size} does not contain the log of size ${last.size} that was signed last: ` +
      'an old backup was restored, or entries were changed',
    { retryable: false },
  );
}
