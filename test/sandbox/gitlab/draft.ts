/** GitLab marks a draft by its title: `Draft:`, `[Draft]` or `(Draft)` in front. */
export function isDraft(title: string): boolean {
  return PREFIX.test(title);
}

export function withoutDraft(title: string): string {
  return title.replace(PREFIX, '');
}

const PREFIX = /^\s*(\[draft\]|\(draft\)|draft:)\s*/i;
