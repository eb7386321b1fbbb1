/**
 * Name of the release tag for an approval: `release/<key>`. Throws RangeError for a key that is no JIRA issue key,
 * since the name becomes a git ref.
 */
export function releaseTagName(key: string): string {
  if (!ISSUE_KEY.test(key)) throw new RangeError(`not an issue key: ${JSON.stringify(key)}`);
  return `${PREFIX}${key}`;
}

/** The approval that a tag of this name is of; undefined for every other tag, `release/1.2` among them. */
export function approvalOfTag(name: string): string | undefined {
  const key = name.startsWith(PREFIX) ? name.slice(PREFIX.length) : '';
  return ISSUE_KEY.test(key) ? key : undefined;
}

const PREFIX = 'release/';

// A project key of letters, digits and underscores that starts with a letter, then the number.
const ISSUE_KEY = /^[A-Z][A-Z0-9_]{1,19}-[1-9][0-9]{0,9}$/;
