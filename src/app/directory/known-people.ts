import { setTimeout as after } from 'node:timers/promises';
import type { Person } from '#domain/gates/evidence.ts';
import type { Directory } from '../ports/directory.ts';

export interface KnownPeopleOptions {
  /** Who is known before the directory was read, and while it cannot be. */
  listed: readonly Person[];
  /** After so long the directory is read anew, behind whoever looks. */
  freshMs: number;
  /** For how long the first looks wait for the first reading. */
  patienceMs: number;
  /** A reading that broke; what was known before stands. */
  onError: (error: unknown) => void;
}

/**
 * People as pages name them, who decide nothing there: what was read last, at once, so that no page waits for a directory
 * service. Whoever is in it no more keeps the name under which they acted.
 */
export function createKnownPeople(
  directory: Directory,
  { freshMs, listed, onError, patienceMs }: KnownPeopleOptions,
): () => Promise<readonly Person[]> {
  let known = listed;
  let begun = 0;
  let first: Promise<unknown> | undefined;
  const look = async () => {
    begun = performance.now();
    try {
      const { people } = await directory.read();
      const present = new Set(people.map(({ id }) => id));
      known = [...people, ...known.filter(({ id }) => !present.has(id))];
    } catch (error) {
      onError(error);
    }
  };
  return async () => {
    if (first === undefined) first = Promise.race([look(), after(patienceMs, undefined, { ref: false })]);
    else if (performance.now() - begun > freshMs) void look();
    await first;
    return known;
  };
}
