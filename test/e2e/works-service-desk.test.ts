import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, post } from '#test/sandbox/house/http.ts';
import { jiraCredentials } from '#test/sandbox/house/jira-flavour.ts';
import { openStory, type Story } from '#test/support/story.ts';
import { onApproval, oneSubnet, ticketSays } from '#test/support/refusals.ts';

let story: Story;

beforeAll(async () => {
  story = await openStory({ jiraSettings: { serviceManagement: true, fields: { labels: ['{tier}'] } } });
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
});

async function automation(): Promise<{ accountId: string }> {
  return post(`${story.jiraUrl}/sandbox/users`, {
    accountId: 'automation',
    displayName: 'Automation for Jira',
    email: 'automation@example.com',
    accountType: 'app',
  });
}

/** Adam's answer on the request's page. */
async function approve(key: string): Promise<void> {
  const { email, jira } = story.scene.players.adam;
  const credentials = jiraCredentials(story.jira, { email, token: jira.token });
  // Data Center wants it said that approvals are experimental there.
  const headers = { ...credentials, 'x-experimentalapi': 'opt-in' };
  const path = `${story.jiraUrl}/rest/servicedeskapi/request/${key}/approval`;
  const { values } = await ask<{ values: { id: string; canAnswerApproval: boolean }[] }>(path, { headers });
  const open = values.find(({ canAnswerApproval }) => canAnswerApproval);
  await post(`${path}/${open?.id}`, { decision: 'approve' }, headers);
}
