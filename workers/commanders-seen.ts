import type { Change } from '#domain/change.ts';
import type { CommanderSeen } from '#domain/gates/evidence.ts';
import { commandOf } from '#domain/ordered.ts';
import type { WorkerContext } from './context.ts';
import { observe } from './observe.ts';
import { reservedFor } from './reserved-commands.ts';

/** Those who commanded an apply of the change, each once, and what the code host lets them do at this moment. */
export async function commandersSeen(
  { codeHost, settings }: WorkerContext,
  { mergeRequest: { repository }, projects }: Change,
): Promise<CommanderSeen[]> {
  const ids = new Set(projects.flatMap((project) => commandOf(project)?.by.gitlabId ?? []));
  return Promise.all(
    [...ids].map(async (gitlabId) => ({
      gitlabId,
      rights: await observe(async () => {
        const accessLevel = (await codeHost.member(repository, gitlabId))?.accessLevel ?? 0;
        const asker = { id: gitlabId, accessLevel };
        const barred = await reservedFor(codeHost, settings.commandRules, { verb: 'apply' }, asker);
        return { accessLevel, needed: settings.accessLevels.apply, barred };
      }),
    })),
  );
}
