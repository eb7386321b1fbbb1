import { canonicalJson } from '#domain/audit/entry.ts';
import type { LoggedEntry } from '#store/audit.ts';
import { type LogSnapshot, withSnapshot } from '#store/audit-snapshot.ts';
import type { OpenDatabase } from '#store/database.ts';
import { createBundleFile, type FileDigest } from './bundle-file.ts';
import { bundleReadme } from './bundle-readme.ts';
import { bundleFiles, formatManifest } from './manifest.ts';

export interface LogExport {
  readonly db: OpenDatabase['db'];
  /** C2SP verifier keys to put beside the log; an auditor should get his from elsewhere. */
  readonly verifierKeys: readonly string[];
}

/**
 * Writes the log up to its newest checkpoint into a new folder that verifies without a database. Two exports of the
 * same log are equal byte for byte: there is no time and no machine in them. Returns how many entries were written.
 */
export function exportLog({ db, verifierKeys }: LogExport, directory: string): Promise<number> {
  return withSnapshot(db, (snapshot) => writeBundle(snapshot, verifierKeys, directory));
}

/** Writes the bundle from a snapshot, wherever that comes from. */
export async function writeBundle(
  snapshot: LogSnapshot,
  verifierKeys: readonly string[],
  directory: string,
): Promise<number> {
  const size = snapshot.checkpoints.at(-1)?.size ?? 0;
  const files = await writeEntries(directory, snapshot, size);
  for (const { size: at, note } of snapshot.checkpoints) {
    const name = `${bundleFiles.checkpointFolder}${String(at).padStart(12, '0')}.txt`;
    files[name] = await writeFile(directory, name, note);
  }
  for (const [at, key] of verifierKeys.entries()) {
    const name = `${bundleFiles.keyFolder}${at + 1}.vkey`;
    files[name] = await writeFile(directory, name, `${key}\n`);
  }
  files[bundleFiles.readme] = await writeFile(directory, bundleFiles.readme, bundleReadme(size));
  await writeFile(directory, bundleFiles.manifest, formatManifest(size, files));
  return size;
}

async function writeEntries(
  directory: string,
  snapshot: LogSnapshot,
  size: number,
): Promise<Record<string, FileDigest>> {
  const envelopes = await createBundleFile(directory, bundleFiles.envelopes);
  const leafHashes = await createBundleFile(directory, bundleFiles.leafHashes);
  const payloads = await createBundleFile(directory, bundleFiles.payloads);
  for await (const entry of snapshot.entries()) {
    if (entry.index >= size) break;
    await envelopes.write(`${entry.envelope}\n`);
    await leafHashes.write(`${Buffer.from(entry.leafHash).toString('hex')}\n`);
    await payloads.write(`${payloadLine(entry)}\n`);
  }
  return {
    [bundleFiles.envelopes]: await envelopes.close(),
    [bundleFiles.leafHashes]: await leafHashes.close(),
    [bundleFiles.payloads]: await payloads.close(),
  };
}

function payloadLine({ index: idx, payload, erasedBy }: LoggedEntry): string {
  if (payload === undefined) return canonicalJson({ erased_by: erasedBy ?? null, idx });
  return canonicalJson({ idx, nonce: Buffer.from(payload.nonce).toString('hex'), payload: payload.text });
}

async function writeFile(directory: string, name: string, text: string): Promise<FileDigest> {
  const file = await createBundleFile(directory, name);
  await file.write(text);
  return file.close();
}
