import { afterEach, describe, expect, test } from 'vitest';
import { extractCommands } from '#test/sandbox/gitlab/quick-actions/extract.ts';
import { openMergeRequest, record, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

async function begin(version: '17.3' | '19.0'): Promise<Scene> {
  scene = await setScene({ version });
  await openMergeRequest(scene);
  await scene.settle();
  return scene;
}

async function mergeRequest(on: Scene) {
  return record((await on.api('GET', '/merge_requests/1')).body);
}

describe('which lines of a note are commands', () => {
  const names = (text: string, version: '17.3' | '19.0') =>
    extractCommands(text, version).commands.map((one) => one.name);

  test.each([
    ['a command on a line of its own', 'Text\n\n/close', ['close'], ['close']],
    ['a command inside a paragraph', 'Text\n/close\nmore', ['close'], ['close']],
    ['a command with trailing spaces and CRLF', '/close  \r\n', ['close'], ['close']],
    ['a command in any case', '/ClOsE', ['close'], ['close']],
    ['a word that only begins like one', '/closeness', [], []],
    ['a line with a space before', ' /close', [], []],
    ['a fence of three backticks', '```\n/close\n```', [], []],
    ['a fence of four backticks', '````\n/close\n````', ['close'], []],
    ['a closing fence followed by a space', '```\n/close\n``` ', ['close'], []],
    ['a fence of tildes', '~~~\n/close\n~~~', ['close'], []],
    ['an unclosed fence', '```\n/close', ['close'], []],
    ['inside a details element', '<details>\n/close\n</details>', [], []],
    ['a paragraph within details', '<details>\n\n/close\n\n</details>', [], ['close']],
    ['a quoted line', '> /close', [], []],
    ['a list item', '- a\n\n  /close', [], []],
    ['an indented block', 'Text\n\n    /close', [], []],
    ['after a hidden marker', '<!-- marker -->\n/close', ['close'], ['close']],
  ])('%s', (_name, text, old, present) => {
    expect([names(text, '17.3'), names(text, '19.0')]).toEqual([old, present]);
  });

  test('the text that stays is what was there without the commands', () => {
    expect(extractCommands('One\n/label ~a\nTwo\n\n```\n/close\n```\n', '19.0').content).toBe(
      'One\nTwo\n\n```\n/close\n```',
    );
    expect(extractCommands('One\n/label ~a\nTwo', '17.3').content).toBe('One\nTwo');
  });
});

describe('quick actions in the GitLab double', () => {
  test('run as the one who posts, and the note keeps the rest', async () => {
    const on = await begin('19.0');
    const { status, body } = await on.api('POST', '/merge_requests/1/notes', {
      body: 'Done\n\n/approve\n/label ~ops',
    });
    expect([status, record(body)['body']]).toEqual([201, 'Done']);
    const approvals = record((await on.api('GET', '/merge_requests/1/approvals')).body);
    expect(approvals['approved_by']).toMatchObject([{ user: { id: on.bot.id } }]);
    expect((await mergeRequest(on))['labels']).toEqual(['ops']);
  });

  test('alone leave no note: 202 with what they did, 400 when they did nothing', async () => {
    const on = await begin('19.0');
    const done = await on.api('POST', '/merge_requests/1/notes', { body: '/draft' });
    expect(done).toMatchObject({ status: 202, body: { summary: ['Marked this merge request as a draft.'] } });
    expect(await mergeRequest(on)).toMatchObject({
      draft: true,
      detailed_merge_status: 'draft_status',
      user_notes_count: 0,
    });
    const own = await on.api('POST', '/merge_requests/1/notes', { body: '/approve' }, on.engineer.token);
    expect(own.status).toBe(400);
    expect(record(own.body)['message']).toContain('Note {');
  });

  test('run on an edit too, and one that leaves nothing deletes the note', async () => {
    const on = await begin('19.0');
    const note = record((await on.api('POST', '/merge_requests/1/notes', { body: 'A plan' })).body);
    const edited = await on.api('PUT', `/merge_requests/1/notes/${String(note['id'])}`, {
      body: 'A plan\n/close',
    });
    expect([edited.status, (await mergeRequest(on))['state']]).toEqual([200, 'closed']);
    const emptied = await on.api('PUT', `/merge_requests/1/notes/${String(note['id'])}`, { body: '/reopen' });
    expect([emptied.status, (await mergeRequest(on))['state']]).toEqual([400, 'opened']);
    expect((await on.api('GET', `/merge_requests/1/notes/${String(note['id'])}`)).status).toBe(404);
  });

  test('run from a description', async () => {
    const on = await begin('19.0');
    await on.api('PUT', '/merge_requests/1', { description: 'Why\n\n/label ~ops' });
    expect(await mergeRequest(on)).toMatchObject({ description: 'Why', labels: ['ops'] });
  });

  test('merge, with the rights of the one who says so', async () => {
    const on = await begin('19.0');
    await on.api('POST', '/merge_requests/1/notes', { body: 'Go\n/merge' }, on.engineer.token);
    expect((await mergeRequest(on))['state']).toBe('opened');
    await on.api('POST', '/merge_requests/1/notes', { body: 'Go\n/merge' });
    expect((await mergeRequest(on))['state']).toBe('merged');
  });

  test('in a tilde fence are live on an old server and text on a new one', async () => {
    const body = 'Plan\n\n~~~\n/close\n~~~\n';
    const old = await begin('17.3');
    await old.api('POST', '/merge_requests/1/notes', { body });
    expect((await mergeRequest(old))['state']).toBe('closed');
    await old.close();
    const present = await begin('19.0');
    const answer = await present.api('POST', '/merge_requests/1/notes', { body });
    expect([record(answer.body)['body'], (await mergeRequest(present))['state']]).toEqual([
      body.trimEnd(),
      'opened',
    ]);
  });
});
