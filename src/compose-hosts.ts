import { cloneUrl } from '#adapters/gitlab/clone-url.ts';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createCodeHost } from '#adapters/gitlab/code-host.ts';
import { createConversation } from '#adapters/gitlab/conversation.ts';
import { createProposalDesk } from '#adapters/gitlab/proposal-desk.ts';
import { createReleaseDesk } from '#adapters/gitlab/release-desk.ts';
import { createJiraCloud } from '#adapters/jira/cloud/jira-cloud.ts';
import type { Config, Secrets } from './config.ts';

/** GitLab and JIRA, as ports. */
export function composeHosts(config: Config, secrets: Secrets) {
  const client = createGitlabClient({ baseUrl: config.gitlab.url, token: secrets.gitlab.token });
  const { jira } = config;
  return {
    codeHost: createCodeHost(client),
    conversation: createConversation(client),
    releaseDesk: createReleaseDesk(client),
    proposalDesk: createProposalDesk(client),
    cloneUrl: (repository: number) => cloneUrl(client, repository),
    ticketing: createJiraCloud({
      baseUrl: jira.baseUrl,
      email: jira.email,
      apiToken: secrets.jira.apiToken,
      projectKey: jira.projectKey,
      issueType: { name: jira.issueType },
      statusIds: jira.statuses,
      botAccount: jira.botAccount,
      timeoutMs: jira.timeoutSeconds * 1000,
    }),
  };
}
