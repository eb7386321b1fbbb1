import { afterEach, describe, expect, test } from 'vitest';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createCodeHost } from '#adapters/gitlab/code-host.ts';
import { readGitlabHook } from '#adapters/gitlab/hook-hint.ts';
import { verifyGitlabDelivery } from '#adapters/gitlab/webhook.ts';
import { VERSIONS } from '#test/sandbox/gitlab/versions.ts';
import { openMergeRequest, receiveHooks, record, type Scene, setScene } from './gitlab-scene.ts';

// What each GitLab sends is what we believe, and what it says of its hooks is what we tell.

const SIGNING = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const TOKEN = 'plain secret';

let scene: Scene;
afterEach(() => scene.close());

const hostAs = (token: string) => createCodeHost(createGitlabClient({ baseUrl: scene.gitlab.url, token }));

describe.each(VERSIONS)('hooks of GitLab %s', (version) => {
  test('are believed by what that version can show, and read alike', async () => {
    const receiver = await receiveHooks();
    scene = await setScene({ version });
    const hook = { url: receiver.url, merge_requests_events: true, token: TOKEN, signing_token: SIGNING };
    const made = record((await scene.api('POST', '/hooks', hook)).body);
    await openMergeRequest(scene);
    await scene.settle();
    const [sent] = receiver.of('merge_request');
    await receiver.close();
    if (sent === undefined) throw new Error('no merge request hook arrived');
    const rawBody = Buffer.from(sent.body);
    const signed = made['signing_token_present'] === true;
    const believed = (secrets: { signing: string[]; tokens: string[] }) =>
      verifyGitlabDelivery({ headers: sent.headers, rawBody, secrets, now: new Date() });
    expect(believed({ signing: [], tokens: [TOKEN] })).toMatchObject({ ok: true });
    expect(believed({ signing: [SIGNING], tokens: [TOKEN] }).ok).toBe(signed);
    expect(believed({ signing: [], tokens: ['another'] }).ok).toBe(false);
    expect(readGitlabHook(rawBody)).toEqual({ kind: 'merge-request', repository: scene.project, iid: 1 });
  });

  test('are told as working, asleep or ended, to whom may see them', async () => {
    scene = await setScene({ version });
    const url = 'http://127.0.0.1:9/hooks/gitlab/segment';
    const { id } = record((await scene.api('POST', '/hooks', { url })).body);
    const host = hostAs(scene.bot.token);
    expect(await host.hooks(scene.project)).toEqual([{ id, url, state: 'working', wakesAt: undefined }]);
    const wakesAt = new Date(Date.now() + 60_000).toISOString();
    const patch = (body: object) => scene.sandbox('PATCH', `/hooks/${String(id)}`, body);
    await patch({ recent_failures: 4, disabled_until: wakesAt });
    expect(await host.hooks(scene.project)).toMatchObject([{ state: 'asleep', wakesAt }]);
    await patch({ recent_failures: 40, disabled_until: null });
    expect(await host.hooks(scene.project)).toMatchObject([{ state: 'ended' }]);
    expect(await hostAs(scene.engineer.token).hooks(scene.project)).toBeUndefined();
  });
});
