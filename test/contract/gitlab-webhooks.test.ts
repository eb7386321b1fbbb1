import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type Json,
  openMergeRequest,
  type Received,
  receiveHooks,
  record,
  records,
  type Scene,
  setScene,
} from './gitlab-scene.ts';

const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let scene: Scene;
let receiver: Awaited<ReturnType<typeof receiveHooks>>;

beforeEach(async () => {
  receiver = await receiveHooks();
});
afterEach(async () => {
  await scene.close();
  await receiver.close();
});

async function begin(version: '17.3' | '18.6' | '19.0', more: Json = {}): Promise<Json> {
  scene = await setScene({ version });
  const wish = {
    url: receiver.url,
    merge_requests_events: true,
    note_events: true,
    tag_push_events: true,
    pipeline_events: true,
    emoji_events: true,
    token: 'plain secret',
    signing_token: SIGNING,
    ...more,
  };
  return record((await scene.api('POST', '/hooks', wish)).body);
}

async function first(kind: string): Promise<Received> {
  await scene.settle();
  const found = receiver.of(kind)[0];
  if (found === undefined) throw new Error(`no ${kind} hook arrived`);
  return found;
}

async function retitle(title: string): Promise<void> {
  await scene.settle();
  await scene.api('PUT', '/merge_requests/1', { title });
  await scene.settle();
}

/** What GitLab says of the hook, and for how many minutes it sleeps. */
async function asleep(hook: Json): Promise<[unknown, number]> {
  const shown = record((await scene.api('GET', `/hooks/${String(hook['id'])}`)).body);
  const until = shown['disabled_until'];
  const minutes = typeof until === 'string' ? (Date.parse(until) - Date.now()) / 60_000 : 0;
  return [shown['alert_status'], Math.ceil(minutes)];
}

/** The time the hook sleeps for is over. */
async function wake(hook: Json): Promise<void> {
  const over = new Date(Date.now() - 1).toISOString();
  await scene.sandbox('PATCH', `/hooks/${String(hook['id'])}`, { disabled_until: over });
}

async function actions(): Promise<string[]> {
  await scene.settle();
  return receiver
    .of('merge_request')
    .map((one) => String(record(one.payload['object_attributes'])['action']));
}

describe('a webhook of the GitLab double', () => {
  test('is accepted by an independent implementation of Standard Webhooks', async () => {
    await begin('19.0');
    await openMergeRequest(scene);
    const { headers, body } = await first('merge_request');
    const signed = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
    expect(new Webhook(SIGNING).verify(body, signed)).toMatchObject({ object_kind: 'merge_request' });
    expect(() => new Webhook(SIGNING).verify(`${body} `, signed)).toThrow('No matching signature');
    expect(headers['webhook-id']).toBe(headers['idempotency-key']);
  });

  test('has the headers of its version', async () => {
    const hook = await begin('17.3');
    expect(hook).not.toHaveProperty('signing_token_present');
    await openMergeRequest(scene);
    const { headers } = await first('merge_request');
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': 'GitLab/17.3.0',
      'x-gitlab-event': 'Merge Request Hook',
      'x-gitlab-instance': scene.gitlab.url,
      'x-gitlab-token': 'plain secret',
    });
    expect(Object.keys(headers).filter((name) => /idempotency|^webhook-/.test(name))).toEqual([]);
  });

  test('of 18.6 has an idempotency key and no signature, and ignores a signing token', async () => {
    await begin('18.6');
    await openMergeRequest(scene);
    const { headers } = await first('merge_request');
    expect(headers['idempotency-key']).toMatch(/^[0-9a-f-]{36}$/);
    expect(headers).not.toHaveProperty('webhook-signature');
  });

  test('agrees with what the API says about the merge request', async () => {
    await begin('19.0');
    await openMergeRequest(scene, { title: 'Draft: change' });
    const { payload } = await first('merge_request');
    const hash = record(payload['object_attributes']);
    const shown = record((await scene.api('GET', '/merge_requests/1')).body);
    expect(hash).toMatchObject({
      iid: 1,
      action: 'open',
      draft: true,
      source_project_id: shown['source_project_id'],
      target_project_id: shown['target_project_id'],
      last_commit: { id: shown['sha'] },
    });
    for (const name of ['id', 'title', 'state', 'source_branch', 'target_branch']) {
      expect([name, hash[name]]).toEqual([name, shown[name]]);
    }
    expect(payload).toMatchObject({
      user: { id: scene.engineer.id, email: '[REDACTED]' },
      project: { id: scene.project },
    });
  });

  test('tells new commits by `oldrev` and other changes by `changes`', async () => {
    await begin('19.0');
    await openMergeRequest(scene, { title: 'Draft: change' });
    const commit = { user: 'erin', branch: 'feature', files: { 'main.tf': 'four\n' } };
    await scene.sandbox('POST', `/projects/${scene.project}/commits`, commit);
    await scene.api('PUT', '/merge_requests/1', { title: 'change' });
    await scene.settle();
    const [, pushed, retitled] = receiver.of('merge_request').map((one) => one.payload);
    expect(pushed?.['object_attributes']).toMatchObject({ action: 'update', oldrev: scene.head });
    expect(retitled?.['object_attributes']).not.toHaveProperty('oldrev');
    expect(retitled?.['changes']).toMatchObject({ draft: { previous: true, current: false } });
  });

  test('is sent for every action on a merge request', async () => {
    await begin('19.0');
    await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: { approvalsRequired: 2 } });
    await openMergeRequest(scene);
    await scene.api('POST', '/merge_requests/1/approve', {}, scene.maintainer.token);
    await scene.api('POST', '/merge_requests/1/approve', {});
    await scene.api('POST', '/merge_requests/1/unapprove', {});
    await scene.api('POST', '/merge_requests/1/unapprove', {}, scene.maintainer.token);
    await scene.api('PUT', '/merge_requests/1', { state_event: 'close' });
    await scene.api('PUT', '/merge_requests/1', { state_event: 'reopen' });
    await scene.sandbox('PATCH', `/projects/${scene.project}`, { settings: { approvalsRequired: 0 } });
    await scene.api('PUT', '/merge_requests/1/merge', { sha: scene.head });
    expect((await actions()).toSorted((one, other) => one.localeCompare(other))).toEqual([
      'approval',
      'approved',
      'close',
      'merge',
      'open',
      'reopen',
      'unapproval',
      'unapproved',
    ]);
  });

  test('of a comment names its author, even when a maintainer has edited it', async () => {
    await begin('19.0');
    await openMergeRequest(scene);
    const note = record(
      (await scene.api('POST', '/merge_requests/1/notes', { body: 'countersign plan' }, scene.engineer.token))
        .body,
    );
    await scene.settle();
    await scene.api(
      'PUT',
      `/merge_requests/1/notes/${String(note['id'])}`,
      { body: 'countersign apply' },
      scene.maintainer.token,
    );
    await scene.settle();
    const [created, updated] = receiver.of('note').map((one) => one.payload);
    expect(created).toMatchObject({
      event_type: 'note',
      user: { id: scene.engineer.id },
      object_attributes: {
        action: 'create',
        note: 'countersign plan',
        noteable_type: 'MergeRequest',
        system: false,
      },
      merge_request: { iid: 1, last_commit: { id: scene.head } },
    });
    expect(updated).toMatchObject({
      user: { id: scene.engineer.id },
      object_attributes: { action: 'update', note: 'countersign apply' },
    });
  });

  test('comes for pipelines, tags and emoji too', async () => {
    await begin('19.0');
    await openMergeRequest(scene);
    await scene.api('POST', `/statuses/${scene.head}`, { state: 'running', name: 'ci', ref: 'feature' });
    await scene.api('POST', '/repository/tags', {
      tag_name: 'release/A-1',
      ref: scene.head,
      message: 'Applied',
    });
    await scene.api('POST', '/merge_requests/1/award_emoji', { name: 'eyes' });
    expect((await first('pipeline')).payload).toMatchObject({
      object_attributes: { status: 'running', sha: scene.head, source: 'external' },
      merge_request: { iid: 1 },
    });
    expect((await first('tag_push')).payload).toMatchObject({
      ref: 'refs/tags/release/A-1',
      before: '0'.repeat(40),
      checkout_sha: scene.head,
      message: 'Applied',
    });
    expect((await first('emoji')).payload).toMatchObject({
      event_type: 'award',
      object_attributes: { name: 'eyes', awardable_type: 'MergeRequest' },
    });
  });

  test('that fails is not sent again; the fourth failure in a row puts the hook to sleep, each further one for twice as long', async () => {
    const hook = await begin('19.0');
    receiver.state.status = 500;
    await openMergeRequest(scene);
    for (const title of ['two', 'three', 'four', 'five', 'six']) await retitle(title);
    expect(receiver.of('merge_request')).toHaveLength(4);
    expect(await asleep(hook)).toEqual(['temporarily_disabled', 1]);
    const minutes: unknown[] = [];
    for (const title of ['seven', 'eight', 'nine']) {
      await wake(hook);
      await retitle(title);
      minutes.push((await asleep(hook))[1]);
    }
    expect(minutes).toEqual([2, 4, 8]);
    receiver.state.status = 200;
    await wake(hook);
    await retitle('ten');
    expect(await asleep(hook)).toEqual(['executable', 0]);
  });

  test('that failed forty times in a row is over until a test of it succeeds', async () => {
    const hook = await begin('19.0');
    await openMergeRequest(scene);
    await scene.settle();
    await scene.sandbox('PATCH', `/hooks/${String(hook['id'])}`, { recent_failures: 39 });
    receiver.state.status = 404;
    await retitle('the fortieth');
    expect(await asleep(hook)).toEqual(['disabled', 0]);
    const sent = receiver.received.length;
    await retitle('nobody hears of this');
    expect(receiver.received).toHaveLength(sent);
    expect((await scene.api('POST', `/hooks/${String(hook['id'])}/test/merge_requests_events`)).status).toBe(
      422,
    );
    receiver.state.status = 200;
    expect((await scene.api('POST', `/hooks/${String(hook['id'])}/test/merge_requests_events`)).status).toBe(
      201,
    );
    expect(await asleep(hook)).toEqual(['executable', 0]);
  });

  test.each([
    ['17.3', 'disabled'],
    ['18.6', 'temporarily_disabled'],
    ['19.0', 'temporarily_disabled'],
  ] as const)('refused with 401 four times is %s: %s', async (version, status) => {
    const hook = await begin(version);
    receiver.state.status = 401;
    await openMergeRequest(scene);
    for (const title of ['two', 'three', 'four']) await retitle(title);
    expect((await asleep(hook))[0]).toBe(status);
  });

  test('is sent again by hand under its first key, five times a minute', async () => {
    const hook = await begin('19.0');
    await openMergeRequest(scene);
    await scene.settle();
    const [log] = records((await scene.api('GET', `/hooks/${String(hook['id'])}/events`)).body);
    expect(log).toMatchObject({
      response_status: '200',
      request_headers: { 'X-Gitlab-Token': '[REDACTED]' },
    });
    const again = `/hooks/${String(hook['id'])}/events/${String(log?.['id'])}/resend`;
    const statuses: number[] = [];
    for (let at = 0; at < 6; at += 1) statuses.push((await scene.api('POST', again)).status);
    expect(statuses).toEqual([201, 201, 201, 201, 201, 429]);
    expect(new Set(receiver.received.map((one) => one.headers['idempotency-key'])).size).toBe(1);
  });

  test('can be forged, with or without the right secret', async () => {
    const hook = await begin('19.0');
    const forge = (secret: string) =>
      scene.sandbox('POST', `/hooks/${String(hook['id'])}/forge`, {
        event: 'merge_requests_events',
        payload: { object_kind: 'merge_request' },
        secret,
      });
    for (const secret of ['valid', 'wrong', 'none']) await forge(secret);
    const verdicts = receiver.received.map(({ headers, body }) => {
      const signed = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, String(value)]));
      try {
        new Webhook(SIGNING).verify(body, signed);
        return 'signed';
      } catch {
        return headers['x-gitlab-token'] === undefined ? 'bare' : 'wrong';
      }
    });
    expect(verdicts).toEqual(['signed', 'wrong', 'bare']);
  });

  test.each([
    ['hook-lose', 0],
    ['hook-double', 2],
    ['hook-delay', 1],
  ])('under the fault %s arrives %i times', async (kind, times) => {
    await begin('19.0');
    await scene.sandbox('POST', '/faults', { kind, event: 'Merge Request', ms: 30 });
    await openMergeRequest(scene);
    await scene.settle();
    expect(receiver.of('merge_request')).toHaveLength(times);
    const deliveries = records((await scene.sandbox('GET', '/deliveries?event=Merge')).body);
    expect(deliveries[0]).toMatchObject({ fault: kind, status: times === 0 ? 'lost' : '200' });
  });

  test('can be overtaken by the next one', async () => {
    await begin('19.0');
    await scene.sandbox('POST', '/faults', { kind: 'hook-reorder', event: 'Merge Request' });
    await openMergeRequest(scene);
    await scene.api('PUT', '/merge_requests/1', { title: 'Renamed' });
    expect(await actions()).toEqual(['update', 'open']);
  });
});
