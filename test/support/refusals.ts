import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, promisify } from 'node:util';
import { expect } from 'vitest';
import type { Note } from '#test/sandbox/house/actors.ts';
import { ask, post } from '#test/sandbox/house/http.ts';
import { APPROVAL_VARIABLE, type Story, subnet, until } from './story.ts';

/** A folder whose projects are applied when an operator says so, or as soon as they are approved. */
export const onCommand = (name: string) => `fin/prod/${name}`;
export const onApproval = (name: string) => `biz/dev/${name}`;

/** The files of a project with one subnet; `more` is terraform code that stands beside it. */
export function oneSubnet(story: Story, folder: string, more = ''): Record<string, string> {
  const state = folder.replaceAll('/', '-');
  return {
    [`${folder}/main.tf`]: story.module(
      state,
      APPROVAL_VARIABLE + subnet('first', '10.7.0.0/24') + (more === '' ? '' : `\n${more}`),
    ),
  };
}

/** Comments as somebody and returns what Countersign answers once it has refused. */
export async function refusedReply(
  story: Story,
  actor: Story['erin'],
  iid: number,
  comment = 'countersign apply',
): Promise<string> {
  const note = await actor.comment(iid, comment);
  return (await replyTo(story, iid, note, /\*\*Refused\*\*/)).body;
}

/** The service's answer to a comment, once it says this. */
export async function replyTo(story: Story, iid: number, note: Note, pattern: RegExp): Promise<Note> {
  return story.noteSays(iid, new RegExp(`:reply-${note.id} -->[\\s\\S]*${pattern.source}`));
}

/** Waits until a comment on the ticket says this; returns its text. */
export function ticketSays(story: Story, key: string, pattern: RegExp): Promise<string> {
  let texts: string[] = [];
  return until(
    `a comment of ${key} that says ${pattern}`,
    async () => {
      const { comments } = await story.adamInJira.comments(key);
      texts = comments.map(({ body }) => plainText(body));
      return texts.find((text) => pattern.test(text));
    },
    { show: async () => texts.join('\n---\n') },
  );
}

/** The words of rich text, in their order: of a document in Atlassian's format, or of wiki text. */
function plainText(node: unknown): string {
  if (typeof node === 'string') return node;
  if (typeof node !== 'object' || node === null) return '';
  const { text, content } = node as { text?: string; content?: unknown[] };
  return (text ?? '') + (content ?? []).map(plainText).join('');
}

/** Waits until the audit log tells this of the change: an entry of that type whose payload matches. */
export async function logTells(story: Story, iid: number, type: string, pattern: RegExp): Promise<void> {
  const change = await story.changeOf(iid);
  let payloads: string[] = [];
  await until(
    `the audit log of !${iid} to have ${type} with ${pattern}`,
    async () => {
      const rows = await story.query<{ payload: string }>(
        `select payload from audit.entries join audit.payloads using (idx)
         where (envelope::jsonb) #>> '{subject,changeId}' = $1 and envelope::jsonb ->> 'type' = $2 order by idx`,
        [change.id, type],
      );
      payloads = rows.map(({ payload }) => payload);
      return payloads.some((payload) => pattern.test(payload)) ? true : undefined;
    },
    { show: async () => payloads.join('\n') },
  );
}

/** How often the log has an entry of this type for the change. */
export async function countEntries(story: Story, iid: number, type: string): Promise<number> {
  return (await story.entries(iid)).filter((each) => each === type).length;
}

/** Waits until nothing is on its way: no hook, no delivery unhandled, no job open. What has not happened by then does not. */
export async function quiet(story: Story): Promise<void> {
  await until(
    'every job to be done',
    async () => {
      const before = await standing(story);
      await post(`${story.gitlabUrl}/sandbox/settle`, {});
      await post(`${story.jiraUrl}/sandbox/deliveries/settle`, {});
      const after = await standing(story);
      // A job may have made both systems send more, and what they sent may have made more jobs.
      return after.open === 0 && isDeepStrictEqual(after, before) ? true : undefined;
    },
    {
      show: async () =>
        JSON.stringify(
          await story.query('select effect, tries, last_error from outbox where done_at is null'),
        ),
    },
  );
}

/** What is open, and the last of everything that ever was. */
async function standing(story: Story): Promise<{ open: number }> {
  const [row] = await story.query<{ open: number }>(
    `select (select count(*) from outbox where done_at is null and gave_up_at is null)::int
       + (select count(*) from webhook_deliveries where handled_at is null)::int as open,
       (select max(id) from outbox) as last_job, (select max(id) from webhook_deliveries) as last_delivery`,
  );
  if (row === undefined) throw new Error('a query of counts has one row');
  return row;
}

/** How many webhooks were stored so far. */
export async function storedHooks(story: Story): Promise<number> {
  const [row] = await story.query<{ n: number }>('select count(*)::int as n from webhook_deliveries');
  if (row === undefined) throw new Error('a count has one row');
  return row.n;
}

/** Nothing was ever run for the change, and nothing holds what it touches. */
export async function nothingApplied(story: Story, iid: number): Promise<void> {
  await quiet(story);
  expect(await story.attempts(iid)).toEqual([]);
  const { id } = await story.changeOf(iid);
  expect(await story.query('select project from holds where change_id = $1', [id])).toEqual([]);
}

/** Makes somebody with an account in JIRA alone, who is offered the approver's buttons there. */
export async function strangerInJira(
  story: Story,
  name: string,
  accountType: 'atlassian' | 'app' = 'atlassian',
): Promise<{ email: string; jira: { accountId: string; token: string } }> {
  const email = `${name}@example.com`;
  const made = await post<{ accountId: string; apiToken: string }>(`${story.jiraUrl}/sandbox/users`, {
    displayName: name,
    email,
    accountType,
    // A machine's account on Data Center is one whose key is configured; see the house's configuration.
    ...(accountType === 'app' ? { accountId: name } : {}),
    groups: ['change-approvers'],
  });
  return { email, jira: { accountId: made.accountId, token: made.apiToken } };
}

/** Arms a fault in one of the doubles. */
export async function fault(url: string, wish: Record<string, unknown>): Promise<void> {
  await ask(`${url}/sandbox/faults`, { method: 'POST', body: wish });
}

/** Points a branch at a commit that the repository has, with real git and force. */
export async function forcePush(story: Story, branch: string, sha: string): Promise<void> {
  const { erin } = story.scene.players;
  const dir = await mkdtemp(join(tmpdir(), 'countersign-force-'));
  const url = new URL(story.scene.project.url);
  url.username = erin.gitlab.username;
  url.password = erin.gitlab.token;
  const env = { PATH: process.env['PATH'] ?? '', HOME: dir, GIT_CONFIG_NOSYSTEM: '1' };
  const git = (...args: string[]) => promisify(execFile)('git', args, { cwd: dir, env });
  try {
    await git('init', '--quiet', '.');
    await git('fetch', '--quiet', url.href, sha);
    await git('push', '--quiet', '--force', url.href, `${sha}:refs/heads/${branch}`);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
