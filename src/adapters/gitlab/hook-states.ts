import { z } from 'zod';
import type { HookView } from '#app/ports/code-host.ts';
import { parse, type GitlabClient } from './client.ts';
import { hasStatus } from './fault.ts';

/** The webhooks of a project; `undefined` when our account may not see them, for which it needs Maintainer. */
export async function readHooks(client: GitlabClient, repository: number): Promise<HookView[] | undefined> {
  try {
    const answer = await client.hooks.all(repository, { perPage: 100 });
    return parse(z.array(hook), answer, 'hooks').map((each) => ({
      id: each.id,
      url: each.url,
      state: stateOf(each.alert_status),
      wakesAt: each.disabled_until ?? undefined,
    }));
  } catch (error) {
    if (hasStatus(error, 403, 404)) return undefined;
    throw error;
  }
}

/** A state that GitLab may add tomorrow is not one in which it delivers. */
function stateOf(alert: string | undefined): HookView['state'] {
  if (alert === undefined || alert === 'executable') return 'working';
  return alert === 'temporarily_disabled' ? 'asleep' : 'ended';
}

const hook = z.object({
  id: z.number(),
  url: z.string(),
  alert_status: z.string().optional(),
  disabled_until: z.string().nullish(),
});
