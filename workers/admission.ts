import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { ConfigurationProblem, RepositorySettings } from '#app/ports/project-catalogue.ts';
import { roleInWords } from '#domain/access-level.ts';
import type { MergeRequestRef } from '#domain/change.ts';
import { matchesPath } from '#domain/path-match.ts';
import type { WorkerContext } from './context.ts';

/** Why a merge request gets no plan. */
export interface NotAdmitted {
  code: string;
  reason: string;
  /** What has to be mended, and where. */
  problems?: readonly ConfigurationProblem[];
}

/** What the server says before anything of the repository is read: a plan runs its author's code with our credentials. */
export async function refusedAtSight(
  { codeHost, settings }: WorkerContext,
  { repository }: MergeRequestRef,
  view: MergeRequestView,
): Promise<NotAdmitted | undefined> {
  const { branches, forks } = settings.admission(repository);
  if (forks === 'refuse' && view.sourceRepository !== repository) {
    return {
      code: 'fork',
      reason: 'it comes from a fork, whose code is not run here: push the branch to this project instead',
    };
  }
  if (!fitsOne(branches, view.targetBranch)) return otherBranch(view.targetBranch, branches);
  const author = await codeHost.member(repository, view.authorId);
  const level = author?.accessLevel ?? 0;
  if (level >= settings.accessLevels.plan) return undefined;
  return {
    code: 'author-role',
    reason: `its author @${view.authorUsername} is ${roleInWords(level)} of this project, and only what ${roleInWords(settings.accessLevels.plan)} asks for is planned: a maintainer changes the role, or somebody who has it opens the merge request`,
  };
}

/** What the repository itself says of which merge requests are planned. */
export function refusedByRepository(
  { branches, drafts }: RepositorySettings,
  view: Pick<MergeRequestView, 'draft' | 'targetBranch'>,
): NotAdmitted | undefined {
  if (!fitsOne(branches, view.targetBranch)) return otherBranch(view.targetBranch, branches);
  if (view.draft && drafts === 'ignore')
    return { code: 'draft', reason: 'it is a draft: mark it as ready to have it planned' };
  return undefined;
}

/** The configuration on the target branch cannot be used: every problem with its place, as many as a reader takes in. */
export function brokenConfiguration(branch: string, problems: readonly ConfigurationProblem[]): NotAdmitted {
  const count = problems.length === 1 ? 'a mistake' : `${problems.length} mistakes`;
  return {
    code: 'configuration',
    reason: `the configuration on ${branch} has ${count}, and nothing is planned until that is mended there`,
    problems: problems.slice(0, PROBLEMS_SHOWN),
  };
}

const PROBLEMS_SHOWN = 30;

function otherBranch(branch: string, patterns: readonly string[]): NotAdmitted {
  return {
    code: 'branch',
    reason: `it goes to ${branch}, and only what goes to ${patterns.join(', ')} is planned`,
  };
}

function fitsOne(patterns: readonly string[], branch: string): boolean {
  return patterns.some((pattern) => matchesPath(pattern, branch));
}
