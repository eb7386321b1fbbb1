import type { Ticketing } from '#app/ports/ticketing.ts';
import { createTicketing } from '../ticketing.ts';
import { type JiraDataCenterOptions, createDcClient } from './client.ts';
import { createDcSite } from './site.ts';

/** Approvals in Jira Data Center: see the port for what each method promises. */
export function createJiraDataCenter(options: JiraDataCenterOptions): Ticketing {
  return createTicketing(createDcSite(createDcClient(options), options));
}
