import { canonicalJson } from '#domain/audit/entry.ts';
import type { FileDigest } from './bundle-file.ts';

/** The table of contents of an export: every other file with its hash, and how many entries there are. */
export interface Manifest {
  readonly format: typeof FORMAT;
  readonly entries: number;
  readonly files: Readonly<Record<string, FileDigest>>;
}

/** Names of the files of an export; checkpoints and keys are one file each in their folders. */
export const bundleFiles = {
  manifest: 'manifest.json',
  envelopes: 'envelopes.jsonl',
  leafHashes: 'leaf-hashes.txt',
  payloads: 'payloads.jsonl',
  readme: 'README.md',
  checkpointFolder: 'checkpoints/',
  keyFolder: 'keys/',
} as const;

/** The manifest as a line of RFC 8785 text, so that two exports of the same log are the same bytes. */
export function formatManifest(entries: number, files: Record<string, FileDigest>): string {
  const listed = Object.fromEntries(Object.entries(files).map(([name, digest]) => [name, { ...digest }]));
  return `${canonicalJson({ format: FORMAT, entries, files: listed })}\n`;
}

/** Reads a manifest; undefined when it is not exactly one, or names a file outside its own folder. */
export function parseManifest(text: string): Manifest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(value) || value['format'] !== FORMAT || !isObject(value['files'])) return undefined;
  const { entries, files } = value;
  if (typeof entries !== 'number' || !isObject(files)) return undefined;
  const listed = Object.entries(files).map(([name, digest]) => [name, asDigest(name, digest)] as const);
  if (listed.some(([, digest]) => digest === undefined)) return undefined;
  const known = Object.fromEntries(listed.flatMap(([name, digest]) => (digest ? [[name, digest]] : [])));
  return formatManifest(entries, known) === text ? { format: FORMAT, entries, files: known } : undefined;
}

function asDigest(name: string, value: unknown): FileDigest | undefined {
  if (!FILE_NAME.test(name) || !isObject(value)) return undefined;
  const { sha256, bytes } = value;
  return typeof sha256 === 'string' && typeof bytes === 'number' ? { sha256, bytes } : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const FORMAT = 'countersign-audit-export@1';
// One folder deep at most, and no name that begins with a dot.
const FILE_NAME = /^(?:[A-Za-z0-9_-][A-Za-z0-9._-]*\/)?[A-Za-z0-9_-][A-Za-z0-9._-]*$/;
