import {
  Branches,
  Commits,
  Events,
  GroupMembers,
  MergeRequestApprovals,
  MergeRequestNoteAwardEmojis,
  MergeRequestNotes,
  MergeRequests,
  Metadata,
  PersonalAccessTokens,
  ProjectMembers,
  ProjectHooks,
  Projects,
  ProtectedBranches,
  ProtectedTags,
  Tags,
  Users,
} from '@gitbeaker/rest';
import type { z } from 'zod';
import { GitlabFault, hasStatus } from './fault.ts';
import { tokenFacts, user } from './schema.ts';
import { createTransport } from './transport.ts';
import type { GitlabCall } from './transport.ts';

export interface GitlabOptions {
  /** `https://gitlab.example.com`, without `/api/v4`. */
  baseUrl: string;
  token: string;
  /** The name of our commit status; a status with this name by our account is ours. Default `countersign`. */
  statusName?: string;
  onCall?: (call: GitlabCall) => void;
  timeoutMs?: number;
  maxAnswerBytes?: number;
}

const PATH_FRESH_MS = 60_000;

/** gitbeaker's resources over our own transport, and who we are. One per process; the token stays in here. */
export type GitlabClient = ReturnType<typeof createGitlabClient>;

export function createGitlabClient(options: GitlabOptions) {
  const config = {
    host: options.baseUrl.replace(/\/+$/, ''),
    token: options.token,
    requesterFn: createTransport(options),
    // Time-outs and pacing are the transport's.
    queryTimeout: null,
    rateLimits: {},
  };
  const { host } = config;
  const users = new Users(config);
  const tokens = new PersonalAccessTokens(config);
  let me: Promise<{ id: number; username: string }> | undefined;
  const paths = new Map<number, { path: string; at: number }>();
  return {
    host,
    statusName: options.statusName ?? 'countersign',
    projects: new Projects(config),
    hooks: new ProjectHooks(config),
    mergeRequests: new MergeRequests(config),
    approvals: new MergeRequestApprovals(config),
    notes: new MergeRequestNotes(config),
    noteAwards: new MergeRequestNoteAwardEmojis(config),
    commits: new Commits(config),
    branches: new Branches(config),
    metadata: new Metadata(config),
    users,
    protectedBranches: new ProtectedBranches(config),
    tags: new Tags(config),
    protectedTags: new ProtectedTags(config),
    members: new ProjectMembers(config),
    groupMembers: new GroupMembers(config),
    events: new Events(config),

    /** Our own account; asked once per process, and again after a failure. */
    self(): Promise<{ id: number; username: string }> {
      me ??= users.showCurrentUser().then(
        (answer) => parse(user, answer, 'user'),
        (error: unknown) => {
          me = undefined;
          throw error;
        },
      );
      return me;
    },

    /** A repository's path, as an answer has just told it. */
    rememberPath(repository: number, path: string): void {
      paths.set(repository, { path, at: performance.now() });
    },

    /** The path that was told within the last minute: projects move, but not in the middle of a plan. */
    freshPath(repository: number): string | undefined {
      const known = paths.get(repository);
      return known !== undefined && performance.now() - known.at < PATH_FRESH_MS ? known.path : undefined;
    },

    /** What GitLab says of the token, for start-up checks and the expiry alarm. */
    async token(): Promise<{ scopes: string[]; active: boolean; expiresAt: string | undefined }> {
      const facts = parse(tokenFacts, await tokens.show(), 'personal_access_tokens/self');
      return { scopes: facts.scopes, active: facts.active, expiresAt: facts.expires_at ?? undefined };
    },
  };
}

/** The answer as our schema reads it; a fault when GitLab's shape is not the one we know. */
export function parse<T extends z.ZodType>(schema: T, answer: unknown, what: string): z.output<T> {
  const read = schema.safeParse(answer);
  if (read.success) return read.data;
  const where = read.error.issues.map((issue) => issue.path.join('.') || '(root)').join(', ');
  throw new GitlabFault(
    'gitlab-unexpected-answer',
    `GitLab's answer for ${what} has another shape: ${where}`,
    {
      status: 200,
      retryable: false,
    },
  );
}

/** The answer, or `undefined` when GitLab says 404: absent, or hidden from our account. */
export async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (hasStatus(error, 404)) return undefined;
    throw error;
  }
}
