/**
 * Name of the release tag for an approval: `release/<key>`. Throws RangeError for a key that is no JIRA issue key,
 * since the name becomes a git ref.
 */
export function releaseTagName(key: string): string {
  if (!ISSUE_KEY.test(key)) throw new RangeError(`not an issue key: ${JSON.stringify(key)}`);
  return `release/${key}`;
}

// A project key of letters, digits and underscores that starts with a letter, then the number.
const ISSUE_KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}$/;
