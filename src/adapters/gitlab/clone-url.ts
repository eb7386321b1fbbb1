import { z } from 'zod';
import { Fault } from '#domain/fault.ts';
import { parse, type GitlabClient } from './client.ts';

const project = z.object({ path_with_namespace: z.string() });
const PATH = /^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/;

/**
 * Where the repository is cloned from. The host comes from the configuration, never from an answer: a URL in one is
 * text of others. The path is GitLab's word of the last minute, asked for unless another answer has just told it.
 */
export async function cloneUrl(client: GitlabClient, repository: number): Promise<string> {
  const path = client.freshPath(repository) ?? (await askForPath(client, repository));
  if (!PATH.test(path) || path.includes('..')) {
    throw new Fault('gitlab-unexpected-answer', `project ${repository} has a path that is no path`, {
      retryable: false,
    });
  }
  return `${client.host}/${path}.git`;
}

async function askForPath(client: GitlabClient, repository: number): Promise<string> {
  const answer = parse(project, await client.projects.show(repository), 'project');
  client.rememberPath(repository, answer.path_with_namespace);
  return answer.path_with_namespace;
}
