/** Which JIRA a house has: what stories do there is the same, only not how they log in and which version they speak. */
export type JiraFlavour = 'cloud' | 'data-center';

/** The flavour of houses that are not told: `COUNTERSIGN_HOUSE_JIRA`, else Cloud. */
export function usualJira(): JiraFlavour {
  return process.env['COUNTERSIGN_HOUSE_JIRA'] === 'data-center' ? 'data-center' : 'cloud';
}

/** Address of the newest REST API that it has. */
export function jiraApi({ jira, jiraUrl }: { jira: JiraFlavour; jiraUrl: string }): string {
  return `${jiraUrl}/rest/api/${jira === 'cloud' ? 3 : 2}`;
}

/** The header that says who is asking: an API token on Cloud, a personal access token on Data Center. */
export function jiraCredentials(
  jira: JiraFlavour,
  { email, token }: { email: string; token: string },
): { authorization: string } {
  const authorization =
    jira === 'cloud' ? `Basic ${Buffer.from(`${email}:${token}`).toString('base64')}` : `Bearer ${token}`;
  return { authorization };
}
