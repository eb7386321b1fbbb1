/** What was seen live when every gate said yes, as far as whoever has only the log can judge it again. */
export interface Found {
  /** When it was looked at, by the database's clock. */
  at: string;
  /** The merge request's head on the code host. */
  headSha: string;
  /** Each element that an approval or its run binds and that can be read live, by its name. */
  elements: Readonly<Record<string, string>>;
  /** Who takes which part in the change, as the gate four-eyes told them apart. */
  people: Readonly<Record<string, unknown>>;
  /** Each approval with whom that was in the directory when it was given, and was now. */
  approvals: unknown;
}
