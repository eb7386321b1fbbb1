import { z } from 'zod';
import { type Finding, fine, problem, warning } from '#app/ports/examination.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { hookFindings, unlessForbidden } from './examine-hooks.ts';
import { createReleaseDesk } from './release-desk.ts';
import { branch, member } from './schema.ts';

const MAINTAINER = 40;
interface Question {
  hooksUrl: string;
  exampleTag: string;
}

/** One repository: that it is there, our role, what is protected, our webhook, and settings that auditors ask about. */
export async function examineRepository(
  client: GitlabClient,
  repository: number,
  me: { id: number; username: string },
  { exampleTag, hooksUrl }: Question,
): Promise<Finding[]> {
  const answer = await orUndefined(client.projects.show(repository));
  if (answer === undefined)
    return [
      problem(
        `gitlab ${repository}`,
        `@${me.username} is not shown repository ${repository}`,
        'invite the account as Maintainer, or correct the id under repositories',
      ),
    ];
  const found = parse(project, answer, 'project');
  const about = `gitlab ${found.path_with_namespace}`;
  const target = found.default_branch ?? '';
  const [role, ofTarget, tags, hooks] = await Promise.all([
    roleFinding(client, repository, me, about),
    branchFindings(client, repository, target, about),
    tagFinding(client, repository, exampleTag, about),
    hookFindings(client, repository, hooksUrl, about),
  ]);
  return [role, ...ofTarget, tags, ...hooks, ...hardening(found, about)];
}

async function roleFinding(
  client: GitlabClient,
  repository: number,
  { id, username }: { id: number; username: string },
  about: string,
): Promise<Finding> {
  const answer = await orUndefined(client.members.show(repository, id, { includeInherited: true }));
  const level = answer === undefined ? 0 : parse(member, answer, 'member').access_level;
  return level >= MAINTAINER
    ? fine(about, `@${username} is Maintainer`)
    : problem(
        about,
        `@${username} has access level ${level}; ${MAINTAINER} (Maintainer) is needed to see protection rules and to tag`,
        'a maintainer of the project raises it',
      );
}

/** What the gate target-protected asks of every change, asked once for the branch that most go to. */
async function branchFindings(
  client: GitlabClient,
  repository: number,
  name: string,
  about: string,
): Promise<Finding[]> {
  const answer = await orUndefined(client.branches.show(repository, name));
  if (answer === undefined)
    return [warning(about, `the default branch ${name} is not there yet`, 'push a first commit')];
  const found = parse(branch, answer, 'branch');
  if (!found.protected)
    return [
      problem(
        about,
        `the branch ${name} is not protected, so nothing that is governed from it is`,
        'a maintainer protects it',
      ),
    ];
  if (found.developers_can_push)
    return [
      problem(
        about,
        `developers push to ${name} past every merge request`,
        'a maintainer takes developers out of "Allowed to push and merge"',
      ),
    ];
  return [fine(about, `${name} is protected`), ...(await forceFinding(client, repository, name, about))];
}

/** CIS GitLab Benchmark 1.1.16. */
async function forceFinding(
  client: GitlabClient,
  repository: number,
  name: string,
  about: string,
): Promise<Finding[]> {
  const rule = await unlessForbidden(client.protectedBranches.show(repository, name));
  const allowed = protectedBranch.safeParse(rule).data?.allow_force_push === true;
  return allowed
    ? [
        problem(
          about,
          `${name} may be force-pushed (CIS 1.1.16)`,
          'a maintainer turns "Allowed to force push" off',
        ),
      ]
    : [];
}

async function tagFinding(
  client: GitlabClient,
  repository: number,
  tag: string,
  about: string,
): Promise<Finding> {
  const {
    mayCreate,
    protected: isProtected,
    reason,
  } = await createReleaseDesk(client).tagProtection(repository, tag);
  if (isProtected && mayCreate) return fine(about, 'release tags are protected, and we may make them');
  return problem(
    about,
    `release tags: ${reason}`,
    'a maintainer protects release/* and lets the service’s account create them',
  );
}

/** Settings that stop nothing here, and that auditors ask for; CIS GitLab Benchmark where one is named. */
function hardening(found: z.infer<typeof project>, about: string): Finding[] {
  return [
    ...(found.visibility === 'public'
      ? [
          warning(
            about,
            'the repository is public: everybody reads plans in the notes',
            'make it private, unless that is meant',
          ),
        ]
      : []),
    ...(found.only_allow_merge_if_all_discussions_are_resolved === false
      ? [
          warning(
            about,
            'merge requests may be merged with open threads (CIS 1.1.4)',
            'turn on "All threads must be resolved"',
          ),
        ]
      : []),
    ...(found.only_allow_merge_if_pipeline_succeeds === false
      ? [
          warning(
            about,
            'people may merge what Countersign’s status has not let through',
            'turn on "Pipelines must succeed"; the gates hold either way, but a merge past them is not undone',
          ),
        ]
      : []),
  ];
}

const flag = z.boolean().optional();
const project = z.object({
  path_with_namespace: z.string(),
  default_branch: z.string().nullish(),
  visibility: z.string().optional(),
  only_allow_merge_if_pipeline_succeeds: flag,
  only_allow_merge_if_all_discussions_are_resolved: flag,
});
const protectedBranch = z.object({ allow_force_push: flag });
