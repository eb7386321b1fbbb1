import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileForm, type JiraSite, startSite } from './jira-site.ts';

/** Fills in a form as a browser would: URL-encoded, with the cookie, following no redirect. */
async function submit(url: string, fields: Record<string, string>, cookie: string): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { cookie },
    redirect: 'manual',
  });
}

describe("the JIRA double's pages", () => {
  let site: JiraSite;
  let key: string;

  const logIn = async (accountId: string) => {
    const response = await submit(`${site.jira.url}/login`, { accountId }, '');
    return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  const read = async (path: string, cookie: string) =>
    (await fetch(`${site.jira.url}${path}`, { headers: { cookie } })).text();

  beforeAll(async () => {
    site = await startSite();
    key = await site.newIssue({
      summary: 'Apply <b>network</b>',
      description: {
        type: 'doc',
        version: 1,
        content: [
          {
            type: 'panel',
            attrs: { panelType: 'warning' },
            content: [text('One resource is <script>destroyed')],
          },
          {
            type: 'expand',
            attrs: { title: 'Plan' },
            content: [{ type: 'codeBlock', content: [{ type: 'text', text: '- old' }] }],
          },
          {
            type: 'paragraph',
            content: [
              {
                type: 'text',
                text: 'link',
                marks: [{ type: 'link', attrs: { href: 'javascript:alert(1)' } }],
              },
            ],
          },
        ],
      },
    });
    await site.move('bot', key, '11');
    await site.as('bot', 'POST', `/issue/${key}/attachments`, fileForm('plan.txt', 'the plan'));
  });
  afterAll(() => site.close());

  it('ask who you are, then show what was asked for', async () => {
    const response = await fetch(`${site.jira.url}/browse/${key}`, { redirect: 'manual' });
    const location = response.headers.get('location') ?? '';
    expect(await read(location, '')).toContain(`value="/browse/${key}"`);
    const back = await submit(`${site.jira.url}/login`, { accountId: 'approver', to: `/browse/${key}` }, '');
    expect(back.headers.get('location')).toBe(`/browse/${key}`);
    const away = await submit(
      `${site.jira.url}/login`,
      { accountId: 'approver', to: '//elsewhere.example' },
      '',
    );
    expect(away.headers.get('location')).toBe('/');
    expect(await read('/login', '')).toContain('The approver');
  });

  it('show the ticket, with everything that came from outside as text', async () => {
    const page = await read(`/browse/${key}`, await logIn('approver'));
    expect(page).toContain('Apply &lt;b&gt;network&lt;/b&gt;');
    expect(page).toContain('class="panel panel-warning"');
    expect(page).toContain('&lt;script&gt;destroyed');
    expect(page).toContain('<summary>Plan</summary>');
    expect(page).not.toContain('javascript:');
    expect(await read('/', await logIn('approver'))).toContain(`href="/browse/${key}"`);
  });

  it('give the attached file', async () => {
    const page = await read(`/browse/${key}`, await logIn('approver'));
    const [, path = ''] = /href="(\/secure\/attachment\/[^"]+)"/.exec(page) ?? [];
    expect(await read(path, await logIn('approver'))).toBe('the plan');
  });

  it('offer the approver the decision, and nobody else', async () => {
    expect(await read(`/browse/${key}`, await logIn('approver'))).toContain(`/browse/${key}/transitions/21`);
    expect(await read(`/browse/${key}`, await logIn('engineer'))).not.toContain('/transitions/');
    const refused = await submit(
      `${site.jira.url}/browse/${key}/transitions/21`,
      {},
      await logIn('engineer'),
    );
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('role="alert"');
  });

  it('approve with a comment, in the name of whoever is logged in', async () => {
    const cookie = await logIn('approver');
    const moved = await submit(
      `${site.jira.url}/browse/${key}/transitions/21`,
      { comment: 'Looks right' },
      cookie,
    );
    expect(moved.status).toBe(303);
    const { body } = await site.as('bot', 'GET', `/issue/${key}/changelog`);
    expect(body).toMatchObject({
      values: [{}, {}, { author: { accountId: 'approver' }, items: [{ to: '10102' }] }],
    });
    await submit(`${site.jira.url}/browse/${key}/comments`, { comment: 'And thanks' }, cookie);
    const page = await read(`/browse/${key}`, cookie);
    expect(page).toContain('Looks right');
    expect(page).toContain('And thanks');
  });

  it('show wiki text and fields as Data Center does', async () => {
    const center = await startSite({ version: '2', edition: 'data-center' });
    try {
      await center.sandbox('POST', '/custom-fields', {
        id: 'customfield_10042',
        name: 'Tier',
        type: 'option',
        options: ['grave'],
      });
      const issue = await center.newIssue({
        description: 'h2. Plan\n\n|1|*two*|\n{noformat}\n- <old>\n{noformat}',
        customfield_10042: { value: 'grave' },
      });
      const login = await submit(`${center.jira.url}/login`, { accountId: 'approver' }, '');
      const cookie = login.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const page = await (await fetch(`${center.jira.url}/browse/${issue}`, { headers: { cookie } })).text();
      expect(page).toContain('<h2>Plan</h2>');
      expect(page).toContain('<td><p><strong>two</strong></p></td>');
      expect(page).toContain('<pre class="code"><code>- &lt;old&gt;</code></pre>');
      expect(page).toContain('<dt>Tier</dt><dd>grave</dd>');
    } finally {
      await center.close();
    }
  });
});

function text(words: string) {
  return { type: 'paragraph', content: [{ type: 'text', text: words }] };
}
