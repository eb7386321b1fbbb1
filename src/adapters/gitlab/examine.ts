import { z } from 'zod';
import { type Finding, fine, problem, warning } from '#app/ports/examination.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { examineRepository } from './examine-repository.ts';
import { GitlabFault } from './fault.ts';

const ABOUT = 'gitlab';
const DAY_MS = 86_400_000;
/** Deliveries carry a key of their own from here on; signed ones come with 19.0. */
const OLDEST = [17, 4] as const;

export interface GitlabQuestion {
  repositories: readonly number[];
  /** Where our webhooks are received: `https://countersign.example.com/hooks/gitlab/`. */
  hooksUrl: string;
  /** A name that no release has, to ask whether tags like it are protected. */
  exampleTag: string;
  now: Date;
}

/** What GitLab is, who we are there, and how each repository is set up. Reads only; what is refused is a finding. */
export async function examineGitlab(client: GitlabClient, question: GitlabQuestion): Promise<Finding[]> {
  let version: string;
  try {
    version = parse(metadata, await client.metadata.show(), 'metadata').version;
  } catch (error) {
    return [unreachable(error, client.host)];
  }
  const me = await client.self();
  const ofRepositories = await Promise.all(
    question.repositories.map((repository) => examineRepository(client, repository, me, question)),
  );
  return [versionFinding(version), ...(await tokenFindings(client, question.now)), ...ofRepositories.flat()];
}

function unreachable(error: unknown, host: string): Finding {
  const what = error instanceof Error ? error.message : String(error);
  const isRefused = error instanceof GitlabFault && error.status === 401;
  return isRefused
    ? problem(
        ABOUT,
        `GitLab refuses the token: ${what}`,
        'make a new project or group access token and put it into gitlab.tokenFile',
      )
    : problem(
        ABOUT,
        `GitLab does not answer at ${host}: ${what}`,
        'check gitlab.url, DNS, proxies and certificates from this host',
      );
}

function versionFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  if (isOld)
    return warning(
      ABOUT,
      `GitLab ${version}: webhooks carry no key of their own before ${OLDEST.join('.')}`,
      'update GitLab; until then a delivery is told from another by its content',
    );
  return fine(ABOUT, `GitLab ${version}${major >= 19 ? ', which signs webhooks' : ''}`);
}

async function tokenFindings(client: GitlabClient, now: Date): Promise<Finding[]> {
  const [{ username }, token, user] = await Promise.all([
    client.self(),
    client.token(),
    orUndefined(client.users.showCurrentUser()),
  ]);
  const scopes = token.scopes.join(', ');
  const ofScopes = token.scopes.includes('api')
    ? fine(ABOUT, `the token of @${username} has the scope api`)
    : problem(
        ABOUT,
        `the token of @${username} has the scopes ${scopes}, not api`,
        'make one with the scope api',
      );
  const { data } = account.safeParse(user);
  const ofAccount =
    data?.is_admin === true
      ? [
          problem(
            ABOUT,
            `@${username} is an administrator of GitLab`,
            'use an access token of the project or its group: no more than Maintainer is needed',
          ),
        ]
      : [];
  return [ofScopes, expiry(username, token.expiresAt, now), ...ofAccount];
}

function expiry(username: string, expiresAt: string | undefined, now: Date): Finding {
  if (expiresAt === undefined) return fine(ABOUT, `the token of @${username} does not expire`);
  const days = Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY_MS);
  const what = `the token of @${username} ${days < 0 ? 'expired' : 'expires'} on ${expiresAt.slice(0, 10)}`;
  const remedy = 'make a new one and put it into gitlab.tokenFile, then restart';
  if (days < 7) return problem(ABOUT, what, remedy);
  return days < 30 ? warning(ABOUT, what, remedy) : fine(ABOUT, what);
}

const metadata = z.object({ version: z.string() });
const account = z.object({ is_admin: z.boolean().optional() });
