import { createCloudClient } from 'jira.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defaultStatusIds } from '#test/sandbox/jira/model/default-workflow.ts';
import { type JiraSite, paragraph, type Person, startSite } from './jira-site.ts';

/** jira.js validates every answer with schemas written by others; here a mismatch throws. */
describe('the JIRA double as jira.js sees it', () => {
  let site: JiraSite;
  const clientOf = (person: Person) =>
    createCloudClient({
      host: site.jira.url,
      auth: { type: 'basic', email: `${person}@example.com`, apiToken: `token-of-${person}` },
      onSchemaMismatch: 'throw',
    });

  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.close());

  it('creates a ticket with its binding, edits it and reads it back', async () => {
    const { issues, issueProperties } = clientOf('bot');
    const { key } = await issues.createIssue({
      fields: {
        project: { key: 'CHG' },
        issuetype: { name: 'Change' },
        summary: 'Network change',
        description: paragraph('The plan.'),
        labels: ['countersign-1'],
      },
      properties: [{ key: 'countersign.binding', value: { digest: 'abc' } }],
    });
    await issues.editIssue({ issueIdOrKey: key, fields: { summary: 'Network change, second plan' } });
    const issue = await issues.getIssue({
      issueIdOrKey: key,
      fields: ['summary', 'status', 'labels'],
      properties: ['countersign.binding'],
    });
    expect(issue.fields).toMatchObject({
      summary: 'Network change, second plan',
      status: { id: defaultStatusIds.requested },
      labels: ['countersign-1'],
    });
    expect(issue.properties).toEqual({ 'countersign.binding': { digest: 'abc' } });

    await issueProperties.setIssueProperty({
      issueIdOrKey: key,
      propertyKey: 'countersign.binding',
      body: { digest: 'def' },
    });
    const property = await issueProperties.getIssueProperty({
      issueIdOrKey: key,
      propertyKey: 'countersign.binding',
    });
    expect(property.value).toEqual({ digest: 'def' });
  });

  it('moves a ticket and names who moved it in the changelog', async () => {
    const key = await site.newIssue();
    const bot = clientOf('bot');
    const approver = clientOf('approver');
    const transitionTo = async (client: typeof bot, statusId: string) => {
      const { transitions } = await client.issues.getTransitions({
        issueIdOrKey: key,
        expand: 'transitions.fields',
      });
      const transition = transitions?.find(({ to }) => to?.id === statusId);
      await client.issues.doTransition({ issueIdOrKey: key, transition: { id: transition?.id ?? '' } });
    };
    await transitionTo(bot, defaultStatusIds.inReview);
    await transitionTo(approver, defaultStatusIds.approved);
    await transitionTo(bot, defaultStatusIds.applying);
    await bot.issues.doTransition({
      issueIdOrKey: key,
      transition: { id: '51' },
      fields: { resolution: { name: 'Done' } },
      update: { comment: [{ add: { body: paragraph('Applied.') } }] },
    });

    const changelog = await bot.issues.getChangeLogs({ issueIdOrKey: key, maxResults: 100 });
    const moves = (changelog.values ?? []).map((history) => [
      history.author?.accountId,
      history.items?.find((item) => item.fieldId === 'status')?.to,
    ]);
    expect(moves).toEqual([
      ['bot', defaultStatusIds.inReview],
      ['approver', defaultStatusIds.approved],
      ['bot', defaultStatusIds.applying],
      ['bot', defaultStatusIds.done],
    ]);
    const bulk = await bot.issues.getBulkChangelogs({ issueIdsOrKeys: [key], fieldIds: ['status'] });
    expect(bulk.issueChangeLogs?.[0]?.changeHistories).toHaveLength(4);
    const { comments } = await bot.issueComments.getComments({ issueIdOrKey: key });
    expect(comments?.[0]?.body).toMatchObject(paragraph('Applied.'));
  });

  it('refuses a move that no longer starts at the present status', async () => {
    const key = await site.newIssue();
    const { issues } = clientOf('bot');
    await expect(issues.doTransition({ issueIdOrKey: key, transition: { id: '41' } })).rejects.toMatchObject({
      status: 400,
    });
  });

  it('takes comments, attachments and remote links', async () => {
    const key = await site.newIssue();
    const bot = clientOf('bot');
    const comment = await bot.issueComments.addComment({ issueIdOrKey: key, body: paragraph('Ready.') });
    expect(comment.author?.accountId).toBe('bot');

    const [attachment] = await bot.issueAttachments.addAttachment({
      issueIdOrKey: key,
      attachments: { filename: 'plan.txt', content: 'the plan' },
    });
    const content = await bot.issueAttachments.getAttachmentContent({
      id: attachment?.id ?? '',
      redirect: false,
    });
    expect(new TextDecoder().decode(content)).toBe('the plan');
    const metadata = await bot.issueAttachments.getAttachment({ id: attachment?.id ?? '' });
    expect(metadata).toMatchObject({ filename: 'plan.txt', size: 8 });
    expect(await bot.issueAttachments.getAttachmentMeta()).toMatchObject({ enabled: true });

    const link = {
      issueIdOrKey: key,
      globalId: 'system=gitlab&id=1!2',
      relationship: 'merge request',
      object: { url: 'http://gitlab.example/net/-/merge_requests/2', title: 'net!2' },
    };
    const first = await bot.issueRemoteLinks.createOrUpdateRemoteIssueLink(link);
    const second = await bot.issueRemoteLinks.createOrUpdateRemoteIssueLink(link);
    expect(second.id).toBe(first.id);
  });

  it('searches, describes fields, people, groups, rights and projects', async () => {
    await site.newIssue({ labels: ['countersign-7'] });
    const bot = clientOf('bot');
    const found = await bot.issueSearch.searchAndReconsileIssuesUsingJqlPost({
      jql: 'project = CHG AND labels = "countersign-7" ORDER BY created ASC',
      fields: ['status', 'labels'],
    });
    expect(found.issues).toHaveLength(1);
    expect(found.isLast).toBe(true);

    expect((await bot.issueFields.getFields()).map(({ id }) => id)).toContain('description');
    expect(await bot.myself.getCurrentUser()).toMatchObject({ accountId: 'bot', accountType: 'atlassian' });
    expect(await bot.serverInfo.getServerInfo()).toMatchObject({ deploymentType: 'Cloud' });
    const rights = await bot.permissions.getMyPermissions({
      projectKey: 'CHG',
      permissions: 'CREATE_ISSUES,TRANSITION_ISSUES,ADD_COMMENTS,CREATE_ATTACHMENTS,ADMINISTER',
    });
    expect(rights.permissions).toMatchObject({
      CREATE_ISSUES: { havePermission: true },
      ADMINISTER: { havePermission: false },
    });
    const groups = await bot.users.getUserGroups({ accountId: 'approver' });
    expect(groups.map(({ name }) => name)).toEqual(['change-approvers']);
    const members = await clientOf('administrator').groups.getUsersFromGroup({
      groupname: 'change-approvers',
    });
    expect(members.values?.map(({ accountId }) => accountId)).toEqual(['approver']);
    expect(await bot.projects.getProject({ projectIdOrKey: 'CHG' })).toMatchObject({ key: 'CHG' });
    const statuses = await bot.projects.getAllStatuses({ projectIdOrKey: 'CHG' });
    expect(statuses[0]?.statuses.map(({ id }) => id)).toContain(defaultStatusIds.approved);
  });

  it('describes what may be created and edited, and links issues', async () => {
    const bot = clientOf('bot');
    const [one, other] = [await site.newIssue(), await site.newIssue()];
    const types = await bot.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'CHG' });
    const typeId = types.issueTypes?.[0]?.id ?? '';
    const fields = await bot.issues.getCreateIssueMetaIssueTypeId({
      projectIdOrKey: 'CHG',
      issueTypeId: typeId,
    });
    expect(fields.fields?.find(({ fieldId }) => fieldId === 'summary')).toMatchObject({ required: true });
    const meta = await bot.issues.getEditIssueMeta({ issueIdOrKey: one });
    expect(Object.keys(meta.fields ?? {})).toContain('labels');
    await bot.issueLinks.linkIssues({
      type: { name: 'Relates' },
      inwardIssue: { key: one },
      outwardIssue: { key: other },
    });
    const { fields: linked } = await bot.issues.getIssue({ issueIdOrKey: one, fields: ['issuelinks'] });
    expect(linked?.['issuelinks']).toMatchObject([{ outwardIssue: { key: other } }]);
  });

  it('turns text into a document when a comment is given as a string', async () => {
    const key = await site.newIssue();
    const comment = await clientOf('bot').issueComments.addComment({
      issueIdOrKey: key,
      body: 'Plain words',
    });
    expect(comment.body).toMatchObject(paragraph('Plain words'));
  });

  it('reports a rate limit with the time to wait', async () => {
    const key = await site.newIssue();
    await site.sandbox('POST', '/faults', { kind: 'rate-limited', path: '/issue/', retryAfterSeconds: 7 });
    await expect(clientOf('bot').issues.getIssue({ issueIdOrKey: key })).rejects.toMatchObject({
      status: 429,
      retryAfterMs: 7000,
    });
  });
});
