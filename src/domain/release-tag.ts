/**
 * Name of the release tag for an approval: `release/<key>`. Throws RangeError for a key that is no JIRA issue key,
 * since the name becomes a git ref and an argument.
 */
export function releaseTagName(key: string): string {
  if (!ISSUE_KEY.test(key)) throw new RangeError(`not an issue key: ${JSON.stringify(key)}`);
  return `release/${key}`;
}

// Upper-case project key of at least two characters, then the number: https://support.atlassian.com/jira-software-cloud/docs/what-is-an-issue/
const ISSUE_KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}$/;
