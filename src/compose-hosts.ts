import { cloneUrl } from '#adapters/gitlab/clone-url.ts';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createCodeHost } from '#adapters/gitlab/code-host.ts';
import { createConversation } from '#adapters/gitlab/conversation.ts';
import { createProposalDesk } from '#adapters/gitlab/proposal-desk.ts';
import { createReleaseDesk } from '#adapters/gitlab/release-desk.ts';
import { createJiraCloud } from '#adapters/jira/cloud/jira-cloud.ts';
import { createJiraDataCenter } from '#adapters/jira/dc/jira-data-center.ts';
import type { JiraOptions } from '#adapters/jira/options.ts';
import type { Ticketing } from '#app/ports/ticketing.ts';
import type { Config, Secrets } from './config.ts';

/** GitLab and JIRA, as ports. */
export function composeHosts(config: Config, secrets: Secrets) {
  const client = createGitlabClient({ baseUrl: config.gitlab.url, token: secrets.gitlab.token });
  return {
    codeHost: createCodeHost(client),
    conversation: createConversation(client),
    releaseDesk: createReleaseDesk(client),
    proposalDesk: createProposalDesk(client),
    cloneUrl: (repository: number) => cloneUrl(client, repository),
    ticketing: composeTicketing(config, secrets),
  };
}

/** JIRA, of whichever flavour there is. */
function composeTicketing({ directory, jira }: Config, { jira: { token } }: Secrets): Ticketing {
  const approvers = directory.groups.flatMap(({ jira: named, roles }) =>
    named !== undefined && roles.includes('approver') ? [named.group] : [],
  );
  const { serviceManagement } = jira;
  const common: JiraOptions = {
    baseUrl: jira.baseUrl,
    projectKey: jira.projectKey,
    issueType: { name: jira.issueType },
    statusIds: jira.statuses,
    botAccount: jira.botAccount,
    approverGroups: [...new Set([...jira.approverGroups, ...approvers])],
    fields: jira.fields,
    ...(serviceManagement === false
      ? {}
      : { serviceManagement: serviceManagement === true ? {} : { request: serviceManagement } }),
    timeoutMs: jira.timeoutSeconds * 1000,
  };
  return jira.flavour === 'cloud'
    ? createJiraCloud({ ...common, email: jira.email, apiToken: token })
    : createJiraDataCenter({ ...common, token, machineAccounts: jira.machineAccounts });
}
