import { z } from 'zod';
import { type Finding, fine, problem, warning } from '#app/ports/examination.ts';
import { parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { hasStatus } from './fault.ts';

const EVENTS = {
  merge_requests_events: 'merge requests',
  note_events: 'comments',
  pipeline_events: 'pipelines',
  push_events: 'pushes',
  tag_push_events: 'tags',
} as const;

/** Our webhooks of a repository, by their address: whether GitLab calls them, of what, and with a secret. */
export async function hookFindings(
  client: GitlabClient,
  repository: number,
  hooksUrl: string,
  about: string,
): Promise<Finding[]> {
  const answer = await unlessForbidden(client.hooks.all(repository, { perPage: 100 }));
  if (answer === undefined)
    return [warning(about, 'our account may not see the webhooks', 'make it Maintainer, or look by hand')];
  const ours = parse(z.array(hook), answer, 'hooks').filter(({ url }) => url.startsWith(hooksUrl));
  if (ours.length === 0)
    return [
      warning(
        about,
        `no webhook leads to ${hooksUrl}: everything is found by asking, only later`,
        'a maintainer adds one; docs/gitlab.md says which events',
      ),
    ];
  return ours.flatMap((each) => hookFinding(each, about));
}

/** CIS GitLab Benchmark 1.4.4 asks for webhooks that are authenticated and encrypted. */
function hookFinding(found: z.infer<typeof hook>, about: string): Finding[] {
  const name = `webhook ${found.id}`;
  const state = found.alert_status ?? 'executable';
  const missing = Object.entries(EVENTS).flatMap(([event, what]) =>
    found[event as keyof typeof EVENTS] === false ? [what] : [],
  );
  const isPlain = found.url.startsWith('https:') && found.enable_ssl_verification === false;
  const isBare = found.signing_token_present === false && found.token_present === false;
  const findings = [
    ...(state === 'executable'
      ? []
      : [
          problem(
            about,
            `GitLab stopped calling ${name} (${state.replaceAll('_', ' ')})`,
            'mend what it failed on, then press Test in GitLab',
          ),
        ]),
    ...(missing.length === 0
      ? []
      : [warning(about, `${name} says nothing of ${missing.join(', ')}`, 'a maintainer ticks these events')]),
    ...(isPlain
      ? [warning(about, `${name} does not verify our certificate`, 'a maintainer enables SSL verification')]
      : []),
    ...(isBare
      ? [
          problem(
            about,
            `${name} has no secret, so its deliveries are refused`,
            'a maintainer sets a signing token',
          ),
        ]
      : []),
  ];
  return findings.length === 0 ? [fine(about, `${name} works`)] : findings;
}

/** What our account may not see is no answer. */
export async function unlessForbidden<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 403, 404)) return undefined;
    throw error;
  }
}

const flag = z.boolean().optional();
const hook = z.object({
  id: z.number(),
  url: z.string(),
  alert_status: z.string().optional(),
  enable_ssl_verification: flag,
  signing_token_present: flag,
  token_present: flag,
  merge_requests_events: flag,
  note_events: flag,
  pipeline_events: flag,
  push_events: flag,
  tag_push_events: flag,
});
