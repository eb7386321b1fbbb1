import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readGitlabHook } from '#adapters/gitlab/hook-hint.ts';

const SHA = 'a'.repeat(40);

describe('a merge-request hook', () => {
  const hook = (attributes: object, changes: object = {}) =>
    read({
      object_kind: 'merge_request',
      project: { id: 7 },
      object_attributes: { iid: 12, target_project_id: 7, ...attributes },
      changes,
    });
  const HINT = { kind: 'merge-request', repository: 7, iid: 12 };

  // Of several approvals that GitLab asks for, one may be all that a tier does.
  test.each(['open', 'reopen', 'merge', 'close', 'approved', 'unapproved', 'approval', 'unapproval'])(
    '%s is worth reading',
    (action) => {
      expect(hook({ action })).toEqual(HINT);
    },
  );

  test('an update counts with new commits, when it leaves draft or changes its target, and with another description', () => {
    expect(hook({ action: 'update' }, { description: { previous: 'a', current: 'b' } })).toEqual(HINT);
    expect(hook({ action: 'update', oldrev: SHA })).toEqual(HINT);
    expect(hook({ action: 'update' }, { draft: { previous: true, current: false } })).toEqual(HINT);
    expect(hook({ action: 'update' }, { target_branch: { previous: 'a', current: 'b' } })).toEqual(HINT);
    expect(hook({ action: 'update' }, { labels: {} })).toMatchObject({ kind: 'ignored', repository: 7 });
    expect(hook({ action: 'update' })).toMatchObject({ kind: 'ignored' });
  });
});

describe('a note hook', () => {
  const hook = (attributes: object, extra: object = {}, names = {}) =>
    read(
      {
        object_kind: 'note',
        project_id: 7,
        object_attributes: {
          id: 99,
          note: 'countersign apply',
          noteable_type: 'MergeRequest',
          action: 'create',
          system: false,
          ...attributes,
        },
        merge_request: { iid: 12 },
        ...extra,
      },
      names,
    );

  test('with a command points to the note', () => {
    expect(hook({})).toEqual({ kind: 'command-note', repository: 7, iid: 12, noteId: 99 });
    expect(hook({ note: 'countersign aply' })).toMatchObject({ kind: 'command-note' });
    expect(hook({ note: '`countersign plan -d fin`' })).toMatchObject({ kind: 'command-note' });
    expect(hook({ note: 'terraform plan' })).toMatchObject({ kind: 'command-note' });
  });

  test('that mentions an account before a command points to the note, whose reader knows which account is ours', () => {
    expect(hook({ note: '@countersign-bot plan' })).toMatchObject({ kind: 'command-note' });
    expect(hook({ note: '@anna could you plan this?' })).toMatchObject({ kind: 'ignored' });
  });

  test('to Atlantis points to the note only where that is switched on', () => {
    const note = { note: 'atlantis plan -d fin' };
    expect(hook(note)).toMatchObject({ kind: 'ignored' });
    expect(hook(note, {}, { alsoAtlantis: true })).toMatchObject({ kind: 'command-note' });
  });

  test('of an edit commands nothing: GitLab names the author, whoever edited it', () => {
    expect(hook({ action: 'update' })).toMatchObject({ kind: 'ignored' });
    expect(hook({ action: undefined })).toMatchObject({ kind: 'ignored' });
  });

  test('of a system note, another thing, or talk is left alone', () => {
    expect(hook({ system: true })).toMatchObject({ kind: 'ignored' });
    expect(hook({ noteable_type: 'Issue' }, { merge_request: undefined })).toMatchObject({ kind: 'ignored' });
    expect(hook({ note: 'please\ncountersign apply' })).toMatchObject({ kind: 'ignored' });
  });
});

test('pipeline, push and tag hooks point to the commit', () => {
  expect(
    read({
      object_kind: 'pipeline',
      project: { id: 7 },
      object_attributes: { id: 5, sha: SHA, status: 'success', source: 'merge_request_event' },
      merge_request: { iid: 12 },
    }),
  ).toEqual({ kind: 'pipeline', repository: 7, sha: SHA, iid: 12, pipelineId: 5, ofStatuses: false });
  const push = { project_id: 7, after: SHA };
  expect(read({ ...push, object_kind: 'push', ref: 'refs/heads/a/b' })).toEqual({
    kind: 'push',
    repository: 7,
    branch: 'a/b',
    after: SHA,
  });
  expect(read({ ...push, object_kind: 'tag_push', ref: 'refs/tags/release/CHG-1' })).toEqual({
    kind: 'tag-push',
    repository: 7,
    tag: 'release/CHG-1',
  });
  expect(read({ ...push, object_kind: 'push', ref: 'refs/heads/x', after: '0'.repeat(40) })).toEqual({
    kind: 'branch-gone',
    repository: 7,
    branch: 'x',
  });
});

test('kinds that GitLab may add tomorrow are ignored, not refused', () => {
  expect(read({ object_kind: 'value_stream', project_id: 7 })).toMatchObject({
    kind: 'ignored',
    repository: 7,
  });
});

test('bodies meant to harm are ignored and change no prototype', () => {
  const deep = `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`;
  expect(readGitlabHook(Buffer.from(deep))).toEqual({ kind: 'ignored', why: 'nested too deeply' });
  const poisoned = '{"object_kind":"push","__proto__":{"project_id":7},"ref":"refs/heads/x"}';
  expect(readGitlabHook(Buffer.from(poisoned)).kind).toBe('ignored');
  expect(({} as { project_id?: number }).project_id).toBeUndefined();
});

test('whatever arrives, reading it ends in a hint', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array(),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        expect(readGitlabHook(bytes)).toHaveProperty('kind');
      },
    ),
  );
});

function read(body: object, names = {}) {
  return readGitlabHook(Buffer.from(JSON.stringify(body)), names);
}
