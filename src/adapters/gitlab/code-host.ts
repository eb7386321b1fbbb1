import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { MergeRequestRef } from '#domain/change.ts';
import type { CodeHost, MemberView, MergeRequestView, PushView, StatusView } from '#app/ports/code-host.ts';
import { readApprovals } from './approvals.ts';
import { orUndefined, parse } from './client.ts';
import type { GitlabClient } from './client.ts';
import { type GitlabFault, hasStatus } from './fault.ts';
import { isOurs, readStatuses } from './commit-status.ts';
import { readHooks } from './hook-states.ts';
import { mergeableByItself, mergeableByStatuses } from './mergeability.ts';
import { pipelineOfHead, readMergeRequest } from './read-merge-request.ts';
import { branch, listedMergeRequest, member, pushEvent } from './schema.ts';
import type { CommitStatus, MergeRequest } from './schema.ts';

const PER_PAGE = 100;
/** Mergeability is recalculated within moments; whoever needs more comes back with the next hint. */
const PAUSES_MS = [200, 500, 1_200];
/** Pushes further back than this are not followed, as if GitLab did not tell of them. */
const MOST_EVENT_PAGES = 20;

/** What is read of GitLab. Every method is one call, unless its port says otherwise. */
export function createCodeHost(client: GitlabClient): CodeHost {
  return {
    self: () => client.self(),

    async mergeRequest(ref, options = { mergeability: 'settled' }) {
      const settle = options.mergeability === 'settled';
      let found = await readMergeRequest(client, ref);
      for (const wait of settle ? PAUSES_MS : []) {
        if (found === undefined || !stillComputing(found)) break;
        await pause(wait);
        found = await readMergeRequest(client, ref);
      }
      return found && viewOf(found, await mergeable(client, ref, found, settle));
    },

    async updatedMergeRequests(repository, updatedSince) {
      const answer = await client.mergeRequests.all({
        projectId: repository,
        updatedAfter: updatedSince,
        orderBy: 'updated_at',
        sort: 'asc',
        perPage: PER_PAGE,
      });
      return parse(z.array(listedMergeRequest), answer, 'merge_requests').flatMap((each) =>
        // Without a commit there is nothing to plan, and the push that brings one will be seen.
        each.sha
          ? [
              {
                iid: each.iid,
                headSha: each.sha,
                state: stateOf(each.state),
                targetBranch: each.target_branch,
                description: each.description ?? '',
              },
            ]
          : [],
      );
    },

    async branch(repository, name) {
      const answer = await orUndefined(client.branches.show(repository, name));
      if (answer === undefined) return undefined;
      const found = parse(branch, answer, 'branch');
      return {
        headSha: found.commit.id,
        isProtected: found.protected,
        developersMayPush: found.developers_can_push,
      };
    },

    async member(repository, userId) {
      const answer = await orUndefined(client.members.show(repository, userId, { includeInherited: true }));
      return answer && memberOf(parse(member, answer, 'member'));
    },

    async groupMember(group, userId) {
      try {
        const answer = await client.groupMembers.show(group, userId, { includeInherited: true });
        return { ok: true, value: memberOf(parse(member, answer, 'group member')) };
      } catch (error) {
        if (!hasStatus(error, 403, 404)) throw error;
        // A missing member and a missing group are both 404; only the words tell which.
        return saysNoGroup(error) || error.status === 403
          ? { ok: false, reason: notShown(group) }
          : { ok: true, value: undefined };
      }
    },

    async groupMembers(group, { inherited }) {
      try {
        const answer = await client.groupMembers.all(group, {
          includeInherited: inherited,
          perPage: PER_PAGE,
        });
        return { ok: true, value: parse(z.array(member), answer, 'group members').map(memberOf) };
      } catch (error) {
        if (!hasStatus(error, 403, 404)) throw error;
        return { ok: false, reason: notShown(group) };
      }
    },

    approvals: (ref, head) => readApprovals(client, ref, head),

    async *pushes(repository, name) {
      for (let page = 1; page <= MOST_EVENT_PAGES; page += 1) {
        const { data, paginationInfo } = await client.events.all<true, 'offset'>({
          projectId: repository,
          action: 'pushed',
          perPage: PER_PAGE,
          page,
          showExpanded: true,
        });
        yield parse(z.array(pushEvent), data, 'events').flatMap((each) => pushesTo(name, each));
        if (paginationInfo.next === null) return;
      }
    },

    hooks: (repository) => readHooks(client, repository),

    async statuses(ref, head) {
      const me = await client.self();
      const found = await readMergeRequest(client, ref);
      if (found === undefined) return [];
      const branch = { sha: head, ref: found.source_branch };
      const pipeline = found.sha === head ? await pipelineOfHead(client, ref, found) : undefined;
      const onBranch = pipeline === undefined || (pipeline.sha === head && pipeline.ref === branch.ref);
      const places = onBranch ? [branch] : [pipeline, branch];
      const all = await Promise.all(places.map((place) => readStatuses(client, ref.repository, place)));
      const others = all.flat().filter((each) => !isOurs(client.statusName, me.id, each));
      return newestOfEach(others).map(statusView);
    },
  };
}

function notShown(group: string): string {
  return `GitLab does not show the group ${group} to our account`;
}

function saysNoGroup({ message }: GitlabFault): boolean {
  return /group not found/i.test(message);
}

/** A name that stands on several pipelines is told as on the newest. */
function newestOfEach(statuses: readonly CommitStatus[]): CommitStatus[] {
  const ordered = statuses.toSorted((one, other) => (one.pipeline_id ?? 0) - (other.pipeline_id ?? 0));
  return [...new Map(ordered.map((each) => [each.name, each])).values()];
}

function stillComputing(found: MergeRequest): boolean {
  const answer = mergeableByItself(found);
  return answer !== 'ask-statuses' && answer.answer === 'unknown';
}

async function mergeable(
  client: GitlabClient,
  ref: MergeRequestRef,
  found: MergeRequest,
  settle: boolean,
): Promise<MergeRequestView['mergeable']> {
  const answer = mergeableByItself(found);
  if (answer !== 'ask-statuses') return answer;
  if (!settle || !found.sha) return { answer: 'unknown', reason: 'a pipeline has not succeeded yet' };
  const [me, pipeline] = await Promise.all([client.self(), pipelineOfHead(client, ref, found)]);
  const all = await readStatuses(
    client,
    ref.repository,
    pipeline ?? { sha: found.sha, ref: found.source_branch },
  );
  const seen = all.filter((each) => pipeline === undefined || each.pipeline_id === pipeline.id);
  return mergeableByStatuses(seen, (each) => isOurs(client.statusName, me.id, each));
}

function viewOf(found: MergeRequest, answer: MergeRequestView['mergeable']): MergeRequestView {
  return {
    url: found.web_url,
    title: found.title,
    description: found.description ?? '',
    // `locked` is GitLab's word for "being merged at this moment".
    state: stateOf(found.state),
    draft: found.draft ?? found.work_in_progress ?? false,
    authorId: found.author.id,
    authorUsername: found.author.username,
    sourceRepository: found.source_project_id ?? undefined,
    sourceBranch: found.source_branch,
    targetBranch: found.target_branch,
    headSha: found.sha ?? '',
    mergedSha: found.merge_commit_sha ?? found.squash_commit_sha ?? undefined,
    mergeable: answer,
  };
}

function memberOf(found: z.infer<typeof member>): MemberView {
  const expired = found.expires_at != null && Date.parse(found.expires_at) <= Date.now();
  const active = found.state === 'active' && !expired;
  return { id: found.id, username: found.username, accessLevel: active ? found.access_level : 0 };
}

/** The event, where it is a push to this branch or may be one: what moved many refs at once names none of them. */
function pushesTo(name: string, { author_id, push_data: push }: z.infer<typeof pushEvent>): PushView[] {
  const by = author_id ?? undefined;
  if (push === undefined || push.ref_type === 'tag') return [];
  if ((push.ref_count ?? 0) > 0) return [{ by }];
  const moved = { from: push.commit_from ?? undefined, to: push.commit_to ?? undefined };
  return push.ref === name ? [{ by, moved }] : [];
}

/** `locked` is a merge request that is being merged right now: still open to us. */
function stateOf(state: string): 'open' | 'merged' | 'closed' {
  return state === 'merged' || state === 'closed' ? state : 'open';
}

const STATES = new Set(['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] as const);

function statusView(found: CommitStatus): StatusView {
  return {
    name: found.name,
    state: isKnown(found.status) ? found.status : 'other',
    allowedToFail: found.allow_failure ?? false,
    url: found.target_url ?? undefined,
  };
}

function isKnown(status: string): status is Exclude<StatusView['state'], 'other'> {
  return (STATES as ReadonlySet<string>).has(status);
}
