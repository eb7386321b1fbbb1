import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderMarkdown } from '#test/sandbox/gitlab/markdown/render.ts';
import { openMergeRequest, record, records, type Scene, setScene } from './gitlab-scene.ts';

let scene: Scene;
let cookie: string;

beforeEach(async () => {
  scene = await setScene();
  await openMergeRequest(scene);
  await scene.settle();
  const answer = await post('/-/login', { username: 'erin', return: '/infra/network' });
  cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? '';
});
afterEach(() => scene.close());

function post(path: string, form: Record<string, string>) {
  return fetch(scene.gitlab.url + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: { cookie: cookie ?? '' },
    redirect: 'manual',
  });
}

async function page(path: string): Promise<string> {
  const response = await fetch(scene.gitlab.url + path, { headers: { cookie } });
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  return response.text();
}

const MERGE_REQUEST = '/infra/network/-/merge_requests/1';

describe('the pages of the GitLab double', () => {
  test('every address that the API names opens', async () => {
    await scene.api('POST', '/repository/tags', {
      tag_name: 'release/A-1',
      ref: 'main',
      message: 'Applied by x',
    });
    const shown = record((await scene.api('GET', '/merge_requests/1')).body);
    const commit = record((await scene.api('GET', `/repository/commits/${scene.head}`)).body);
    const address = (url: unknown) => new URL(String(url)).pathname;
    expect(await page(address(shown['web_url']))).toContain('Change main');
    expect(await page(address(commit['web_url']))).toContain('Erin Engineer');
    expect(await page('/infra/network/-/tags/release/A-1')).toContain('Applied by x');
    expect(await page('/infra/network/-/merge_requests')).toContain('!1');
    expect(await page('/')).toContain('infra/network');
  });

  test('a comment is made as the one who is logged in, with its quick actions, and has an anchor', async () => {
    const answer = await post(`${MERGE_REQUEST}/notes`, { body: 'countersign plan\n\n/label ~ops' });
    expect(answer.status).toBe(303);
    const anchor = new URL(answer.headers.get('location') ?? '', scene.gitlab.url).hash.slice(1);
    expect(await page(MERGE_REQUEST)).toContain(`id="${anchor}"`);
    const [note] = records((await scene.api('GET', '/merge_requests/1/notes')).body);
    expect(note).toMatchObject({ body: 'countersign plan', author: { username: 'erin' } });
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['labels']).toEqual(['ops']);
  });

  test('what GitLab refuses is shown with its reason', async () => {
    const answer = await post(`${MERGE_REQUEST}/merge`, {});
    const location = answer.headers.get('location') ?? '';
    expect(await page(location)).toContain('401 Unauthorized');
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['state']).toBe('opened');
    await post(`${MERGE_REQUEST}/close`, {});
    expect(record((await scene.api('GET', '/merge_requests/1')).body)['state']).toBe('closed');
  });

  test('nobody acts without having chosen a user, and a return address stays on this server', async () => {
    cookie = '';
    expect((await post(`${MERGE_REQUEST}/close`, {})).status).toBe(401);
    const answer = await post('/-/login', { username: 'erin', return: '//evil.example/' });
    expect(answer.headers.get('location')).toBe('/');
  });

  test('text from outside is shown, never run', async () => {
    const body =
      '<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1)) <details onclick="x"><summary>s</summary>t</details>';
    await scene.api('POST', '/merge_requests/1/notes', { body });
    await scene.api('PUT', '/merge_requests/1', { title: '<b>bold</b>' });
    const html = await page(MERGE_REQUEST);
    expect(html).not.toMatch(/<script|<img|href="javascript|onclick="|<b>bold/);
    expect(html).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });
});

describe('Markdown as a page shows it', () => {
  test.each([
    ['headings', '## Plan', '<h2>Plan</h2>'],
    [
      'tables',
      '| a | b |\n|---|--:|\n| `x\\|y` | **2** |',
      '<td><code>x|y</code></td><td class="right"><strong>2</strong></td>',
    ],
    ['fenced code', '```hcl\na < b\n```', '<pre class="code"><code>a &lt; b</code></pre>'],
    ['diffs', '```diff\n+ new\n- old\n```', '<span class="add">+ new</span>\n<span class="del">- old</span>'],
    ['a fence inside a longer fence', '````\n```\n/approve\n```\n````', '<code>```\n/approve\n```</code>'],
    [
      'folded parts',
      '<details><summary>More</summary>\n\n*inside*\n\n</details>',
      '<summary>More</summary>\n<p><em>inside</em></p>\n</details>',
    ],
    ['an unclosed folded part', '<details>\n\ntext', '<p>text</p></details>'],
    ['hidden markers', '<!-- countersign:v1:1:summary -->\nText', '<p>Text</p>'],
    ['nested lists', '- a\n  1. b\n- c', '<ul><li>a\n<ol><li>b</li></ol></li><li>c</li></ul>'],
    ['quotes', '> a\n> b', '<blockquote><p>a<br>\nb</p></blockquote>'],
    ['links', '[here](https://example.com/?a=1&b=2)', '<a href="https://example.com/?a=1&amp;b=2"'],
    ['plain text with underscores', 'module.a_b_c', '<p>module.a_b_c</p>'],
  ])('%s', (_name, text, html) => {
    expect(renderMarkdown(text)).toContain(html);
  });
});
