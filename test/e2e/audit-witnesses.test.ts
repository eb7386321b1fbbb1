import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { APPROVAL_VARIABLE, openStory, type Story, subnet } from '#test/support/story.ts';

/**
 * What a database owner can do who also has the signing key: everything, except to GitLab's tags and JIRA's comments.
 */
describe('a log rewritten by the owner of the database and signed again with the same key', () => {
  let story: Story;
  let key: string;

  beforeAll(async () => {
    story = await openStory();
    const { iid } = await story.propose('add-subnet', {
      'biz/dev/network/main.tf': story.module(
        'biz-dev-network',
        APPROVAL_VARIABLE + subnet('first', '10.1.0.0/24') + subnet('second', '10.1.1.0/24'),
      ),
    });
    key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.ticketIs(iid, 'Done');
    await Promise.all(story.workers.map((worker) => worker.stop()));
  });
  afterAll(() => story?.close());

  const verify = (...against: string[]) =>
    story.cli('audit', 'verify', ...against.flatMap((each) => ['--against', each]));

  test('agrees with the release tag and the ticket as long as nobody touched it', async () => {
    const { code, output } = await verify(`tag:release/${key}`, `ticket:${key}`);
    expect(output).toContain(`agrees with`);
    expect(code).toBe(0);
  });

  test('passes by itself, and fails against the tag fetched from GitLab and the ticket fetched from JIRA', async () => {
    const { adam, mia } = story.scene.players;
    await rewrite(story, (payload) => payload.replaceAll(adam.jira.accountId, mia.jira.accountId));
    expect((await story.cli('audit', 'checkpoint')).code).toBe(0);
    expect((await verify()).code).toBe(0);
    for (const witness of [`tag:release/${key}`, `ticket:${key}`]) {
      const { code, output } = await verify(witness);
      expect(output, witness).toContain(witness);
      expect(code, witness).toBe(1);
    }
  });
});

/** Deletes the whole log and writes it anew, its payloads altered, with everything that belongs to it. */
async function rewrite(story: Story, alter: (payload: string) => string): Promise<void> {
  const rows = await story.query<{
    envelope: { type: string; actor: string; subject: object };
    payload: string;
    nonce: string;
  }>(
    `select envelope::jsonb as envelope, payload, encode(nonce, 'hex') as nonce
     from audit.entries join audit.payloads using (idx) order by idx`,
  );
  const entries = rows.map(({ envelope: { type, actor, subject }, payload, nonce }) => ({
    type,
    actor,
    subject,
    payload: alter(payload),
    nonce,
    req_id: null,
  }));
  const altered = rows.filter(({ payload }) => alter(payload) !== payload);
  expect(altered.length).toBeGreaterThan(0);
  const client = new pg.Client(story.adminUrl);
  await client.connect();
  try {
    await client.query(`set session_replication_role = replica`); // no trigger says no to a superuser
    for (const table of ['payloads', 'nodes', 'checkpoints', 'entries'])
      await client.query(`delete from audit.${table}`);
    await client.query('update audit.head set size = 0');
    await client.query('set session_replication_role = origin');
    await client.query('select audit.append($1::jsonb)', [JSON.stringify(entries)]);
  } finally {
    await client.end();
  }
  await rm(join(story.dir, 'secrets', 'audit-signer-key.last'));
}
