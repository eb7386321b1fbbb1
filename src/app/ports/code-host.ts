import type { MergeRequestRef } from '#domain/change.ts';

/** A merge request as the code host shows it to our account right now. */
export interface MergeRequestView {
  url: string;
  title: string;
  description: string;
  state: 'open' | 'merged' | 'closed';
  draft: boolean;
  authorId: number;
  authorUsername: string;
  sourceRepository: number | undefined;
  sourceBranch: string;
  targetBranch: string;
  headSha: string;
  mergedSha: string | undefined;
  /** `yes`, `no` with the host's reason, or `unknown` while it is still computed. Our own status never makes it `no`. */
  mergeable: { answer: 'yes' | 'no' | 'unknown'; reason: string };
}

export interface MemberView {
  id: number;
  username: string;
  /** Inherited membership counts; 0 when not an active member. */
  accessLevel: number;
}

export interface NoteView {
  id: number;
  body: string;
  authorId: number;
  authorUsername: string;
  system: boolean;
  url: string;
}

/** A commit status of the head that is not ours. */
export interface StatusView {
  name: string;
  state: 'pending' | 'running' | 'success' | 'failed' | 'canceled' | 'skipped' | 'other';
  allowedToFail: boolean;
  url: string | undefined;
}

export interface TagView {
  name: string;
  /** The commit the tag leads to. */
  sha: string;
  message: string;
}

export type CommitState = 'pending' | 'running' | 'success' | 'failed' | 'canceled';

/** What a call that may be refused by the host's own rules came to. */
export type HostAnswer<T> = { ok: true; value: T } | { ok: false; reason: string };

/** What may be read of merge requests and their surroundings. Faults are `HostFault`s; a missing thing is `undefined`. */
export interface CodeHost {
  /** Our own account, for telling our notes and statuses from others'. */
  self(): Promise<{ id: number; username: string }>;
  mergeRequest(ref: MergeRequestRef): Promise<MergeRequestView | undefined>;
  /** Open merge requests updated since (RFC 3339), for the sweep. `cursor`-free: pages are followed inside. */
  openMergeRequests(
    repository: number,
    updatedSince: string,
  ): Promise<{ iid: number; headSha: string; updatedAt: string; targetBranch: string }[]>;
  branchHead(repository: number, branch: string): Promise<string | undefined>;
  member(repository: number, userId: number): Promise<MemberView | undefined>;
  /** Ids of everyone who pushed to the branch since; `undefined` when the host no longer tells. */
  pushers(repository: number, branch: string, since: string): Promise<number[] | undefined>;
  /** All statuses of the commit except our own. */
  statuses(repository: number, sha: string, ref: string): Promise<StatusView[]>;
}

/** What the sweep and the command reader need of notes; writing is idempotent by marker. */
export interface Conversation {
  note(ref: MergeRequestRef, noteId: number): Promise<NoteView | undefined>;
  /** Notes since (RFC 3339), oldest first, for commands whose webhook was lost. */
  notesSince(ref: MergeRequestRef, since: string): Promise<NoteView[]>;
  /** Creates or edits the one note that carries `marker`; refuses (fault `note-altered`) when the host changed or executed it. */
  putNote(ref: MergeRequestRef, marker: string, body: string): Promise<{ id: number; url: string }>;
  react(ref: MergeRequestRef, noteId: number, emoji: string): Promise<void>;
  putStatus(status: {
    repository: number;
    sha: string;
    ref: string;
    state: CommitState;
    description: string;
    url: string;
  }): Promise<void>;
}

/** Tags and merges: what is done to the repository in the end. */
export interface ReleaseDesk {
  tag(repository: number, name: string): Promise<TagView | undefined>;
  /** Whether `release/*` is protected and we may create it, with the reason when not. */
  tagProtection(
    repository: number,
    name: string,
  ): Promise<{ protected: boolean; mayCreate: boolean; reason: string }>;
  createTag(repository: number, name: string, sha: string, message: string): Promise<HostAnswer<TagView>>;
  merge(ref: MergeRequestRef, headSha: string): Promise<HostAnswer<{ sha: string | undefined }>>;
}
