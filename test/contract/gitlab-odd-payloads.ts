/** Shapes of GitLab's webhooks that collections of captured payloads hold and the documentation does not dwell on. */

const SHA = 'da1560886d4f094c3e6c9ef40349f7d38b5d27d7';
const ZEROS = '0'.repeat(40);

export interface Payload {
  name: string;
  headers: Record<string, string>;
  body: string;
}

/** A payload and the kind of hint it is worth, with the reason where it is none. */
export function oddPayloads(): (Payload & { hint: string })[] {
  return [
    odd(
      'an update without oldrev and without changes',
      'ignored: an update of nothing that matters',
      mergeRequest({ action: 'update' }),
    ),
    odd(
      'an update whose changes are null',
      'ignored: an update of nothing that matters',
      mergeRequest({ action: 'update' }, { changes: null }),
    ),
    odd(
      'changes that are a list',
      'ignored: an update of nothing that matters',
      mergeRequest({ action: 'update' }, { changes: [] }),
    ),
    odd('no action, as a test of the hook sends it', 'merge-request', mergeRequest({})),
    odd('an empty oldrev beside a new one', 'merge-request', mergeRequest({ action: 'update', oldrev: SHA })),
    odd(
      'a merge request of a fork that was deleted',
      'merge-request',
      mergeRequest({ action: 'open', source: null, source_project_id: null }),
    ),
    odd(
      'no author, no actor, no last commit',
      'merge-request',
      mergeRequest({ action: 'open', author_id: null, last_commit: null }, { user: null }),
    ),
    odd(
      'a target project told only by the project',
      'merge-request',
      mergeRequest({ action: 'open', target_project_id: undefined }),
    ),
    odd(
      'a description of a million characters',
      'merge-request',
      mergeRequest({ action: 'open', description: 'x'.repeat(1_000_000) }),
    ),
    odd(
      'approvals that GitLab took away itself',
      'merge-request',
      mergeRequest({ action: 'unapproved', system: true, system_action: 'approvals_reset_on_push' }),
    ),
    odd('without object_attributes', 'ignored: a merge-request hook of another shape', {
      object_kind: 'merge_request',
      object_attributes: null,
    }),
    odd('a note on a commit', 'ignored: not on a merge request', note('Commit', { commit: { id: SHA } })),
    odd('a note on an issue', 'ignored: not on a merge request', note('Issue', { issue: { iid: 3 } })),
    odd(
      'a note on a snippet, in a project without a number',
      'ignored: not on a merge request',
      note('Snippet', { snippet: { id: 1 }, project: {} }),
    ),
    odd(
      'a note on a merge request without an action',
      'ignored: a note that may have been edited',
      note('MergeRequest', { merge_request: { iid: 2 } }),
    ),
    odd(
      'a confidential note that is no command',
      'ignored: not addressed to Countersign',
      note(
        'MergeRequest',
        { event_type: 'confidential_note', merge_request: { iid: 2 } },
        { action: 'create', internal: true },
      ),
    ),
    odd(
      'a note that lost its text',
      'ignored: a note hook of another shape',
      note('MergeRequest', { merge_request: { iid: 2 } }, { action: 'create', note: null }),
    ),
    odd(
      'a push that removes a branch',
      'branch-gone',
      push({ after: ZEROS, checkout_sha: null, commits: [] }),
    ),
    odd('a push that makes a branch', 'push', push({ before: ZEROS, commits: [] })),
    odd('a push of the instance, named twice', 'push', push({ event_name: 'push' })),
    odd(
      'a tag that was removed',
      'tag-push',
      push({ object_kind: 'tag_push', ref: 'refs/tags/v1', after: ZEROS, checkout_sha: null }),
    ),
    odd('a pipeline of nobody’s merge request', 'pipeline', pipeline({ merge_request: null })),
    odd('a pipeline without a source', 'pipeline', pipeline({}, { source: null })),
    odd('a job, whose commit is a number', 'ignored: nothing follows from this kind of event', {
      object_kind: 'build',
      project_id: 5,
      commit: { id: 2366 },
    }),
    odd(
      'an update of a repository, by the instance',
      'ignored: nothing follows from an event without a kind',
      { event_name: 'repository_update', project_id: 5, project: { name: 'no number' } },
    ),
    odd('a member of a group', 'ignored: nothing follows from an event without a kind', {
      event_name: 'user_add_to_group',
      group_id: 7,
      user_id: 42,
    }),
    odd('a project that is null', 'ignored: nothing follows from this kind of event', {
      object_kind: 'wiki_page',
      project_id: null,
      project: null,
    }),
    odd('a kind that is no text', 'ignored: nothing follows from an event without a kind', {
      object_kind: 5,
    }),
    odd('a list', 'ignored: not a hook body', []),
    odd('nothing', 'ignored: not a hook body', null),
  ];
}

function odd(name: string, hint: string, body: unknown): Payload & { hint: string } {
  return { name, hint, headers: {}, body: JSON.stringify(body) };
}

function mergeRequest(attributes: object, more: object = {}) {
  return {
    object_kind: 'merge_request',
    event_type: 'merge_request',
    project: { id: 5, path_with_namespace: 'infra/network' },
    object_attributes: {
      id: 99,
      iid: 1,
      target_project_id: 5,
      source_project_id: 5,
      title: 'Change',
      ...attributes,
    },
    changes: {},
    ...more,
  };
}

function note(noteable: string, more: object, attributes: object = {}) {
  return {
    object_kind: 'note',
    event_type: 'note',
    project_id: 5,
    project: { id: 5 },
    object_attributes: {
      id: 1244,
      note: 'This needs work.',
      noteable_type: noteable,
      system: false,
      ...attributes,
    },
    ...more,
  };
}

function push(more: object) {
  return {
    object_kind: 'push',
    before: SHA,
    after: SHA,
    ref: 'refs/heads/feature',
    checkout_sha: SHA,
    project_id: 5,
    ...more,
  };
}

function pipeline(more: object, attributes: object = {}) {
  return {
    object_kind: 'pipeline',
    object_attributes: { id: 31, sha: SHA, ref: 'feature', source: 'push', status: 'success', ...attributes },
    project: { id: 5 },
    builds: [],
    ...more,
  };
}
