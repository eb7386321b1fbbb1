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

/** An approval of a merge request on the code host itself. */
export interface ReviewView {
  userId: number;
  username: string;
  /** RFC 3339; `undefined` when the host does not say. */
  at: string | undefined;
  /** Whether it was given when this head was there already; `undefined` when the host does not say. */
  ofHead: boolean | undefined;
}

/** A note of a merge request; its address is the merge request's with `#note_<id>`. */
export interface NoteView {
  id: number;
  body: string;
  authorId: number;
  authorUsername: string;
  system: boolean;
  /** Somebody, not necessarily its author, changed it after it was written. */
  edited: boolean;
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
  /** Id of the tag's own git object; the commit's where there is none. */
  object?: string;
}

export type CommitState = 'pending' | 'running' | 'success' | 'failed' | 'canceled';

export interface PostedStatus {
  mergeRequest: MergeRequestRef;
  /** The head it speaks of. */
  sha: string;
  /** The source branch, for a head that has no pipeline yet. */
  ref: string;
  state: CommitState;
  description: string;
  url: string;
  /** Further statuses of ours on the same pipeline, of which none ever keeps anything else from going on. */
  beside?: readonly NamedStatus[];
}

/** A status that carries a name behind ours: `countersign/<name>`. */
export interface NamedStatus {
  name: string;
  state: CommitState;
  description: string;
  url: string;
}

/** Where our status stands; kept from one time to the next. */
export interface StatusPlace {
  head: string;
  /** The commit of the pipeline, which is not the head where a merged result is tested. */
  sha: string;
  ref: string;
  pipelineId?: number;
  running: boolean;
  /** Names of those beside it that still run. */
  beside?: readonly string[];
}

/** What a call that may be refused by the host's own rules came to. */
export type HostAnswer<T> = { ok: true; value: T } | { ok: false; reason: string };

/** A merge request as a list shows it: enough to tell whether it is news. */
export interface ListedMergeRequest {
  iid: number;
  headSha: string;
  state: 'open' | 'merged' | 'closed';
  targetBranch: string;
  description: string;
}

/** A webhook of a repository, and whether the host still calls it. */
export interface HookView {
  id: number;
  url: string;
  /** `asleep` until `wakesAt`; `ended` until somebody tests it. */
  state: 'working' | 'asleep' | 'ended';
  wakesAt: string | undefined;
}

export interface BranchView {
  headSha: string;
  isProtected: boolean;
  /** Whoever has the role of a developer gets there without a merge request, protected or not. */
  developersMayPush: boolean;
}

/** A push to a branch. */
export interface PushView {
  /** Code-host id; `undefined` when the host does not say. */
  by: number | undefined;
  /**
   * From which commit to which; no `from` when it made the branch, no `to` when it removed it. Absent when it moved so many
   * branches at once that the host names none: it may have been to this one.
   */
  moved?: { from: string | undefined; to: string | undefined };
}

/** What may be read of merge requests and their surroundings. Faults are `Fault`s; a missing thing is `undefined`. */
export interface CodeHost {
  /** Our own account, for telling our notes and statuses from others'. */
  self(): Promise<{ id: number; username: string }>;
  /**
   * With `mergeability: 'at-once'` one call is made and `mergeable` is `unknown` where the host has not made up its mind;
   * otherwise (`settled`, for gates) the adapter waits up to 2 s and reads the statuses where they decide.
   */
  mergeRequest(
    ref: MergeRequestRef,
    options?: { mergeability: 'at-once' | 'settled' },
  ): Promise<MergeRequestView | undefined>;
  /** Merge requests updated since (RFC 3339), whatever their state, for the sweep. Pages are followed inside. */
  updatedMergeRequests(repository: number, since: string): Promise<ListedMergeRequest[]>;
  branch(repository: number, name: string): Promise<BranchView | undefined>;
  member(repository: number, userId: number): Promise<MemberView | undefined>;
  /**
   * A member of a group (full path), memberships of groups above it and of groups invited to it included. Refused when our
   * account is not shown the group, which is no answer about anybody.
   */
  groupMember(group: string, userId: number): Promise<HostAnswer<MemberView | undefined>>;
  /**
   * All members of a group (full path), those of groups above it and of groups invited to it only when `inherited`; their
   * access level is 0 when they are not active. Refused when our account is not shown the group.
   */
  groupMembers(group: string, options: { inherited: boolean }): Promise<HostAnswer<MemberView[]>>;
  /** Who approved the merge request there, with whether this head was before them. */
  approvals(ref: MergeRequestRef, head: string): Promise<ReviewView[]>;
  /** Pushes to the branch as far back as the host tells, newest first; each page is one call, made when it is asked for. */
  pushes(repository: number, branch: string): AsyncIterable<readonly PushView[]>;
  /** All webhooks of a repository; `undefined` when our account may not see them. */
  hooks(repository: number): Promise<HookView[] | undefined>;
  /** All statuses of the head except our own: on the pipeline that decides about it, and on its source branch. */
  statuses(ref: MergeRequestRef, head: string): Promise<StatusView[]>;
}

/** What the sweep and the command reader need of notes; writing is idempotent by marker. */
export interface Conversation {
  note(ref: MergeRequestRef, noteId: number): Promise<NoteView | undefined>;
  /** Notes since (RFC 3339), oldest first, for commands whose webhook was lost. */
  notesSince(ref: MergeRequestRef, since: string): Promise<NoteView[]>;
  /**
   * Creates or edits the one note that carries `marker`, which is put above `body`; refuses (fault `note-altered`) when
   * the host changed or executed it. `known` saves looking through the notes: the id from last time, or `none` when no
   * earlier call can have made one.
   */
  putNote(
    ref: MergeRequestRef,
    marker: string,
    body: string,
    known?: { id: number } | 'none',
  ): Promise<{ id: number }>;
  react(ref: MergeRequestRef, noteId: number, emoji: string): Promise<void>;
  /**
   * Sets our status on the head's own pipeline and ends what still runs of `before`, where it stood last time. Never
   * begins a pipeline beside one that is there, nor one for a status that is only pending. `undefined` when nothing was
   * set: then, or since the head has moved on.
   */
  putStatus(status: PostedStatus, before?: StatusPlace): Promise<StatusPlace | undefined>;
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

/** What a commit of ours does to one file. */
export type FileAction =
  | { action: 'create' | 'update'; path: string; content: Buffer }
  | { action: 'delete'; path: string }
  | { action: 'chmod'; path: string; executable: boolean };

/** A merge request of our own. */
export interface Proposal {
  sourceBranch: string;
  targetBranch: string;
  title: string;
  description: string;
}

/** Branches and merge requests that our own account makes because somebody asked for them. */
export interface ProposalDesk {
  /** Tags that begin with `release/`, those of the newest commits first. */
  releaseTags(repository: number): Promise<TagView[]>;
  /**
   * A branch with one commit on top of `startSha`; refused where the branch is there. The author is the one named, the
   * committer our own account.
   */
  commit(
    repository: number,
    commit: {
      branch: string;
      startSha: string;
      message: string;
      author: { name: string; email: string };
      files: readonly FileAction[];
    },
  ): Promise<HostAnswer<{ sha: string }>>;
  /** Opens the merge request, or finds the open one that we made of this branch before. */
  open(repository: number, proposal: Proposal): Promise<HostAnswer<{ iid: number; url: string }>>;
}
