import { z } from 'zod';
import type { HostAnswer, ReleaseDesk, TagView } from '#app/ports/code-host.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { GitlabFault, hasStatus, isUnclear } from './fault.ts';
import { readMergeRequest } from './read-merge-request.ts';
import { member, mergeRequest, protectedTag, tag } from './schema.ts';

/** Tags and merges. GitLab's own "no" is a value, with its words. */
export function createReleaseDesk(client: GitlabClient): ReleaseDesk {
  return {
    tag: (repository, name) => readTag(client, repository, name),

    async tagProtection(repository, name) {
      try {
        const answer = await client.protectedTags.all(repository, { perPage: 100 });
        const rules = parse(z.array(protectedTag), answer, 'protected_tags').filter((each) =>
          matches(each.name, name),
        );
        if (rules.length === 0) {
          return { protected: false, mayCreate: true, reason: `no protected-tag rule covers ${name}` };
        }
        return { protected: true, ...(await mayCreate(client, repository, rules)) };
      } catch (error) {
        if (!hasStatus(error, 403, 404)) throw error;
        const reason = 'our account may not read the rules for protected tags (it needs Maintainer)';
        return { protected: false, mayCreate: false, reason };
      }
    },

    async createTag(repository, name, sha, message) {
      const before = await readTag(client, repository, name);
      if (before !== undefined) return sameTag(before, sha, message);
      try {
        const made = await client.tags.create(repository, name, sha, { message });
        return sameTag(tagView(made), sha, message);
      } catch (error) {
        // Every refusal is a 400, "already exists" among them, and an unclear outcome may have made it: look again.
        if (!hasStatus(error, 400, 403) && !isUnclear(error)) throw error;
        const after = await readTag(client, repository, name);
        if (after !== undefined) return sameTag(after, sha, message);
        if (isUnclear(error)) throw error;
        return refused(error);
      }
    },

    async merge(ref, headSha) {
      try {
        const answer = await client.mergeRequests.merge(ref.repository, ref.iid, { sha: headSha });
        const merged = parse(mergeRequest, answer, 'merge');
        if (merged.state === 'merged') return { ok: true, value: { sha: mergedSha(merged) } };
        return {
          ok: false,
          reason:
            merged.merge_error ??
            `GitLab left it ${merged.state} (${merged.detailed_merge_status ?? 'no detail'})`,
        };
      } catch (error) {
        // 401 and 403: not allowed; 405: not mergeable; 406: conflict; 409: another head; 422: the merge failed.
        if (!hasStatus(error, 401, 403, 404, 405, 406, 409, 422) && !isUnclear(error)) throw error;
        // Our own earlier try may have merged it, and a token that has died fails here as well, as a fault.
        const found = await readMergeRequest(client, ref);
        if (found?.state === 'merged' && found.sha === headSha) {
          return { ok: true, value: { sha: mergedSha(found) } };
        }
        if (isUnclear(error)) throw error;
        return refused(error);
      }
    },
  };
}

async function readTag(client: GitlabClient, repository: number, name: string): Promise<TagView | undefined> {
  const answer = await orUndefined(client.tags.show(repository, name));
  return answer && tagView(answer);
}

function tagView(answer: unknown): TagView {
  const found = parse(tag, answer, 'tag');
  const object = found.target == null ? {} : { object: found.target };
  return { name: found.name, sha: found.commit.id, message: found.message ?? '', ...object };
}

/** A tag is ours only with our commit and our message: whoever may tag could have put one of the name there before. */
function sameTag(found: TagView, sha: string, message: string): HostAnswer<TagView> {
  if (found.sha !== sha) {
    return { ok: false, reason: `the tag ${found.name} exists and leads to ${found.sha}, not to ${sha}` };
  }
  if (found.message.trim() !== message.trim()) {
    return { ok: false, reason: `the tag ${found.name} exists with another message` };
  }
  return { ok: true, value: found };
}

/** Several rules may match; GitLab goes by the most permissive one. */
async function mayCreate(
  client: GitlabClient,
  repository: number,
  rules: readonly z.infer<typeof protectedTag>[],
): Promise<{ mayCreate: boolean; reason: string }> {
  const me = await client.self();
  const answer = await orUndefined(client.members.show(repository, me.id, { includeInherited: true }));
  const level = answer === undefined ? 0 : parse(member, answer, 'member').access_level;
  const allowed = rules
    .flatMap((rule) => rule.create_access_levels)
    .some((each) =>
      each.user_id == null
        ? (each.access_level ?? 0) > 0 && level >= (each.access_level ?? 0)
        : each.user_id === me.id,
    );
  const names = rules.map((rule) => rule.name).join(', ');
  return allowed
    ? { mayCreate: true, reason: `${names} is protected and ${me.username} may create it` }
    : {
        mayCreate: false,
        reason: `${names} is protected and ${me.username} is not among those who may create it`,
      };
}

/** GitLab's wildcard: `*` stands for any text, slashes included. */
function matches(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function mergedSha(found: z.infer<typeof mergeRequest>): string | undefined {
  return found.merge_commit_sha ?? found.squash_commit_sha ?? undefined;
}

function refused(error: GitlabFault): { ok: false; reason: string } {
  return { ok: false, reason: error.message };
}
