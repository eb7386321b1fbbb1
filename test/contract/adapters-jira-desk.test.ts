import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Ticketing } from '#app/ports/ticketing.ts';
import { FLAVOURS, request, type Scene, setScene, STATUS_IDS } from './adapters-jira-scene.ts';

let scene: Scene;
let tickets: Ticketing;

describe.each(FLAVOURS)('approvals of Jira Service Management, %s', (flavour) => {
  beforeEach(async () => {
    scene = await setScene(flavour);
    tickets = scene.adapter({ botAccount: scene.bot.accountId, serviceManagement: {} });
    await serviceDesk({ needed: 1 });
  });
  afterEach(async () => {
    await scene.jira.close();
  });

  test('are read with the ticket: who was asked, who approved, and when', async () => {
    const key = await inReview();
    const asked = await tickets.read(key);
    expect(asked.desk).toMatchObject([
      { decision: 'pending', decisions: [{ account: scene.approver.accountId, decision: 'pending' }] },
    ]);
    await answer(key, 'approve');
    const { desk, moves, status } = await tickets.read(key);
    expect(status).toBe('approved');
    expect(desk).toMatchObject([
      {
        decision: 'approved',
        completedAt: expect.stringMatching(/Z$/),
        decisions: [
          { account: scene.approver.accountId, accountKind: 'person', active: true, decision: 'approved' },
        ],
      },
    ]);
    expect(Date.parse(desk?.[0]?.openedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(moves[0]?.at ?? ''));
    expect((await tickets.read(key)).desk).toEqual(desk);
  });

  test('of somebody whose account was deleted since are read with the others, as of nobody who may decide', async () => {
    const key = await inReview();
    await answer(key, 'approve');
    await scene.sandbox('DELETE', `/users/${scene.approver.accountId}`);
    const { desk, status } = await tickets.read(key);
    expect(status).toBe('approved');
    expect(desk?.[0]?.decisions).toMatchObject([
      { account: scene.approver.accountId, accountKind: 'other', active: false, decision: 'approved' },
    ]);
  });

  test('of several rounds come oldest first, each with what came of it', async () => {
    const key = await inReview();
    await answer(key, 'decline');
    await tickets.move(key, ['rejected'], 'requested');
    await tickets.move(key, ['requested'], 'in-review');
    await answer(key, 'approve');
    expect((await tickets.read(key)).desk?.map(({ decision }) => decision)).toEqual(['declined', 'approved']);
  });

  test('are not asked for where approvals are given by moving the ticket', async () => {
    const { key } = await scene.tickets.open(request());
    expect((await scene.tickets.read(key)).desk).toBeUndefined();
    expect(scene.calls.some(({ route }) => route.startsWith('servicedeskapi'))).toBe(false);
  });

  test('that cannot be read make the reading fail, rather than look like none', async () => {
    const key = await inReview();
    await scene.fault({ kind: 'server-error', path: '/approval$', count: 3 });
    await expect(tickets.read(key)).rejects.toMatchObject({ code: 'jira-failing' });
  });

  test('a ticket may be opened as a request, with everything that one of ours has', async () => {
    const project = await serviceDesk({ needed: 1 });
    const asRequests = scene.adapter({
      botAccount: scene.bot.accountId,
      serviceManagement: { request: project },
    });
    const { key } = await asRequests.open(request());
    const reading = await asRequests.read(key);
    expect(reading).toMatchObject({ status: 'requested', boundTuple: 'tuple-1', exists: true });
    expect((await asRequests.open(request({ mayExist: true }))).key).toBe(key);
    expect(await scene.issuesMade()).toBe(1);
  });

  test('a request whose labelling was lost is found again and becomes the ticket', async () => {
    const project = await serviceDesk({ needed: 1 });
    const asRequests = scene.adapter({
      botAccount: scene.bot.accountId,
      serviceManagement: { request: project },
    });
    await scene.fault({ kind: 'reset-after-write', method: 'POST', path: '/servicedeskapi/request$' });
    await expect(asRequests.open(request())).rejects.toMatchObject({ code: 'jira-unreachable' });
    const { key } = await asRequests.open(request({ mayExist: true }));
    expect(await scene.issuesMade()).toBe(1);
    expect(await asRequests.read(key)).toMatchObject({ boundTuple: 'tuple-1', exists: true });
  });

  test('an examination finds the service desk, or says that there is none', async () => {
    const finding = async () =>
      (await tickets.examine()).find(({ subject }) => subject === 'service management');
    expect(await finding()).toMatchObject({ state: 'well' });
    const elsewhere = scene.adapter({ projectKey: 'OTHER', serviceManagement: {} });
    await scene.sandbox('POST', '/projects', { key: 'OTHER', name: 'Other' });
    expect((await elsewhere.examine()).find(({ subject }) => subject === 'service management')).toMatchObject(
      { state: 'wrong' },
    );
  });
});

async function serviceDesk({ needed }: { needed: number }) {
  const { serviceDesk: desk } = await scene.sandbox<{
    serviceDesk: { id: string; requestTypes: { id: string }[] };
  }>('PUT', '/projects/CHG/service-desk', {
    requestTypes: [{ name: 'Infrastructure change', issueType: 'Change' }],
    approval: {
      statusId: STATUS_IDS['in-review'],
      approversGroup: 'change-approvers',
      needed,
      approvedStatusId: STATUS_IDS.approved,
      declinedStatusId: STATUS_IDS.rejected,
    },
  });
  return { serviceDeskId: desk.id, requestTypeId: desk.requestTypes[0]?.id ?? '' };
}

async function inReview(): Promise<string> {
  const { key } = await tickets.open(request());
  await tickets.move(key, ['requested'], 'in-review');
  return key;
}

async function answer(key: string, decision: 'approve' | 'decline'): Promise<void> {
  const path = `servicedeskapi/request/${key}/approval`;
  const { values } = await scene.raw<{ values: { id: string; canAnswerApproval: boolean }[] }>(
    scene.approver,
    'GET',
    path,
  );
  const open = values.find(({ canAnswerApproval }) => canAnswerApproval);
  await scene.raw(scene.approver, 'POST', `${path}/${open?.id}`, { decision });
}
