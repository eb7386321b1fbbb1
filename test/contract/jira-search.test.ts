import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type JiraSite, startSite } from './jira-site.ts';

describe("the JIRA double's search", () => {
  let site: JiraSite;

  const search = async (request: Record<string, unknown>) => {
    const { status, body } = await site.as('bot', 'POST', '/search/jql', request);
    return {
      status,
      ...(body as { issues: { id: string; key?: string }[]; isLast: boolean; nextPageToken?: string }),
    };
  };
  const keysOf = async (jql: string) => (await search({ jql, fields: ['key'] })).issues.map(({ key }) => key);

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it('answers the operators the product and people use', async () => {
    const one = await site.newIssue({ labels: ['red', 'blue'] });
    const two = await site.newIssue({ labels: ['blue'] });
    const three = await site.newIssue();
    await site.move('bot', two, '11');

    expect(await keysOf('project = CHG AND labels = "red"')).toEqual([one]);
    expect(await keysOf('labels in (red, blue) ORDER BY created ASC')).toEqual([one, two]);
    expect(await keysOf('project = CHG and status = "In review"')).toEqual([two]);
    expect(await keysOf('status = 10101')).toEqual([two]);
    expect(await keysOf(`key in (${one}, ${three}) ORDER BY key DESC`)).toEqual([three, one]);
    expect(await keysOf('project = CHG AND (labels = red OR status = "In review") ORDER BY key')).toEqual([
      one,
      two,
    ]);
    expect(await keysOf('project = CHG AND labels is EMPTY')).toEqual([three]);
    expect(await keysOf('updated >= -5m AND labels = red')).toEqual([one]);
    expect(await keysOf('created < "2020-01-01" AND project = CHG')).toEqual([]);
  });

  it('gives ids alone unless fields are asked for', async () => {
    const { issues } = await search({ jql: 'project = CHG' });
    expect(issues.length).toBeGreaterThan(0);
    for (const issue of issues) expect(Object.keys(issue)).toEqual(['id']);
  });

  it('pages by token, without a total', async () => {
    const label = 'paged';
    for (let count = 0; count < 5; count += 1) await site.newIssue({ labels: [label] });
    const seen: string[] = [];
    let nextPageToken: string | undefined;
    do {
      const page = await search({
        jql: `labels = ${label}`,
        maxResults: 2,
        ...(nextPageToken ? { nextPageToken } : {}),
      });
      expect(page).not.toHaveProperty('total');
      seen.push(...page.issues.map(({ id }) => id));
      ({ nextPageToken } = page);
      expect(page.isLast).toBe(nextPageToken === undefined);
    } while (nextPageToken !== undefined);
    expect(new Set(seen).size).toBe(5);
    expect((await search({ jql: 'project = CHG', nextPageToken: 'bogus' })).status).toBe(400);
  });

  it('refuses unbounded, unknown and malformed queries, and the search of old', async () => {
    for (const jql of [
      '',
      'ORDER BY created',
      'project = NOPE',
      'colour = red',
      'project =',
      'labels > red',
      'project = CHG AND',
    ]) {
      expect((await search({ jql })).status, jql).toBe(400);
    }
    expect((await site.as('bot', 'GET', '/search?jql=project%20%3D%20CHG')).status).toBe(410);
    expect((await site.as('bot', 'POST', '/search', { jql: 'project = CHG' })).status).toBe(410);
  });

  it('misses a fresh write until the index has caught up, unless told to reconcile it', async () => {
    await site.sandbox('PATCH', '/settings', { searchLagMs: 3_600_000 });
    const key = await site.newIssue({ labels: ['fresh'] });
    const { body } = await site.as('bot', 'GET', `/issue/${key}`);
    const { id } = body as { id: string };
    expect(await keysOf('labels = fresh')).toEqual([]);
    const reconciled = await search({ jql: 'labels = fresh', reconcileIssues: [Number(id)] });
    expect(reconciled.issues).toEqual([{ id }]);
    await site.sandbox('POST', '/search-index/catch-up');
    expect(await keysOf('labels = fresh')).toEqual([key]);
    await site.sandbox('PATCH', '/settings', { searchLagMs: 0 });
  });
});
