export const HOOK_EVENTS = [
  'push_events',
  'tag_push_events',
  'merge_requests_events',
  'note_events',
  'confidential_note_events',
  'pipeline_events',
  'job_events',
  'deployment_events',
  'releases_events',
  'emoji_events',
  'issues_events',
  'confidential_issues_events',
  'wiki_page_events',
  'repository_update_events',
  'feature_flag_events',
  'resource_access_token_events',
] as const;

export type HookEvent = (typeof HOOK_EVENTS)[number];

export interface Hook {
  id: number;
  projectId: number;
  url: string;
  name: string | null;
  description: string | null;
  createdAt: string;
  events: Record<HookEvent, boolean>;
  pushEventsBranchFilter: string;
  branchFilterStrategy: string;
  enableSslVerification: boolean;
  token: string | null;
  signingToken: string | null;
  customHeaders: { key: string; value: string }[];
  recentFailures: number;
  disabledUntil: string | null;
  log: HookLog[];
}

export interface HookLog {
  id: number;
  hookId: number;
  trigger: HookEvent;
  url: string;
  idempotencyKey: string;
  requestHeaders: Record<string, string>;
  requestBody: string;
  responseStatus: string;
  responseHeaders: Record<string, string>;
  responseBody: string;
  executionDuration: number;
  createdAt: string;
}
