import type { StoredEntry } from '#domain/audit/verify-log.ts';
import { readLines } from './bundle-file.ts';
import { bundleFiles } from './manifest.ts';

/** An entry of an export with what belongs to it, or the index of a payload line that belongs to none. */
export type BundleRead = { entry: StoredEntry } | { stray: number };

/**
 * The entries of an export in the order of their lines. Leaf hashes and payloads are paired by the index that the
 * entry says it has, so that one deleted line does not make every later one look edited.
 */
export async function* readBundleEntries(directory: string): AsyncGenerator<BundleRead> {
  const leafHashes = await readLeafHashes(directory);
  const payloads = readLines(directory, bundleFiles.payloads);
  let waiting = await nextPayload(payloads);
  let place = 0;
  for await (const envelope of readLines(directory, bundleFiles.envelopes)) {
    const index = indexOf(envelope) ?? place;
    place = index + 1;
    while (waiting !== undefined && waiting.index < index) {
      yield { stray: waiting.index };
      waiting = await nextPayload(payloads);
    }
    const mine = waiting?.index === index ? waiting : undefined;
    if (mine !== undefined) waiting = await nextPayload(payloads);
    yield {
      entry: { envelope, leafHash: leafHashes[index], payload: mine?.payload, erasedBy: mine?.erasedBy },
    };
  }
  for (; waiting !== undefined; waiting = await nextPayload(payloads)) yield { stray: waiting.index };
}

interface PayloadLine {
  index: number;
  payload: { text: string; nonce: Uint8Array } | undefined;
  erasedBy: number | undefined;
}

async function nextPayload(lines: AsyncGenerator<string>): Promise<PayloadLine | undefined> {
  const line = await lines.next();
  return line.done ? undefined : parsePayloadLine(line.value);
}

/** A line that is none of ours becomes a payload of no entry: index -1. */
function parsePayloadLine(line: string): PayloadLine {
  const nothing: PayloadLine = { index: -1, payload: undefined, erasedBy: undefined };
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return nothing;
  }
  if (typeof value !== 'object' || value === null) return nothing;
  const { idx, nonce, payload: text, erased_by: erasedBy } = value as Record<string, unknown>;
  if (typeof idx !== 'number') return nothing;
  const payload =
    typeof nonce === 'string' && typeof text === 'string'
      ? { text, nonce: Buffer.from(nonce, 'hex') }
      : undefined;
  return { index: idx, payload, erasedBy: typeof erasedBy === 'number' ? erasedBy : undefined };
}

async function readLeafHashes(directory: string): Promise<Buffer[]> {
  const hashes: Buffer[] = [];
  for await (const line of readLines(directory, bundleFiles.leafHashes))
    hashes.push(Buffer.from(line, 'hex'));
  return hashes;
}

function indexOf(envelope: string): number | undefined {
  const digits = /^\{"actor":"[^"]*","idx":(\d{1,15}),/.exec(envelope)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
