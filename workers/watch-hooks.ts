import type { HookRow } from '#app/ledger.ts';
import type { WorkerContext } from './context.ts';
import type { Round } from './sweep-round.ts';

/** Where GitLab's deliveries arrive, whatever name the server has on the way to it. */
const LEADS_HERE = /\/hooks\/gitlab\/[^/?#]+$/;

/**
 * How GitLab thinks our webhooks do. It disables one that fails, for a while or for good, and tells nobody; the sweep
 * finds what such a hook does not tell, so this is a warning and no more. Needs a Maintainer's token, else it is not known.
 */
export async function watchHooks(context: WorkerContext, round: Round): Promise<void> {
  await round.each(
    'webhooks',
    context.settings.repositories.map((repository) => ({
      item: String(repository),
      work: () => watchHooksOf(context, repository),
    })),
  );
}

async function watchHooksOf({ codeHost, ledger, log }: WorkerContext, repository: number): Promise<void> {
  const hooks = await codeHost.hooks(repository);
  const ours = hooks?.filter(({ url }) => LEADS_HERE.test(url));
  const rows: HookRow[] =
    ours === undefined
      ? [{ hook: 0, state: 'hidden', wakesAt: undefined }]
      : ours.length === 0
        ? [{ hook: 0, state: 'missing', wakesAt: undefined }]
        : ours.map(({ id, state, wakesAt }) => ({ hook: id, state, wakesAt }));
  for (const { hook, state, wakesAt } of await ledger.seeHooks(repository, rows)) {
    if (state === 'asleep' || state === 'ended') {
      log.warn(
        { repository, hook, status: state, wakesAt },
        'GitLab has disabled our webhook after failures; the sweep finds what it does not tell',
      );
    } else {
      log.info({ repository, hook, status: state, wakesAt }, 'how GitLab’s webhook does');
    }
  }
}
