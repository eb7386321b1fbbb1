import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitlabAs, jiraAs, type MergeRequest, reader } from '#test/sandbox/house/actors.ts';
import { browserIsInstalled, openBrowser, type Sight, type TestBrowser } from '#test/support/browser.ts';
import { openStory, type Story } from '#test/support/story.ts';

const SCRIPT = '<script>window.pwned=1</script><img src=x onerror="window.pwned=1">';
const MACROS =
  '{panel:title=Approved}{color:red}[x|javascript:window.pwned=1]{color}{panel} !pwned.png! {{mono}}';

/** Text that does something wherever it is not taken as text. */
const HOSTILE = [
  '/merge',
  '/close\n/approve\n/label ~pwned',
  '@all @olga',
  '```\n/merge\n```\n/close',
  '~~~\n/close\n~~~',
  '</details></summary></code></pre>',
  SCRIPT,
  MACROS,
  '\u001b[31mred\u001b[0m\u001b]8;;https://pwned.example\u0007link',
  'ab\u202edesrever\u2066',
];

/** Fragments that must be read on a page as they were written; what has no shape of its own is looked for apart. */
const LITERAL = ['/merge', '/close', '/approve', '@all @olga', '~~~', '</details></summary>', SCRIPT, MACROS];

const TITLE = `/merge @all ${SCRIPT} **pwned** \`/close\` {panel}pwned{panel}`;
const BRANCH = '@all/`merge`/<script>window.pwned=1</script>';

/** What hostile text would have become on JIRA's page. */
const ACTIVE = ['main script', 'main img[onerror]', 'a[href^="javascript:"]'];

/** Notes of the service's own account on GitLab's page. */
const OURS = 'article.note:has-text("· bot")';

const plain = (text: string) => text.replaceAll('\u200b', '');
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const hostileModule = `
resource "terraform_data" "x" {
  for_each = toset(${JSON.stringify(HOSTILE)})
  input    = { text = each.key }
  provisioner "local-exec" {
    environment = { TEXT = each.key }
    command     = "printf '%s\\n' \\"$TEXT\\""
  }
}
output "all" {
  value = ${JSON.stringify(HOSTILE)}
}
`;

const hostileFailure = `
output "x" {
  value = 1
  precondition {
    condition     = terraform.workspace == "another"
    error_message = ${JSON.stringify(`This is no good.\n${HOSTILE.join('\n')}.`)}
  }
}
`;

describe.each(['17.3', '19.0'] as const)('hostile text, with GitLab %s', (gitlabVersion) => {
  let story: Story;
  let browser: TestBrowser | undefined;
  let applied: { iid: number; key: string };
  let failed: number;

  beforeAll(async () => {
    [story, browser] = await Promise.all([
      openStory({ gitlabVersion, projects: [{ match: '**', applyOn: 'approval' }] }),
      browserIsInstalled ? openBrowser() : undefined,
    ]);
    const erin = gitlabAs(story, { ...story.scene.players.erin, name: `/merge @all \`\`\` ${MACROS}` });
    const open = async (branch: string, folder: string, body: string) => {
      await erin.push(branch, { [`${folder}/main.tf`]: story.module(folder, body) }, { message: TITLE });
      return erin.open(branch, TITLE);
    };
    const [first, second] = [
      await open(BRANCH, 'hostile', hostileModule),
      await open('failing', 'failing', hostileFailure),
    ];
    const key = await story.ticketIs(first.iid, 'In review');
    applied = { iid: first.iid, key };
    failed = second.iid;
    await story.noteSays(first.iid, /will be created/);
    await story.changeIs(failed, 'plan-failed');
    await story.noteSays(failed, /could not be planned/);
  }, 90_000);

  afterAll(async () => {
    await browser?.close();
    await story?.close();
  });

  const untouched = { state: 'opened', labels: [], title: TITLE };
  const told = async (iid: number) => {
    const all = await story.erin.notes(iid);
    return { commands: all.filter(({ system }) => system), ours: await story.notes(iid) };
  };
  const mergeRequest = (iid: number): Promise<MergeRequest & { labels: string[]; title: string }> =>
    story.erin.asked(`/merge_requests/${iid}`);

  test('in a plan, in an error, in a title, a branch and a name makes GitLab do nothing', async () => {
    for (const iid of [applied.iid, failed]) {
      expect(await mergeRequest(iid)).toMatchObject(untouched);
      const { commands, ours } = await told(iid);
      expect(commands.filter(({ author }) => author.id === story.scene.bot.id)).toEqual([]);
      for (const { body } of ours) expect(body).not.toMatch(UNSEEN);
    }
    expect(await story.erin.asked(`/merge_requests/${applied.iid}/approvals`)).toMatchObject({
      approved_by: [],
    });
  });

  test('in a command is answered and not obeyed', async () => {
    await story.erin.comment(applied.iid, `countersign frobnicate @all \`/merge\` ${SCRIPT} ${MACROS}`);
    await story.noteSays(applied.iid, /not understood|no command|does not know/i);
    expect(await mergeRequest(applied.iid)).toMatchObject(untouched);
  });

  test.runIf(browserIsInstalled)('is shown as it is by GitLab', async () => {
    const cookie = await cookieOf(`${story.gitlabUrl}/-/login`, { username: 'adam', return: '/' });
    for (const { iid, literal } of [
      { iid: applied.iid, literal: LITERAL },
      { iid: failed, literal: [TITLE] },
    ]) {
      const { web_url: url } = await mergeRequest(iid);
      const sight = await see(url, cookie, [`${OURS} script`, `${OURS} img`, `${OURS} .mention`]);
      harmless(sight, literal);
      expect(['script', 'img', '.mention'].map((each) => sight.count(`${OURS} ${each}`))).toEqual([0, 0, 0]);
    }
  });

  test.runIf(browserIsInstalled)('is shown as it is by JIRA', async () => {
    const { accountId } = story.scene.players.adam.jira;
    const cookie = await cookieOf(`${story.jiraUrl}/login`, { accountId });
    const sight = await see(`${story.jiraUrl}/browse/${applied.key}`, cookie, ACTIVE);
    harmless(sight, [SCRIPT, '{panel}pwned{panel}']);
    expect(ACTIVE.map((each) => sight.count(each))).toEqual([0, 0, 0]);
    const texts = await textsOnTicket(story, applied.key);
    for (const fragment of LITERAL) expect(texts).toContain(fragment);
    expect(texts).not.toMatch(UNSEEN);
  });

  test.runIf(browserIsInstalled)(
    'is shown as it is on our own pages, in a live log too, and no script runs',
    async () => {
      await story.adamInJira.move(applied.key, 'Approved');
      const change = await story.changeIs(applied.iid, 'merged');
      const { cookie } = await reader(story);
      const [attempt] = await story.attempts(applied.iid);
      const broken = await story.changeOf(failed);
      const pages: [path: string, literal: string[]][] = [
        ['/changes', [TITLE]],
        [`/changes/${change.id}`, [TITLE, ...LITERAL]],
        [`/changes/${change.id}/runs/${attempt?.id ?? ''}/log`, LITERAL],
        [`/changes/${broken.id}/runs/${broken.id}.p1/log`, LITERAL],
      ];
      for (const [path, literal] of pages) {
        const sight = await see(story.serverUrl + path, cookie, [
          'script:not([src^="/assets/"])',
          'img[onerror]',
        ]);
        harmless(sight, literal);
        expect([sight.count('script:not([src^="/assets/"])'), sight.count('img[onerror]')]).toEqual([0, 0]);
      }
    },
  );

  async function see(url: string, cookie: string, selectors: string[]): Promise<Sight> {
    if (browser === undefined) throw new Error('no browser');
    return browser.look(url, [cookie], selectors);
  }
});

function harmless(sight: Sight, literal: readonly string[]): void {
  for (const fragment of literal) expect(plain(sight.text)).toContain(fragment);
  expect(sight.pwned).toBe(false);
  expect(sight.incidents).toEqual([]);
}

async function cookieOf(url: string, form: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' });
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

/** Every text on a ticket and in what is attached to it. */
async function textsOnTicket(story: Story, key: string): Promise<string> {
  const issue = await story.issue(key);
  const { email, jira } = story.scene.players.adam;
  const authorization = `Basic ${Buffer.from(`${email}:${jira.token}`).toString('base64')}`;
  const files = await Promise.all(
    issue.fields.attachment.map(async ({ id }) => {
      const answer = await fetch(`${story.jiraUrl}/rest/api/3/attachment/content/${id}`, {
        headers: { authorization },
      });
      return answer.text();
    }),
  );
  const comments = await jiraAs(story, story.scene.players.adam).comments(key);
  return [...strings(issue.fields), ...strings(comments), ...files].join('\n');
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(strings) : [];
}
