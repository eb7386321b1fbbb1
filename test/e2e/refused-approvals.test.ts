import { createHmac, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitlabAs, jiraAs } from '#test/sandbox/house/actors.ts';
import { post } from '#test/sandbox/house/http.ts';
import {
  fault,
  logTells,
  nothingApplied,
  onApproval,
  onCommand,
  oneSubnet,
  quiet,
  refusedReply,
  storedHooks,
  strangerInJira,
  ticketSays,
} from '#test/support/refusals.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

let story: Story;
beforeAll(async () => {
  story = await openStory();
}, 60_000);
afterAll(() => story?.close());

describe('an apply before the approval', () => {
  test('is refused to the operator with everything that is missing, and the ticket waits on', async () => {
    const { iid } = await story.propose('unapproved', oneSubnet(story, onCommand('unapproved')));
    const key = await story.ticketIs(iid, 'In review');
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(`\`ticket-approved\`: ${key} is in review and not approved yet.`);
    expect(reply).toContain('An approver moves it to Approved.');
    expect(reply).toContain('`approver-allowed`: nobody has approved yet.');
    await logTells(story, iid, 'gates-evaluated', /gates-closed.*ticket-approved/);
    await nothingApplied(story, iid);
    expect((await story.issue(key)).fields.status.name).toBe('In review');
  });

  test('is refused to the author for every reason there is', async () => {
    const { iid } = await story.propose('by-author', oneSubnet(story, onCommand('by-author')));
    const key = await story.ticketIs(iid, 'In review');
    const reply = await refusedReply(story, story.erin, iid);
    expect(reply).toContain('does not have the operator role');
    expect(reply).toContain('asked for this change');
    expect(reply).toContain(`icket ${key} is not approved`);
    await logTells(story, iid, 'command-received', /not-an-operator.*operator-is-requester.*not-approved/);
    await nothingApplied(story, iid);
  });
});

describe('a change approved by one of those who made it', () => {
  test('goes back to review when the author approves, and is applied once somebody else has', async () => {
    await story.mia.push('own', oneSubnet(story, onApproval('own')));
    const { iid } = await story.mia.open('own', 'Mia approves what she wrote');
    const key = await story.ticketIs(iid, 'In review');
    await jiraAs(story, story.scene.players.mia).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'Mia Maintainer approved a change of their own',
    );
    await story.ticketIs(iid, 'In review');
    await logTells(story, iid, 'verdict-refused', /Mia Maintainer approved a change of their own/);
    await nothingApplied(story, iid);
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'merged');
    expect((await story.attempts(iid)).map(({ outcome }) => outcome)).toEqual(['succeeded']);
  });

  test('goes back to review when a commit carries the approver’s e-mail', async () => {
    const { adam, erin } = story.scene.players;
    await gitlabAs(story, { ...erin, name: adam.name, email: 'ADAM@example.com' }).push(
      'committed',
      oneSubnet(story, onApproval('committed')),
    );
    const { iid } = await story.erin.open('committed', 'Commits of the approver');
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const comment = await ticketSays(story, key, /does not count/);
    expect(comment).toContain('Adam Approver approved a change of their own');
    expect(comment).toContain('ADAM@example.com');
    await story.ticketIs(iid, 'In review');
    // The ticket asks about the same plans: nothing of them is news.
    expect(JSON.stringify((await story.issue(key)).fields.description)).not.toContain('What changed since');
    await logTells(story, iid, 'verdict-refused', /ADAM@example.com/);
    await nothingApplied(story, iid);
  });

  test('goes back to review when the approver pushed commits of another', async () => {
    const { erin, mia } = story.scene.players;
    await gitlabAs(story, { ...mia, name: erin.name, email: erin.email }).push(
      'pushed',
      oneSubnet(story, onApproval('pushed')),
    );
    const { iid } = await story.erin.open('pushed', 'Pushed by the approver');
    const key = await story.ticketIs(iid, 'In review');
    await jiraAs(story, mia).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'Mia Maintainer approved a change of their own: they pushed to its branch',
    );
    await story.ticketIs(iid, 'In review');
    await logTells(story, iid, 'verdict-refused', /pushed to its branch/);
    await nothingApplied(story, iid);
  });

  test('is not applied at the command of the requester, but at another operator’s', async () => {
    await story.mia.push('commands', oneSubnet(story, onCommand('commands')));
    const { iid } = await story.mia.open('commands', 'Mia would apply what she asked for');
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const reply = await refusedReply(story, story.mia, iid);
    expect(reply).toContain('asked for this change, and requester and operator are different people');
    expect(reply).toContain('Ask another operator to comment.');
    await logTells(story, iid, 'command-received', /operator-is-requester/);
    await nothingApplied(story, iid);
    await story.olga.comment(iid, 'countersign apply');
    await story.changeIs(iid, 'merged');
  });
});

describe('an approval by somebody who may not approve', () => {
  test('does not count when the people file does not know the account', async () => {
    const { iid } = await story.propose('stranger', oneSubnet(story, onApproval('stranger')));
    const key = await story.ticketIs(iid, 'In review');
    const stranger = await strangerInJira(story, 'uma');
    await jiraAs(story, stranger).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      `No entry in the people file has jiraAccount ${stranger.jira.accountId} (uma)`,
    );
    await story.ticketIs(iid, 'In review');
    await logTells(
      story,
      iid,
      'gates-evaluated',
      /approver-allowed.*an administrator adds it to the people file/,
    );
    await logTells(story, iid, 'verdict-refused', /no entry in the people file/);
    await nothingApplied(story, iid);
  });

  test('does not count when the people file does not make them an approver', async () => {
    const { olga } = story.scene.players;
    await post(`${story.jiraUrl}/sandbox/groups`, {
      name: 'change-approvers',
      members: [olga.jira.accountId],
    });
    const { iid } = await story.propose('no-role', oneSubnet(story, onApproval('no-role')));
    const key = await story.ticketIs(iid, 'In review');
    await jiraAs(story, olga).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'Olga Operator does not have the role approver',
    );
    await story.ticketIs(iid, 'In review');
    await logTells(story, iid, 'verdict-refused', /Olga Operator does not have the role approver/);
    await nothingApplied(story, iid);
  });

  test('does not count when an app moved the ticket', async () => {
    const { iid } = await story.propose('by-app', oneSubnet(story, onApproval('by-app')));
    const key = await story.ticketIs(iid, 'In review');
    await jiraAs(story, await strangerInJira(story, 'automation', 'app')).move(key, 'Approved');
    expect(await ticketSays(story, key, /does not count/)).toContain("is not a person's account");
    await story.ticketIs(iid, 'In review');
    await logTells(story, iid, 'verdict-refused', /is not a person/);
    await nothingApplied(story, iid);
  });
});

describe('an approval of something else', () => {
  test('does not count for the plan that a later plan run made', async () => {
    const clock = 'resource "terraform_data" "made" {\n  input = plantimestamp()\n}\n';
    const { iid } = await story.propose('older', oneSubnet(story, onCommand('older'), clock));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    const approvedAt = Date.now();
    await story.changeIs(iid, 'ready');
    // Terraform's clock knows seconds: two plans within one are the same.
    await until('the next second', async () =>
      Math.floor(Date.now() / 1000) > Math.floor(approvedAt / 1000) ? true : undefined,
    );
    await story.erin.comment(iid, 'countersign plan');
    await logTells(story, iid, 'approval-voided', /the plan is another one/);
    expect(await ticketSays(story, key, /does not count/)).toContain(
      'before the present plan came to review',
    );
    await story.ticketIs(iid, 'In review');
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(`${key} is in review and not approved yet`);
    await nothingApplied(story, iid);
  });

  test('does not count for commits that were pushed after it', async () => {
    const { iid } = await story.propose('after', oneSubnet(story, onCommand('after')));
    const key = await story.ticketIs(iid, 'In review');
    await story.adamInJira.move(key, 'Approved');
    await story.changeIs(iid, 'ready');
    const head = await story.erin.push('after', {
      'fin/prod/after/outputs.tf': 'output "more" { value = 1 }\n',
    });
    await logTells(story, iid, 'approval-voided', new RegExp(`revision 2 at ${head.slice(0, 12)}`));
    expect(await ticketSays(story, key, /Taken out of review/)).toContain(
      'earlier decisions do not carry over',
    );
    await story.ticketIs(iid, 'In review');
    const reply = await refusedReply(story, story.olga, iid);
    expect(reply).toContain(`${key} is in review and not approved yet`);
    await nothingApplied(story, iid);
  });

  test('does not count when it comes just while the ticket is being taken out of review', async () => {
    const { iid } = await story.propose('meanwhile', oneSubnet(story, onApproval('meanwhile')));
    const key = await story.ticketIs(iid, 'In review');
    // The service cannot read the ticket, so it cannot move it either, while Adam still sees the old plan in review.
    await fault(story.jiraUrl, {
      kind: 'unavailable',
      method: 'GET',
      path: `/issue/${key}(\\?|$)`,
      count: 100_000,
    });
    await story.erin.push('meanwhile', { 'biz/dev/meanwhile/outputs.tf': 'output "more" { value = 1 }\n' });
    await logTells(story, iid, 'revision-opened', /"revision":2/);
    await story.adamInJira.move(key, 'Approved');
    await post(`${story.jiraUrl}/sandbox/heal`, {});
    expect(await ticketSays(story, key, /Taken out of review/)).toContain(
      'earlier decisions do not carry over',
    );
    await story.noteSays(iid, /Waiting for approval/);
    await nothingApplied(story, iid);
    expect((await story.issue(key)).fields.status.name).toBe('In review');
  });
});

describe('a forged hook of JIRA', () => {
  test('that JIRA itself signed does not approve: the ticket is read again, and says otherwise', async () => {
    const { iid } = await story.propose('forged-approval', oneSubnet(story, onApproval('forged-approval')));
    const key = await story.ticketIs(iid, 'In review');
    await quiet(story);
    const told = await story.entries(iid);
    await post(`${story.jiraUrl}/sandbox/hooks/forge`, {
      webhookId: story.hooks.jiraHookId,
      issueKey: key,
      accountId: story.scene.players.adam.jira.accountId,
      toStatusId: '10102',
    });
    await quiet(story);
    // Authentic as it is, it is stored and makes the service look; what it says is not believed.
    const [last] = await story.query<{ source: string; result: string }>(
      'select source, result from webhook_deliveries order by id desc limit 1',
    );
    expect(last).toEqual({ source: 'jira', result: 'ticket to be read' });
    expect((await story.changeOf(iid)).state.ticket.review?.status).toBe('in-review');
    expect(await story.entries(iid)).toEqual(told);
    expect(await refusedReply(story, story.olga, iid)).toContain(`${key} is in review and not approved yet`);
    await nothingApplied(story, iid);
  });

  test('without a signature, or with another’s, is turned away and not even stored', async () => {
    const { iid } = await story.propose('unsigned', oneSubnet(story, onCommand('unsigned')));
    const key = await story.ticketIs(iid, 'In review');
    await quiet(story);
    const stored = await storedHooks(story);
    for (const signature of [
      undefined,
      `sha256=${'0'.repeat(64)}`,
      signedBy(randomBytes(24).toString('hex')),
    ])
      expect(await sendToJiraHook(key, signature)).toBe(401);
    expect(await storedHooks(story)).toBe(stored);
    await nothingApplied(story, iid);
  });
});

test('a rejected change is not applied, whoever commands it', async () => {
  const { iid } = await story.propose('rejected', oneSubnet(story, onCommand('rejected')));
  const key = await story.ticketIs(iid, 'In review');
  await story.adamInJira.move(key, 'Rejected');
  const { body } = await story.noteSays(iid, /\*\*Rejected\.\*\*/);
  expect(body).toContain('Push a new version, or close the merge request.');
  expect(await refusedReply(story, story.olga, iid)).toContain('was rejected');
  await logTells(story, iid, 'command-received', /rejected/);
  await nothingApplied(story, iid);
});

test('the log of all these refusals proves itself', async () => {
  expect(await story.cli('audit', 'verify')).toMatchObject({ code: 0 });
});

const jiraBody = (key: string) =>
  JSON.stringify({ webhookEvent: 'jira:issue_updated', timestamp: 1_700_000_000_000, issue: { key } });

/** A signature of that body with a secret that is not JIRA's. */
const signedBy = (secret: string) =>
  `sha256=${createHmac('sha256', secret).update(jiraBody('CHG-1')).digest('hex')}`;

async function sendToJiraHook(key: string, signature: string | undefined): Promise<number> {
  const { status } = await fetch(`${story.serverUrl}/hooks/jira/${story.hooks.jiraSegment}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(signature === undefined ? {} : { 'x-hub-signature': signature }),
    },
    body: jiraBody(key),
  });
  return status;
}
