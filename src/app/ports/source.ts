import type { Composition } from '#domain/composition.ts';
import type { BackendFacts } from '#domain/state-place.ts';

/**
 * The repository as git has it: what changed, what a project is made of, and the work tree of one exact commit.
 * Repositories are named by the code host's id; where they live and how to sign in is the adapter's business.
 * Paths are relative to the repository's root, with `/`, and `.` for the root itself. What breaks is a
 * `Fault`; retryable when the host or the network may have been the cause.
 */
export interface Source {
  /** Makes the commits present; does nothing for those that are. Fault `commit-missing` when the host has no such commit. */
  fetch(repository: number, shas: readonly string[]): Promise<void>;
  /** The best common ancestor; undefined when the histories have none. */
  mergeBase(repository: number, a: string, b: string): Promise<string | undefined>;
  /** Whether `head` is or comes after `commit`; never when that was not fetched with anything. */
  contains(repository: number, head: string, commit: string): Promise<boolean>;
  /** Paths that `head` changed since it left `base` (three-dot); a rename counts as both its paths. */
  changedPaths(repository: number, base: string, head: string): Promise<string[]>;
  /** Commits of `head` that `base` does not have, oldest first; with `paths`, those that changed any of them. */
  commits(repository: number, base: string, head: string, paths?: readonly string[]): Promise<Commit[]>;
  /** The file's content at that commit; undefined when there is none. At most 1 MiB, else fault `file-too-large`. */
  readFile(repository: number, sha: string, path: string): Promise<string | undefined>;
  /** Paths of the files directly in a folder at that commit, in order; none when there is no such folder. */
  listFiles(repository: number, sha: string, dir: string): Promise<string[]>;
  /** The files at and below these paths at that commit, in order of path; a submodule is none. */
  files(repository: number, sha: string, paths: readonly string[]): Promise<SourceFile[]>;
  /** A file's bytes by its id. At most 1 MiB, else fault `file-too-large`. */
  blob(repository: number, file: Pick<SourceFile, 'id' | 'path' | 'size'>): Promise<Buffer>;
  /** Git's tree or blob id of each path at that commit; undefined where there is nothing. Equal id, equal content. */
  pathIds(repository: number, sha: string, paths: readonly string[]): Promise<PathId[]>;
  /**
   * Writes the given folders of that commit below `target` (an existing empty folder), byte for byte as committed:
   * no filters, no end-of-line conversion, no submodules, no hooks. Links are written as links, wherever they lead:
   * whoever lets foreign code use the tree checks them (`Terraform.plan` does).
   */
  materialize(repository: number, sha: string, dirs: readonly string[], target: string): Promise<void>;
}

/** Finds root modules by reading the Terraform sources of a commit, without a work tree. */
export interface RootModules {
  /** Every folder with Terraform files, in order of path. Those that others call are roots only if configured as such. */
  listRoots(repository: number, sha: string): Promise<RootModule[]>;
}

export interface Commit {
  sha: string;
  authorName: string;
  authorEmail: string;
  committerName: string;
  committerEmail: string;
  subject: string;
}

export interface SourceFile {
  path: string;
  id: string;
  kind: 'file' | 'executable' | 'link';
  size: number;
}

export interface PathId {
  path: string;
  id: string | undefined;
}

export interface RootModule {
  dir: string;
  /** Some other folder of the repository calls it as a module. */
  calledByOthers: boolean;
  /** Folders of the repository it calls as modules, directly or through others. */
  localModules: readonly string[];
  /** Paths outside those folders that literal `file()`, `templatefile()`, `fileset()` … calls read. */
  readsFiles: readonly string[];
  /** A path to read is computed, so `readsFiles` may be incomplete. */
  readsUnknownFiles: boolean;
  declaresApprovalId: boolean;
  /** Where it says that its state is; its override files' word counts. */
  backend?: BackendFacts & { file: string };
  /** States of others that it or a module of it reads. */
  remoteStates: readonly BackendFacts[];
  /** Modules that it and the local modules it calls are made of, and their providers. */
  composition: Composition;
  /** Its folder, its modules and what it reads, with their git ids at that commit, in order of path. */
  inputs: readonly PathId[];
  /** Sources that do not parse; Terraform will refuse them too. */
  problems: readonly SourceProblem[];
}

export interface SourceProblem {
  file: string;
  line: number | undefined;
  message: string;
}

/** What one Terraform file, or a lock file, says about where else to look. Depends on the file's bytes alone. */
export interface SourceFacts {
  /** Modules it calls, as written; a source that is computed is not there. */
  moduleCalls: { source: string | undefined; version?: string }[];
  /** Local names of the providers its resources and blocks use, and what it says their addresses are. */
  providers: { required: { name: string; source: string | undefined }[]; used: string[] };
  /** Addresses of providers, in a lock file. */
  lockedProviders: string[];
  /** Paths that literals name, with what they are relative to. */
  reads: { base: 'module' | 'root'; path: string }[];
  readsUnknown: boolean;
  declaresApprovalId: boolean;
  /** The backend or cloud block, where the file has one. */
  backend?: BackendFacts;
  /** What its `terraform_remote_state` blocks read, as far as it is written out. */
  remoteStates: BackendFacts[];
  problem: Omit<SourceProblem, 'file'> | undefined;
}

/** Reads a Terraform file; what does not parse is a problem with its place, not an error. */
export type ReadSourceFacts = (path: string, source: string) => Promise<SourceFacts>;
