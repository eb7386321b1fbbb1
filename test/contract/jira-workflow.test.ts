import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultWorkflow } from '#test/sandbox/jira/model/default-workflow.ts';
import { type JiraSite, paragraph, type Person, startSite } from './jira-site.ts';

interface Changelog {
  total: number;
  isLast: boolean;
  values: { id: string; author: { accountId: string }; created: string; items: Record<string, unknown>[] }[];
}

describe("the JIRA double's workflow and history", () => {
  let site: JiraSite;

  const transitionsOf = async (person: Person, key: string) => {
    const { body } = await site.as(person, 'GET', `/issue/${key}/transitions`);
    return (body as { transitions: { name: string }[] }).transitions.map(({ name }) => name);
  };
  const changelogOf = async (key: string, query = '') =>
    (await site.as('bot', 'GET', `/issue/${key}/changelog${query}`)).body as Changelog;

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it('offers each caller only the moves that caller may make', async () => {
    const key = await site.newIssue();
    expect(await transitionsOf('bot', key)).toEqual([
      'Submit for review',
      'Fail',
      'Supersede',
      'Expire',
      'Start applying without review',
    ]);
    expect(await transitionsOf('approver', key)).toEqual([]);
    await site.move('bot', key, '11');
    expect(await transitionsOf('approver', key)).toEqual(['Approve', 'Reject']);
    expect(await transitionsOf('engineer', key)).toEqual([]);
    expect(await transitionsOf('bot', key)).not.toContain('Approve');
  });

  it('answers 400 to a forbidden, unknown, stale or missing transition, and moves nothing', async () => {
    const key = await site.newIssue();
    for (const [person, transition] of [
      ['approver', { id: '11' }],
      ['bot', { id: '21' }],
      ['bot', { id: '999' }],
      ['bot', undefined],
    ] as const) {
      const { status, body } = await site.as(person, 'POST', `/issue/${key}/transitions`, { transition });
      expect(status).toBe(400);
      expect(body).toMatchObject({ errorMessages: [expect.any(String)], errors: {} });
    }
    expect((await changelogOf(key)).total).toBe(0);
  });

  it('lets only one of two movers through', async () => {
    const key = await site.newIssue();
    await site.move('bot', key, '11');
    const answers = await Promise.all(
      ['21', '31'].map((id) =>
        site.as('approver', 'POST', `/issue/${key}/transitions`, { transition: { id } }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, 400]);
  });

  it('takes fields and comments only on a screen, and insists on required ones', async () => {
    const key = await site.newIssue();
    const update = { comment: [{ add: { body: paragraph('Go.') } }] };
    const offScreen = await site.as('bot', 'POST', `/issue/${key}/transitions`, {
      transition: { id: '11' },
      update,
    });
    expect(offScreen.status).toBe(400);
    expect(offScreen.body).toMatchObject({ errors: { comment: expect.stringContaining('cannot be set') } });

    await site.sandbox('PUT', '/workflow', {
      ...defaultWorkflow,
      transitions: defaultWorkflow.transitions.map((transition) =>
        transition.id === '71'
          ? { ...transition, screen: [{ fieldId: 'resolution', required: true }] }
          : transition,
      ),
    });
    const missing = await site.as('bot', 'POST', `/issue/${key}/transitions`, { transition: { id: '71' } });
    expect(missing.body).toMatchObject({ errors: { resolution: 'Resolution is required.' } });
    const done = await site.as('bot', 'POST', `/issue/${key}/transitions`, {
      transition: { id: '71' },
      fields: { resolution: { name: 'Duplicate' } },
      update,
    });
    expect(done.status).toBe(204);
    await site.sandbox('PUT', '/workflow', defaultWorkflow);
  });

  it('refuses whoever made an earlier move when duties are separated', async () => {
    await site.sandbox('PUT', '/groups/change-bots/members', { accountIds: ['bot', 'approver'] });
    await site.sandbox('PUT', '/workflow', {
      ...defaultWorkflow,
      transitions: defaultWorkflow.transitions.map((transition) =>
        transition.id === '21'
          ? { ...transition, conditions: [{ type: 'did-not-do', transitionIds: ['11'] }] }
          : transition,
      ),
    });
    const key = await site.newIssue();
    await site.move('approver', key, '11');
    expect(await transitionsOf('approver', key)).not.toContain('Approve');
    expect(await transitionsOf('engineer', key)).toContain('Approve');
    await site.sandbox('PUT', '/workflow', defaultWorkflow);
    await site.sandbox('PUT', '/groups/change-bots/members', { accountIds: ['bot'] });
  });

  it('keeps every change in the changelog, oldest first, with ids that only grow', async () => {
    const key = await site.newIssue({ summary: 'Before' });
    await site.as('bot', 'PUT', `/issue/${key}`, { fields: { summary: 'After', labels: ['a', 'b'] } });
    await site.as('bot', 'PUT', `/issue/${key}`, { fields: { summary: 'After' } });
    await site.as('bot', 'POST', `/issue/${key}/remotelink`, {
      object: { url: 'http://x.example', title: 'X' },
    });
    await site.move('bot', key, '11');
    await site.move('approver', key, '31');
    await site.move('bot', key, '91');

    const { values, total, isLast } = await changelogOf(key);
    expect({ total, isLast }).toEqual({ total: 5, isLast: true });
    expect(values.map(({ items }) => items.map(({ field }) => field))).toEqual([
      ['summary', 'labels'],
      ['RemoteIssueLink'],
      ['status'],
      ['resolution', 'status'],
      ['resolution', 'status'],
    ]);
    expect(values[0]?.items[0]).toEqual({
      field: 'summary',
      fieldtype: 'jira',
      fieldId: 'summary',
      from: null,
      fromString: 'Before',
      to: null,
      toString: 'After',
    });
    expect(values[1]?.items[0]).not.toHaveProperty('fieldId');
    expect(values[3]?.author.accountId).toBe('approver');
    const ids = values.map(({ id }) => Number(id));
    expect(ids).toEqual([...new Set(ids)].toSorted((a, b) => a - b));
    const second = await changelogOf(key, '?startAt=1&maxResults=2');
    expect(second).toMatchObject({ startAt: 1, maxResults: 2, total: 5, isLast: false });
    expect(second.values.map(({ id }) => id)).toEqual(values.slice(1, 3).map(({ id }) => id));
  });

  it('leaves properties out of the changelog', async () => {
    const key = await site.newIssue();
    await site.as('engineer', 'PUT', `/issue/${key}/properties/countersign.binding`, { digest: 'other' });
    expect((await changelogOf(key)).total).toBe(0);
  });

  it('keeps to the permissions of the project', async () => {
    const key = await site.newIssue();
    const botOnly = [{ type: 'user', accountId: 'bot' }];
    const revoked = {
      EDIT_ISSUES: botOnly,
      ADD_COMMENTS: botOnly,
      CREATE_ATTACHMENTS: botOnly,
      TRANSITION_ISSUES: botOnly,
      LINK_ISSUES: botOnly,
    };
    await site.sandbox('PUT', '/projects/CHG/permissions', revoked);
    const edit = await site.as('engineer', 'PUT', `/issue/${key}`, { fields: { summary: 'Mine' } });
    expect(edit.status).toBe(403);
    expect(
      (await site.as('engineer', 'POST', `/issue/${key}/comment`, { body: paragraph('No') })).status,
    ).toBe(400);
    expect((await site.as('engineer', 'PUT', `/issue/${key}/properties/a`, 1)).status).toBe(403);
    await site.sandbox('PUT', '/projects/CHG/permissions', { BROWSE_PROJECTS: botOnly });
    expect((await site.as('engineer', 'GET', `/issue/${key}`)).status).toBe(404);
    expect((await site.as('bot', 'GET', `/issue/${key}`)).status).toBe(200);
    const anyone = [{ type: 'anyone' }];
    await site.sandbox('PUT', '/projects/CHG/permissions', {
      ...Object.fromEntries(Object.keys(revoked).map((permission) => [permission, anyone])),
      BROWSE_PROJECTS: anyone,
    });
  });

  it('refuses text that is no document in v3, and fields that are on no screen', async () => {
    const fields = { project: { key: 'CHG' }, issuetype: { name: 'Change' }, summary: 'x' };
    const refusals = [
      { ...fields, description: 'plain' },
      { ...fields, description: { type: 'doc', version: 1, content: [{ type: 'nonsense' }] } },
      { ...fields, customfield_99999: 'x' },
      { ...fields, labels: ['two words'] },
      { ...fields, summary: 'two\nlines' },
      { ...fields, summary: 'x'.repeat(256) },
    ];
    for (const refused of refusals) {
      expect((await site.as('bot', 'POST', '/issue', { fields: refused })).status).toBe(400);
    }
  });
});
