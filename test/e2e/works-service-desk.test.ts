import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, post } from '#test/sandbox/house/http.ts';
import { jiraCredentials } from '#test/sandbox/house/jira-flavour.ts';
import { openStory, type Story, until } from '#test/support/story.ts';
import { onApproval, oneSubnet, ticketSays } from '#test/support/refusals.ts';

let story: Story;

beforeAll(async () => {
  story = await openStory({
    jiraSettings: { serviceManagement: true, fields: { labels: ['{tier}'] } },
    server: {
      tiers: [
        { name: 'normal' },
        {
          name: 'high',
          approvals: [
            { id: 'owner', from: ['owners'] },
            { id: 'security', from: ['security'] },
          ],
        },
      ],
    },
    groups: { adam: ['owners'], mia: ['security'] },
    projects: [
      { match: 'fin/prod/**', applyOn: 'approval', tier: 'high' },
      { match: '**', applyOn: 'approval' },
    ],
  });
  await ask(`${story.jiraUrl}/sandbox/projects/CHG/service-desk`, {
    method: 'PUT',
    body: {
      requestTypes: [{ name: 'Infrastructure change', issueType: 'Change' }],
      approval: {
        statusId: '10101',
        approversGroup: 'change-approvers',
        needed: 1,
        approvedStatusId: '10102',
        declinedStatusId: '10103',
        // As JIRA's own automation would: who moved the ticket says nothing of who approved.
        movedBy: (await automation()).accountId,
      },
    },
  });
});
afterAll(() => story.close());

describe('where approvals are given on a service desk', () => {
  test('an approval given there is applied, whoever moved the ticket then', async () => {
    const { iid } = await story.propose('asked', oneSubnet(story, onApproval('asked')));
    const key = await story.ticketIs(iid, 'In review');
    expect((await story.issue(key)).fields.labels).toContain('normal');
    await approve(key);
    await story.changeIs(iid, 'merged');
    const [last] = await story.query<{ desk: unknown }>(
      `select payload::jsonb #> '{reading,desk}' as desk from audit.entries join audit.payloads using (idx)
       where envelope::jsonb ->> 'type' = 'ticket-read' order by idx desc limit 1`,
    );
    expect(last?.desk).toMatchObject([{ decision: 'approved' }]);
  });

  test('a move by hand that no approval stands behind counts nothing', async () => {
    const { iid } = await story.propose('by-hand', oneSubnet(story, onApproval('by-hand')));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'no approval was given on the service desk since it went to review',
    );
    await story.ticketIs(iid, 'In review');
    await approve(key);
    await story.changeIs(iid, 'merged');
  });

  test('two who have to approve are asked one after the other, each in an approval of the desk', async () => {
    const { iid } = await story.propose('both', oneSubnet(story, 'fin/prod/both'));
    const key = await story.ticketIs(iid, 'In review');
    await approve(key);
    await until('the ticket to ask on', async () => ((await approvals(key)).length === 2 ? true : undefined));
    expect(await ticketSays(story, key, /Approved by Adam Approver/)).toMatch(/somebody of security/i);
    expect(await story.attempts(iid)).toEqual([]);
    // Whoever approved already is no second approver.
    await approve(key);
    await until('the ticket to ask on again', async () =>
      (await approvals(key)).length === 3 ? true : undefined,
    );
    expect(await story.attempts(iid)).toEqual([]);
    await approve(key, 'mia');
    await story.changeIs(iid, 'merged');
    expect(await story.attempts(iid)).toHaveLength(1);
    expect((await approvals(key)).map(({ finalDecision }) => finalDecision)).toEqual([
      'approved',
      'approved',
      'approved',
    ]);
  });
});

async function automation(): Promise<{ accountId: string }> {
  return post(`${story.jiraUrl}/sandbox/users`, {
    accountId: 'automation',
    displayName: 'Automation for Jira',
    email: 'automation@example.com',
    accountType: 'app',
  });
}

interface Approval {
  id: string;
  canAnswerApproval: boolean;
  finalDecision: string;
}

/** The approvals of the request as somebody sees them on its page. */
async function approvals(key: string, as: 'adam' | 'mia' = 'adam'): Promise<Approval[]> {
  return (await ask<{ values: Approval[] }>(pathOf(key), { headers: headersOf(as) })).values;
}

/** Somebody's answer on the request's page. */
async function approve(key: string, as: 'adam' | 'mia' = 'adam'): Promise<void> {
  const open = (await approvals(key, as)).find(({ canAnswerApproval }) => canAnswerApproval);
  await post(`${pathOf(key)}/${open?.id}`, { decision: 'approve' }, headersOf(as));
}

function pathOf(key: string): string {
  return `${story.jiraUrl}/rest/servicedeskapi/request/${key}/approval`;
}

function headersOf(as: 'adam' | 'mia'): Record<string, string> {
  const { email, jira } = story.scene.players[as];
  const credentials = jiraCredentials(story.jira, { email, token: jira.token });
  // Data Center wants it said that approvals are experimental there.
  return { ...credentials, 'x-experimentalapi': 'opt-in' };
}
