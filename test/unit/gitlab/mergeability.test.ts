import { describe, expect, test } from 'vitest';
import { mergeableByItself, mergeableByStatuses } from '#adapters/gitlab/mergeability.ts';
import type { CommitStatus, MergeRequest } from '#adapters/gitlab/schema.ts';

describe('what GitLab says of a merge request', () => {
  test.each(['preparing', 'checking', 'unchecked', 'approvals_syncing', undefined])(
    '%s has not been worked out: unknown',
    (status) => {
      expect(byItself(status)).toMatchObject({ answer: 'unknown' });
    },
  );

  test.each(['conflict', 'draft_status', 'not_approved', 'need_rebase', 'a_status_of_next_year'])(
    '%s is no',
    (status) => {
      expect(byItself(status)).toMatchObject({ answer: 'no' });
    },
  );

  test('mergeable is yes, and a pipeline in the way asks for the statuses', () => {
    expect(byItself('mergeable')).toMatchObject({ answer: 'yes' });
    expect(byItself('ci_must_pass')).toBe('ask-statuses');
    expect(byItself('ci_still_running')).toBe('ask-statuses');
  });

  test('one that is merged or closed is no, whatever else it says', () => {
    expect(mergeableByItself(mergeRequest('mergeable', 'merged'))).toMatchObject({ answer: 'no' });
    expect(mergeableByItself(mergeRequest('mergeable', 'closed'))).toMatchObject({ answer: 'no' });
  });
});

describe('a pipeline in the way', () => {
  test('is only us when every other status has come out well', () => {
    expect(byStatuses([ours('running'), other('success'), other('failed', true), other('skipped')])).toBe(
      'yes',
    );
  });

  test.each(['failed', 'running', 'pending', 'canceled', 'manual', 'something_new'])(
    'is somebody else when one is %s',
    (status) => {
      expect(byStatuses([ours('running'), other(status)])).toBe('no');
    },
  );

  test('is not us when our status has come out well or is not there', () => {
    expect(byStatuses([ours('success'), other('success')])).toBe('no');
    expect(byStatuses([other('success')])).toBe('no');
    expect(byStatuses([])).toBe('no');
  });
});

function byItself(status: string | undefined) {
  return mergeableByItself(mergeRequest(status, 'opened'));
}

function byStatuses(statuses: CommitStatus[]): string {
  return mergeableByStatuses(statuses, (each) => each.name === 'countersign').answer;
}

function ours(status: string): CommitStatus {
  return { name: 'countersign', status };
}

function other(status: string, allowed = false): CommitStatus {
  return { name: 'scan', status, allow_failure: allowed };
}

function mergeRequest(status: string | undefined, state: string): MergeRequest {
  return {
    iid: 12,
    title: 'Add a network',
    state,
    author: { id: 1, username: 'mara' },
    source_branch: 'feature',
    target_branch: 'main',
    updated_at: '2026-11-01T10:00:00Z',
    web_url: 'https://gitlab.test/fin/infra/-/merge_requests/12',
    ...(status === undefined ? {} : { detailed_merge_status: status }),
  };
}
