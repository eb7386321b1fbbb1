/** The versions the double can be run as. They stand for every one between them. */
export const VERSIONS = ['17.3', '18.6', '19.0'] as const;
export type Version = (typeof VERSIONS)[number];
export const NEWEST: Version = '19.0';

/** What GitLab learned on the way, by the first version that can do it. */
const SINCE = {
  /** `Idempotency-Key` on every delivery, kept over a resend. */
  'idempotency-key': '17.4',
  /** Quick actions are found by the Markdown parser, no longer by a regular expression. */
  'markdown-quick-actions': '17.4',
  /** `GET …/statuses?pipeline_id=`; before, the parameter was passed over. */
  'statuses-by-pipeline': '17.8',
  /** A hook answered with 4xx is put to sleep like one answered with 5xx; before, the fourth in a row ended it. */
  'hooks-recover-from-4xx': '17.11',
  /** `PUT …/merge` knows `auto_merge`; before, only `merge_when_pipeline_succeeds`. */
  'auto-merge': '17.11',
  /** `system` and `system_action` tell that GitLab itself took approvals away. */
  'approval-system-events': '18.6',
  /** `signing_token`, `webhook-id`, `webhook-timestamp` and `webhook-signature`. */
  'signed-hooks': '19.0',
} as const;
export type Feature = keyof typeof SINCE;

export function knows(version: Version, feature: Feature): boolean {
  const [major, minor] = numbers(version);
  const [sinceMajor, sinceMinor] = numbers(SINCE[feature]);
  return major > sinceMajor || (major === sinceMajor && minor >= sinceMinor);
}

function numbers(version: string): [number, number] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
}
