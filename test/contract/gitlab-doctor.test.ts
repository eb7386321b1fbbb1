import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { examineGitlab } from '#adapters/gitlab/examine.ts';
import type { Finding } from '#app/ports/examination.ts';
import { record, type Scene, setScene } from './gitlab-scene.ts';

// What the doctor finds about GitLab, on the double, with one thing planted at a time.

const HOOKS = 'https://countersign.example/hooks/gitlab/';
const NOW = new Date('2026-11-22T05:00:00Z');
const SIGNED = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

let scene: Scene;
beforeEach(async () => {
  scene = await setScene({ version: '19.0' });
});
afterEach(() => scene.close());

async function examine(token = scene.bot.token): Promise<Finding[]> {
  const client = createGitlabClient({ baseUrl: scene.gitlab.url, token });
  return examineGitlab(client, {
    repositories: [scene.project],
    hooksUrl: HOOKS,
    exampleTag: 'release/CHG-1',
    now: NOW,
  });
}

const told = (findings: readonly Finding[], result: Finding['result']) =>
  findings.filter((each) => each.result === result).map(({ what }) => what);

/** As docs/gitlab.md asks for. */
async function inOrder(): Promise<number> {
  await scene.api('POST', '/protected_tags', { name: 'release/*', create_access_level: 40 });
  await scene.sandbox('PATCH', `/projects/${scene.project}`, {
    settings: {
      onlyAllowMergeIfPipelineSucceeds: true,
      onlyAllowMergeIfAllDiscussionsAreResolved: true,
    },
  });
  const { body } = await scene.api('POST', '/hooks', {
    url: `${HOOKS}segment`,
    signing_token: SIGNED,
    enable_ssl_verification: true,
    merge_requests_events: true,
    note_events: true,
    pipeline_events: true,
    push_events: true,
    tag_push_events: true,
  });
  return Number(record(body)['id']);
}

describe('the doctor on GitLab', () => {
  test('says of a repository that is in order what is in order', async () => {
    await inOrder();
    const findings = await examine();
    expect(told(findings, 'problem')).toEqual([]);
    expect(told(findings, 'ok')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^GitLab 19\.0.*signs webhooks$/),
        expect.stringMatching(/has the scope api$/),
        expect.stringMatching(/is Maintainer$/),
        'main is protected',
        'release tags are protected, and we may make them',
        expect.stringMatching(/^webhook \d+ works$/),
      ]),
    );
  });

  test.each<[string, (hook: number) => Promise<unknown>, Finding['result'], RegExp]>([
    [
      'a role too low',
      () =>
        scene.sandbox('POST', '/members', { user: scene.bot.id, project: scene.project, access_level: 30 }),
      'problem',
      /has access level 30; 40 \(Maintainer\) is needed/,
    ],
    [
      'a default branch that is not protected',
      () => scene.api('DELETE', '/protected_branches/main'),
      'problem',
      /the branch main is not protected/,
    ],
    [
      'developers who push past merge requests',
      async () => {
        await scene.api('DELETE', '/protected_branches/main');
        await scene.api('POST', '/protected_branches', { name: 'main', push_access_level: 30 });
      },
      'problem',
      /developers push to main past every merge request/,
    ],
    [
      'a branch that may be force-pushed',
      () => scene.api('PATCH', '/protected_branches/main', { allow_force_push: true }),
      'problem',
      /main may be force-pushed/,
    ],
    [
      'release tags that anybody may make',
      () => scene.api('DELETE', '/protected_tags/release%2F*'),
      'problem',
      /no protected-tag rule covers release\/CHG-1/,
    ],
    [
      'a webhook that is gone',
      (hook) => scene.api('DELETE', `/hooks/${hook}`),
      'warning',
      /no webhook leads to/,
    ],
    [
      'a webhook that says nothing of comments',
      (hook) => scene.api('PUT', `/hooks/${hook}`, { url: `${HOOKS}segment`, note_events: false }),
      'warning',
      /says nothing of comments/,
    ],
    [
      'a webhook that GitLab stopped calling',
      (hook) => scene.sandbox('PATCH', `/hooks/${hook}`, { recent_failures: 40 }),
      'problem',
      /GitLab stopped calling webhook/,
    ],
    [
      'a repository that everybody may read',
      () => scene.sandbox('PATCH', `/projects/${scene.project}`, { visibility: 'public' }),
      'warning',
      /the repository is public/,
    ],
    [
      'merges past open threads',
      () =>
        scene.sandbox('PATCH', `/projects/${scene.project}`, {
          settings: { onlyAllowMergeIfAllDiscussionsAreResolved: false },
        }),
      'warning',
      /open threads/,
    ],
  ])('names %s', async (_, plant, result, expected) => {
    await plant(await inOrder());
    const findings = await examine();
    const found = findings.find(({ what }) => expected.test(what));
    expect(found?.result).toBe(result);
    expect(found?.remedy).toMatch(/\S/);
  });

  test('names a token that ends soon, one with other scopes, one that is refused, and a repository out of sight', async () => {
    const token = async (wish: object) =>
      String(
        record((await scene.sandbox('POST', '/tokens', { user: scene.maintainer.id, ...wish })).body)[
          'token'
        ],
      );
    const soon = await examine(await token({ scopes: ['api'], expires_at: '2026-11-25' }));
    expect(told(soon, 'problem').join()).toMatch(/expires on 2026-11-25/);
    const month = await examine(await token({ scopes: ['api'], expires_at: '2026-12-15' }));
    expect(told(month, 'warning').join()).toMatch(/expires on 2026-12-15/);
    const reading = await examine(await token({ scopes: ['read_api'], expires_at: '2027-11-01' }));
    expect(told(reading, 'problem').join()).toMatch(/has the scopes read_api, not api/);
    expect(told(await examine('glpat-nobody'), 'problem').join()).toMatch(/GitLab refuses the token/);
    expect(told(await examine(scene.stranger.token), 'problem').join()).toMatch(/is not shown repository/);
  });
});
