import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readEntriesOfChange } from '#store/audit.ts';
import { ask } from '#test/sandbox/house/http.ts';
import { readMetrics } from '#views/metric-readings.ts';
import { showEvidence } from '#views/evidence/show-evidence.ts';
import { tagsInWords } from '#views/stray-tags.ts';
import { beginRound } from '#workers/sweep-round.ts';
import { watchTags } from '#workers/watch-tags.ts';
import { openWorkshop, type Order, type Workshop } from './workshop.ts';

// No hook leads here: what became of a release tag is found by listing all of them now and then.

let workshop: Workshop;
beforeAll(async () => {
  workshop = await openWorkshop();
}, 60_000);
afterAll(() => workshop?.close());

describe('a release tag', () => {
  test('that was deleted, moved and put back is told each time, and once', async () => {
    const { order, tag, key } = await released('meddled');
    const made = await workshop.erin.tag(tag);
    await look(order);
    expect(await seen(order)).toEqual([]);

    await remove(tag);
    await look(order);
    expect(await seen(order)).toEqual(['gone']);
    expect(await comment(key)).toMatch(/was deleted/);
    expect(await tagsInWords(workshop.db)).toMatch(new RegExp(`^${tag} of repository \\d+ was deleted$`));

    await look(order);
    expect(await seen(order)).toEqual(['gone']);

    await make(tag, 'main', 'as it should be');
    await look(order);
    expect(await seen(order)).toEqual(['gone', 'moved']);
    expect(await comment(key)).toMatch(/was made anew/);
    expect(await counted()).toContainEqual({ standing: 'moved', count: 1 });
    expect((await workshop.notes(order)).join()).toContain(`The release tag \`${tag}\` was made anew`);

    await remove(tag);
    await make(tag, made.commit.id, made.message);
    await look(order);
    expect(await seen(order)).toEqual(['gone', 'moved', 'as-recorded']);
    expect(await comment(key)).toMatch(/is as the audit log has it again/);
    expect(await counted()).toEqual([{ standing: 'as-recorded', count: 1 }]);
    expect((await workshop.notes(order)).join()).not.toContain('made anew');
    const evidence = await showEvidence(workshop.db, order.changeId, () => 'somebody');
    expect(evidence?.execution.tagsSeen?.map(({ standing }) => standing)).toEqual([
      'gone',
      'moved',
      'as-recorded',
    ]);
  }, 60_000);

  test('for which nothing was released is told, whether its ticket is ours or nobody’s', async () => {
    const order = await workshop.propose('unreleased');
    await workshop.settle(order);
    const { ticket } = await workshop.change(order);
    const key = 'key' in ticket ? ticket.key : '';
    await make(`release/${key}`, 'main', 'mine');
    await make('release/ELSE-7', 'main', 'mine');
    await make('release/2026-11', 'main', 'no business of ours');
    await look(order);
    expect(await seen(order)).toEqual(['unrecorded']);
    expect(await foreign()).toEqual(['unrecorded']);
    expect(await comment(key)).toMatch(/though nothing was released under it/);
    expect(await tagsInWords(workshop.db)).toMatch(/release\/ELSE-7 of repository \d+ stands at/);

    await remove(`release/${key}`);
    await remove('release/ELSE-7');
    await look(order);
    await look(order);
    expect(await seen(order)).toEqual(['unrecorded', 'as-recorded']);
    expect(await foreign()).toEqual(['unrecorded', 'as-recorded']);
    expect(await tagsInWords(workshop.db)).toBe('as they were made');
  }, 60_000);
});

test('the tags are listed with one call, and not again within five minutes', async () => {
  const { gitlabUrl } = workshop.house;
  await ask(`${gitlabUrl}/sandbox/requests`, { method: 'DELETE' });
  await dueNow();
  await sweepTags();
  await sweepTags();
  const asked = await ask<{ path: string; query: string }[]>(`${gitlabUrl}/sandbox/requests`);
  const lists = asked.filter(({ path }) => path.endsWith('/repository/tags'));
  expect(lists).toHaveLength(1);
  const { ledger } = workshop.context;
  const due = await ledger.cursor(cursor());
  const seconds = (Date.parse(due ?? '') - Date.parse(await ledger.now())) / 1000;
  expect(seconds).toBeGreaterThan(240);
  expect(seconds).toBeLessThanOrEqual(300);
});

async function released(folder: string): Promise<{ order: Order; tag: string; key: string }> {
  const order = await workshop.propose(folder);
  await workshop.settle(order);
  await workshop.approve(order);
  await workshop.settle(order);
  const { release, ticket } = await workshop.change(order);
  if (release.status !== 'tagged' || !('key' in ticket)) throw new Error(`!${order.iid} was not released`);
  return { order, tag: release.tag, key: ticket.key };
}

/** A round of the sweep in which the tags are due, and everything that follows from it. */
async function look(order: Order): Promise<void> {
  await dueNow();
  await sweepTags();
  await workshop.settle(order);
}

async function sweepTags(): Promise<void> {
  const round = await beginRound(workshop.context);
  await watchTags(workshop.context, round);
  await round.end();
}

const cursor = () => `release-tags:${workshop.house.scene.project.id}`;

async function dueNow(): Promise<void> {
  await workshop.context.ledger.setCursor(cursor(), '2026-01-01T00:00:00Z');
}

const remove = (tag: string) => workshop.olga.asked(`/repository/tags/${encodeURIComponent(tag)}`, 'DELETE');

const make = (tag: string, ref: string, message: string) =>
  workshop.olga.asked('/repository/tags', 'POST', { tag_name: tag, ref, message });

/** What the log says of the change's tags, oldest first. */
async function seen({ changeId }: Order): Promise<string[]> {
  const entries = await readEntriesOfChange(workshop.db, changeId);
  return entries.flatMap(({ envelope, payload }) =>
    envelope.includes('"type":"release-tag-seen"') ? [standingIn(payload?.text)] : [],
  );
}

/** What it says of tags that are no change's. */
async function foreign(): Promise<string[]> {
  const rows = await workshop.db
    .selectFrom('audit.entries')
    .innerJoin('audit.payloads', 'audit.payloads.idx', 'audit.entries.idx')
    .select('payload')
    .where('envelope', 'like', '%"approvalId":"ELSE-7"%')
    .orderBy('audit.entries.idx')
    .execute();
  return rows.map(({ payload }) => standingIn(payload ?? ''));
}

function standingIn(payload = '{}'): string {
  return (JSON.parse(payload) as { standing: string }).standing;
}

/** The one comment about the tag. */
async function comment(key: string): Promise<string> {
  const { comments } = await workshop.adam.comments(key);
  const about = comments
    .map(({ body }) => JSON.stringify(body))
    .filter((text) => text.includes('release-tag-'));
  expect(about).toHaveLength(1);
  return about.join();
}

async function counted() {
  return (await readMetrics(workshop.db, () => Promise.resolve(0))).releaseTags;
}
