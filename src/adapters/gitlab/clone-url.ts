import { z } from 'zod';
import { Fault } from '#domain/fault.ts';
import { parse, type GitlabClient } from './client.ts';

const project = z.object({ path_with_namespace: z.string() });
const PATH = /^[A-Za-z0-9_.][A-Za-z0-9_./-]*$/;

/**
 * Where the repository is cloned from. The host comes from the configuration, never from an answer: a URL in one is
 * text of others. The path is asked each time, since projects move.
 */
export async function cloneUrl(client: GitlabClient, repository: number): Promise<string> {
  const { path_with_namespace: path } = parse(project, await client.projects.show(repository), 'project');
  if (!PATH.test(path) || path.includes('..')) {
    throw new Fault('gitlab-unexpected-answer', `project ${repository} has a path that is no path`, {
      retryable: false,
    });
  }
  return `${client.host}/${path}.git`;
}
