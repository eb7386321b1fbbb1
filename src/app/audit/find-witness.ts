import { readFile } from 'node:fs/promises';
import type { Witness } from '#domain/audit/verify-log.ts';

/** Fetches the text of a release tag's message or of a ticket's closing comment; undefined when there is none. */
export type FetchWitness = (kind: 'tag' | 'ticket', ref: string) => Promise<string | undefined>;

/** Finds what `--against` names: `tag:<name>`, `ticket:<key>`, or a file that holds a checkpoint. */
export async function findWitness(reference: string, fetch: FetchWitness | undefined): Promise<Witness> {
  const match = /^(tag|ticket):(.+)$/.exec(reference);
  if (match === null) {
    return { source: reference, text: await readFile(reference, 'utf8').catch(() => undefined) };
  }
  const [, kind, ref] = match as unknown as [string, 'tag' | 'ticket', string];
  return { source: reference, text: await fetch?.(kind, ref) };
}
