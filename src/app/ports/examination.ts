/** One thing that was looked at around the service, for `countersign doctor`. */
export interface Finding {
  /** What it is about, such as `gitlab` or `jira`. */
  about: string;
  /** `warning` is worth a look and stops nothing; with a `problem` something does not work, or a promise is not kept. */
  result: 'ok' | 'warning' | 'problem';
  what: string;
  /** Who can do what about it; for warnings and problems. */
  remedy?: string;
}

export const fine = (about: string, what: string): Finding => ({ about, result: 'ok', what });

export const warning = (about: string, what: string, remedy: string): Finding => ({
  about,
  result: 'warning',
  what,
  remedy,
});

export const problem = (about: string, what: string, remedy: string): Finding => ({
  about,
  result: 'problem',
  what,
  remedy,
});
