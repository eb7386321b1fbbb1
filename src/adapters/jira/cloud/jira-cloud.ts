import type { Ticketing } from '#app/ports/ticketing.ts';
import { createTicketing } from '../ticketing.ts';
import { type JiraCloudOptions, createCloudClient } from './client.ts';
import { createCloudSite } from './site.ts';

/** Approvals in Jira Cloud: see the port for what each method promises. */
export function createJiraCloud(options: JiraCloudOptions): Ticketing {
  return createTicketing(createCloudSite(createCloudClient(options), options));
}
