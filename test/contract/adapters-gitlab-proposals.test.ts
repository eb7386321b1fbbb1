import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { createProposalDesk } from '#adapters/gitlab/proposal-desk.ts';
import type { FileAction, ProposalDesk } from '#app/ports/code-host.ts';
import { record, type Scene, setScene } from './gitlab-scene.ts';

const AUTHOR = { name: 'Erin Engineer', email: 'erin@example.com' };

describe('merge requests of our own', () => {
  let scene: Scene;
  let desk: ProposalDesk;
  let main: string;
  beforeAll(async () => {
    scene = await setScene();
    const client = createGitlabClient({ baseUrl: scene.gitlab.url, token: scene.bot.token });
    desk = createProposalDesk(client);
    main = String(record(record((await scene.api('GET', '/repository/branches/main')).body)['commit'])['id']);
  });
  afterAll(() => scene.close());

  const commit = (branch: string, files: FileAction[]) =>
    desk.commit(scene.project, { branch, startSha: main, message: 'Take it back\n', author: AUTHOR, files });

  test('a commit makes its branch, by whoever asked and through our account', async () => {
    const made = await commit('countersign/rollback-CHG-1', [
      { action: 'update', path: 'main.tf', content: Buffer.from('before\n') },
      { action: 'create', path: 'new/bytes.bin', content: Buffer.from([0, 255, 10]) },
      { action: 'delete', path: 'other/main.tf' },
      { action: 'chmod', path: 'main.tf', executable: true },
    ]);
    if (!made.ok) throw new Error(made.reason);
    const { body } = await scene.api('GET', `/repository/commits/${made.value.sha}`);
    expect(body).toMatchObject({
      parent_ids: [main],
      title: 'Take it back',
      author_email: AUTHOR.email,
      stats: { additions: expect.any(Number) as number },
    });
    expect(record(body)['committer_email']).not.toBe(AUTHOR.email);
  });

  test('a branch that is there, and a file that is not, are refused in GitLab’s words', async () => {
    const content = Buffer.from('x');
    expect(await commit('feature', [{ action: 'update', path: 'main.tf', content }])).toMatchObject({
      ok: false,
      reason: expect.stringContaining("A branch called 'feature' already exists") as string,
    });
    expect(await commit('another', [{ action: 'delete', path: 'nowhere.tf' }])).toMatchObject({
      ok: false,
      reason: expect.stringContaining("A file with this name doesn't exist") as string,
    });
    expect(await commit('another', [{ action: 'create', path: 'main.tf', content }])).toMatchObject({
      ok: false,
      reason: expect.stringContaining('A file with this name already exists') as string,
    });
  });

  test('the merge request is opened once, whoever else has one of the branch', async () => {
    const proposal = {
      sourceBranch: 'countersign/rollback-CHG-1',
      targetBranch: 'main',
      title: 'Roll back CHG-1',
      description: '## Reason\n\nIt broke.',
    };
    const first = await desk.open(scene.project, proposal);
    const second = await desk.open(scene.project, proposal);
    if (!first.ok) throw new Error(first.reason);
    expect(second).toEqual(first);
    const { body } = await scene.api('GET', `/merge_requests/${first.value.iid}`);
    expect(body).toMatchObject({ author: { id: scene.bot.id }, title: 'Roll back CHG-1', state: 'opened' });
    expect(first.value.url).toBe(record(body)['web_url']);
  });

  test('release tags are told, the newest commit first, and no others', async () => {
    for (const tag_name of ['release/A-1', 'v1'])
      await scene.api(
        'POST',
        '/repository/tags',
        { tag_name, ref: 'main', message: 'Applied' },
        scene.bot.token,
      );
    expect(await desk.releaseTags(scene.project)).toEqual([
      { name: 'release/A-1', sha: main, message: 'Applied' },
    ]);
  });
});
