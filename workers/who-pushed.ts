import { setTimeout } from 'node:timers/promises';
import type { CodeHost, MergeRequestView, PushView } from '#app/ports/code-host.ts';
import type { Source } from '#app/ports/source.ts';
import type { Change, Revision } from '#domain/change.ts';

interface Around {
  codeHost: Pick<CodeHost, 'pushes'>;
  source: Pick<Source, 'contains'>;
  pause?: (ms: number) => Promise<unknown>;
}

/**
 * Everyone who pushed what the merge request is made of. The pushes that GitLab tells of have to lead to its head without
 * a gap, from where its branch was made, from the target branch, or from a head whose pushers are known; whoever pushed in
 * between counts too, also where others pushed over it. `undefined` where they do not: an event that is not written yet, or
 * not kept any more, or is somebody else's (a fork's), leaves out somebody.
 */
export async function whoPushed(
  { codeHost, source, pause = setTimeout }: Around,
  { mergeRequest: { repository }, revision }: Pick<Change, 'mergeRequest' | 'revision'>,
  view: Pick<MergeRequestView, 'headSha' | 'sourceBranch' | 'sourceRepository' | 'targetBranch'>,
  targetSha: string,
): Promise<Revision['pushers']> {
  const { headSha, sourceBranch, sourceRepository } = view;
  if (sourceRepository !== repository) return undefined;
  const known = revision?.pushers ?? [];
  const isKnown = (sha: string) =>
    revision?.pushers !== undefined &&
    revision.headSha === sha &&
    revision.targetBranch === view.targetBranch;
  if (isKnown(headSha)) return known;
  const isStart = async (sha: string) => isKnown(sha) || source.contains(repository, targetSha, sha);
  const look = async () => {
    const read: PushView[] = [];
    for await (const page of codeHost.pushes(repository, sourceBranch)) {
      read.push(...page);
      const leading = await leadingTo(headSha, read, isStart);
      if (leading !== undefined) return everyone(leading, known);
    }
    return read.some(({ moved }) => moved?.to === headSha) ? undefined : 'not-yet';
  };
  const found = await look();
  if (found !== 'not-yet') return found;
  await pause(WRITTEN_AFTER_MS);
  const again = await look();
  return again === 'not-yet' ? undefined : again;
}

/** The push of the head is written down in the background, like the hook that brought us here. */
const WRITTEN_AFTER_MS = 1_000;

/** Pushes, newest first, down to the oldest that leads to the head; `undefined` where they start in the middle. */
async function leadingTo(
  head: string,
  pushes: readonly PushView[],
  isStart: (sha: string) => Promise<boolean>,
): Promise<readonly PushView[] | undefined> {
  const looked = new Set([head]);
  let oldest = -1;
  let starts = false;
  // What is added while going through them is gone through as well.
  for (const sha of looked)
    for (const [index, { moved }] of pushes.entries()) {
      if (moved?.to !== sha) continue;
      oldest = Math.max(oldest, index);
      if (moved.from === undefined || (await isStart(moved.from))) starts = true;
      else looked.add(moved.from);
    }
  return starts ? pushes.slice(0, oldest + 1) : undefined;
}

function everyone(pushes: readonly PushView[], known: readonly number[]): Revision['pushers'] {
  const found = pushes.flatMap(({ by }) => by ?? []);
  return found.length < pushes.length ? undefined : [...new Set([...known, ...found])];
}
