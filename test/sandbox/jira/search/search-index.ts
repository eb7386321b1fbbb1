import type { Site } from '../model/site.ts';
import type { Issue } from '../model/types.ts';
import type { SiteEvent } from '../hooks/events.ts';

/** What JQL can ask about an issue, as it stood when the index took notice. */
export interface IndexedIssue {
  id: string;
  projectKey: string;
  statusId: string;
  labels: string[];
  summary: string;
  created: number;
  updated: number;
}

/**
 * The search index. Changes reach it only after `searchLagMs`, so that a search right after a write misses the write,
 * as on Cloud; `reconcileIssues` reads the named issues from the store instead.
 */
export class SearchIndex {
  readonly #site: Site;
  readonly #entries = new Map<string, IndexedIssue>();
  #pending: { due: number; issueId: string; entry: IndexedIssue | null }[] = [];

  constructor(site: Site) {
    this.#site = site;
    site.onEvent((event) => this.#notice(event));
  }

  /** The entries that are visible to a search now. */
  entries(reconcile: readonly string[]): IndexedIssue[] {
    this.#apply((change) => change.due <= Date.now());
    const visible = new Map(this.#entries);
    for (const id of reconcile) {
      const issue = this.#site.issues.get(id);
      if (issue === undefined) visible.delete(id);
      else visible.set(id, snapshot(issue));
    }
    return [...visible.values()];
  }

  /** Lets the index take notice of everything now, whatever the lag. */
  catchUp(): void {
    this.#apply(() => true);
  }

  #notice(event: SiteEvent): void {
    const due = Date.now() + this.#site.settings.searchLagMs;
    const entry = event.type === 'jira:issue_deleted' ? null : snapshot(event.issue);
    this.#pending.push({ due, issueId: event.issue.id, entry });
  }

  #apply(isDue: (change: { due: number }) => boolean): void {
    for (const { issueId, entry } of this.#pending.filter(isDue)) {
      if (entry === null) this.#entries.delete(issueId);
      else this.#entries.set(issueId, entry);
    }
    this.#pending = this.#pending.filter((change) => !isDue(change));
  }
}

function snapshot(issue: Issue): IndexedIssue {
  return {
    id: issue.id,
    projectKey: issue.projectKey,
    statusId: issue.statusId,
    labels: [...issue.labels],
    summary: issue.summary,
    created: issue.created,
    updated: issue.updated,
  };
}
