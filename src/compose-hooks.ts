import { NOT_JSON, readGitlabHook } from '#adapters/gitlab/hook-hint.ts';
import { type GitlabHookSecrets, verifyGitlabDelivery } from '#adapters/gitlab/webhook.ts';
import { readJiraHook, verifyJiraDelivery } from '#adapters/jira/webhook.ts';
import type { HookSource } from '#http/deps.ts';
import type { Config, Secrets } from './config.ts';

/** One hook of GitLab: whom to believe, and about which repositories. */
export function gitlabSource(
  { segment, repositories }: Pick<Config['gitlab']['hooks'][number], 'segment' | 'repositories'>,
  { understandsAtlantis }: Pick<Config['gitlab'], 'understandsAtlantis'>,
  secrets: GitlabHookSecrets,
): HookSource {
  return {
    segment,
    repositories,
    verify(headers, rawBody) {
      const verdict = verifyGitlabDelivery({ headers, rawBody, secrets, now: new Date() });
      if (!verdict.ok) return { kind: 'refused', reason: verdict.why };
      const hint = readGitlabHook(rawBody, { alsoAtlantis: understandsAtlantis });
      if (hint.kind === 'ignored' && hint.why === NOT_JSON) return { kind: 'malformed', reason: hint.why };
      // A body that speaks of nobody's repository says nothing to us; one that does is checked against the source's.
      return hint.kind === 'ignored'
        ? { kind: 'ignored', event: 'gitlab' }
        : { kind: 'delivery', key: verdict.deliveryKey, event: hint.kind, repository: hint.repository };
    },
  };
}

/** The secrets that a hook's deliveries may carry. */
export function gitlabHookSecrets(secrets: Secrets, segment: string): GitlabHookSecrets {
  const found = secrets.gitlab.hooks.find((each) => each.segment === segment);
  return { signing: found?.signingTokens ?? [], tokens: found?.tokens ?? [] };
}

/** The hook of JIRA. */
export function jiraSource(segment: string, secrets: Secrets): HookSource {
  return {
    segment,
    verify(headers, rawBody) {
      const verdict = verifyJiraDelivery({
        headers,
        rawBody,
        secrets: secrets.jira.hookSecrets,
        now: new Date(),
      });
      if (!verdict.ok) return { kind: 'refused', reason: verdict.why };
      const hint = readJiraHook(rawBody);
      return hint.kind === 'ignored'
        ? { kind: 'ignored', event: 'jira' }
        : { kind: 'delivery', key: verdict.deliveryKey, event: hint.kind };
    },
  };
}
