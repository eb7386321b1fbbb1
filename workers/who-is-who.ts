import type { Person } from '#domain/gates/evidence.ts';
import type { WorkerContext } from './context.ts';

/** The people and what could not be read of them, as gates and mandates are given it. */
export interface WhoIsWho {
  people: readonly Person[];
  unseenSources: readonly { source: string; why: string }[];
}

/** Who is who at this moment; `fresh` for an apply, which no look of a moment ago will do for. */
export async function whoIsWho(
  { directory }: Pick<WorkerContext, 'directory'>,
  options: { fresh?: boolean } = {},
): Promise<WhoIsWho> {
  const { people, unseen } = await directory.read(options);
  return { people, unseenSources: unseen };
}
