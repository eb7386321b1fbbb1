import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Finding } from '#domain/audit/finding.ts';
import { emptyRoot } from '#domain/audit/merkle.ts';
import { type NoteKey, parseVerifierKey } from '#domain/audit/signed-note.ts';
import { createLogVerifier, type VerificationReport, type Witness } from '#domain/audit/verify-log.ts';
import { digestFile } from './bundle-file.ts';
import { bundleFiles, type Manifest, parseManifest } from './manifest.ts';
import { readBundleEntries } from './read-bundle.ts';

export interface BundleVerification {
  /** Keys that the auditor trusts; without any, those in the bundle are used, which prove less. */
  readonly keys: readonly NoteKey[];
  readonly witnesses: readonly Witness[];
}

/** Verifies an exported log: the hashes of its files, then all that `createLogVerifier` verifies. Needs no database. */
export async function verifyBundle(
  directory: string,
  { keys, witnesses }: BundleVerification,
): Promise<VerificationReport> {
  const manifest = await readManifest(directory);
  if (manifest === undefined) return unreadable([{ kind: 'file-missing', path: bundleFiles.manifest }]);
  const files = await fileFindings(directory, manifest);
  const gone = files.filter(({ kind }) => kind === 'file-missing');
  if (gone.length > 0) return unreadable(files);

  const trusted = keys.length > 0 ? keys : await bundleKeys(directory, manifest);
  const checkpoints = await Promise.all(
    filesIn(manifest, bundleFiles.checkpointFolder).map(async (source) => ({
      source,
      note: await readFile(path.join(directory, source), 'utf8'),
    })),
  );
  const verifier = createLogVerifier({ keys: trusted, checkpoints, witnesses, tail: 'closed' });
  const strays: Finding[] = [];
  let lines = 0;
  for await (const read of readBundleEntries(directory)) {
    if ('stray' in read) {
      strays.push({ kind: 'payload-without-entry', index: read.stray });
      continue;
    }
    verifier.add(read.entry);
    lines += 1;
  }
  const short = lines < manifest.entries ? [cut(manifest.entries, lines)] : [];
  return verifier.finish([...files, ...strays, ...short]);
}

async function readManifest(directory: string): Promise<Manifest | undefined> {
  const text = await readFile(path.join(directory, bundleFiles.manifest), 'utf8').catch(() => '');
  const manifest = parseManifest(text);
  const needed = [bundleFiles.envelopes, bundleFiles.leafHashes, bundleFiles.payloads];
  return needed.every((name) => manifest?.files[name] !== undefined) ? manifest : undefined;
}

async function fileFindings(directory: string, manifest: Manifest): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [name, listed] of Object.entries(manifest.files)) {
    const present = await digestFile(directory, name);
    if (present === undefined) findings.push({ kind: 'file-missing', path: name });
    else if (present.sha256 !== listed.sha256 || present.bytes !== listed.bytes) {
      findings.push({ kind: 'file-changed', path: name });
    }
  }
  return findings;
}

async function bundleKeys(directory: string, manifest: Manifest): Promise<NoteKey[]> {
  const texts = filesIn(manifest, bundleFiles.keyFolder).map((name) =>
    readFile(path.join(directory, name), 'utf8'),
  );
  return (await Promise.all(texts)).map(parseVerifierKey).filter((key) => key !== undefined);
}

const filesIn = (manifest: Manifest, folder: string): string[] =>
  Object.keys(manifest.files).filter((name) => name.startsWith(folder));

const cut = (claimedSize: number, size: number): Finding => ({
  kind: 'tail-cut',
  source: bundleFiles.manifest,
  claimedSize,
  size,
});

function unreadable(findings: Finding[]): VerificationReport {
  const tampered = findings.some(({ kind }) => kind === 'file-changed');
  return {
    verdict: tampered ? 'tampering' : 'incomplete',
    size: 0,
    signedSize: 0,
    root: emptyRoot(),
    erased: new Map(),
    agreedWith: [],
    findings,
  };
}
