import type { Api } from '../api.ts';
import type { Faults } from '../faults.ts';
import type { HookDispatcher } from '../hooks/dispatcher.ts';
import type { Site } from '../model/site.ts';
import type { RequestLog } from '../request-log.ts';
import type { SearchIndex } from '../search/search-index.ts';

/** Everything the sandbox's own API may reach. */
export interface Sandbox {
  /** The v2 face of the site, which webhooks speak. */
  api: Api;
  site: Site;
  faults: Faults;
  requests: RequestLog;
  /** Every REST route there is, for checks against Atlassian's documents. */
  routes: { method: string; path: string }[];
  index: SearchIndex;
  dispatcher: HookDispatcher;
}

/** A request to the sandbox that names something that is not there. */
export class SandboxRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
