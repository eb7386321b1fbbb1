import { z } from 'zod';
import type { FileAction, HostAnswer, Proposal, ProposalDesk } from '#app/ports/code-host.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { type GitlabFault, hasStatus, isUnclear } from './fault.ts';
import { branch, commit, listedMergeRequest, openedMergeRequest, tag } from './schema.ts';

/** Branches and merge requests of our own. GitLab's own "no" is a value, with its words. */
export function createProposalDesk(client: GitlabClient): ProposalDesk {
  return {
    async releaseTags(repository) {
      const answer = await client.tags.all(repository, { search: '^release/', perPage: 100 });
      return parse(z.array(tag), answer, 'tags').map((each) => ({
        name: each.name,
        sha: each.commit.id,
        message: each.message ?? '',
      }));
    },

    async commit(repository, { author, branch: name, files, message, startSha }) {
      try {
        const answer = await client.commits.create(repository, name, message, files.map(toAction), {
          startSha,
          authorName: author.name,
          authorEmail: author.email,
        });
        return { ok: true, value: { sha: parse(commit, answer, 'commit').id } };
      } catch (error) {
        if (hasStatus(error, 400, 403)) return refused(error);
        if (!isUnclear(error)) throw error;
        // An unclear outcome may have made the branch; whoever asks again finds it there.
        const made = await orUndefined(client.branches.show(repository, name));
        if (made === undefined) throw error;
        return { ok: true, value: { sha: parse(branch, made, 'branch').commit.id } };
      }
    },

    async open(repository, proposal) {
      const known = await opened(client, repository, proposal);
      if (known !== undefined) return { ok: true, value: known };
      const { description, sourceBranch, targetBranch, title } = proposal;
      try {
        const answer = await client.mergeRequests.create(repository, sourceBranch, targetBranch, title, {
          description,
          removeSourceBranch: true,
        });
        const made = parse(openedMergeRequest, answer, 'merge_requests');
        return { ok: true, value: { iid: made.iid, url: made.web_url } };
      } catch (error) {
        // 409: somebody was faster; or an earlier try of ours was.
        if (!hasStatus(error, 400, 403, 409, 422) && !isUnclear(error)) throw error;
        const found = await opened(client, repository, proposal);
        if (found !== undefined) return { ok: true, value: found };
        if (isUnclear(error)) throw error;
        return refused(error);
      }
    },
  };
}

/** The open merge request of the branch that our own account made. */
async function opened(
  client: GitlabClient,
  repository: number,
  { sourceBranch, targetBranch }: Pick<Proposal, 'sourceBranch' | 'targetBranch'>,
): Promise<{ iid: number; url: string } | undefined> {
  const [self, answer] = await Promise.all([
    client.self(),
    client.mergeRequests.all({ projectId: repository, state: 'opened', sourceBranch, targetBranch }),
  ]);
  const found = parse(z.array(listedMergeRequest.extend(openedMergeRequest.shape)), answer, 'merge_requests');
  const ours = found.find(({ author }) => author.id === self.id);
  return ours === undefined ? undefined : { iid: ours.iid, url: ours.web_url };
}

function toAction(file: FileAction) {
  const filePath = file.path;
  switch (file.action) {
    case 'delete':
      return { action: 'delete', filePath } as const;
    case 'chmod':
      return { action: 'chmod', filePath, execute_filemode: file.executable } as const;
    case 'create':
    case 'update':
      return {
        action: file.action,
        filePath,
        content: file.content.toString('base64'),
        encoding: 'base64',
      } as const;
  }
}

function refused(error: GitlabFault): HostAnswer<never> {
  return { ok: false, reason: error.message };
}
