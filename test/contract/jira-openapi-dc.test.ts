import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dataCenterDocument,
  type OpenApiDocument,
  serviceDeskDocument,
  specsFolder,
} from './jira-openapi.ts';
import { fileForm, type JiraSite, startSite } from './jira-site.ts';
import { templated } from './jira-routes.ts';

/** Routes of Data Center that the subset document leaves out; each is in Atlassian's full document. */
const outsideTheSubset = new Set([
  'DELETE /issue/{}',
  'DELETE /issue/{}/comment/{}',
  'DELETE /issue/{}/remotelink/{}',
  'GET /status/{}',
  'GET /statuscategory',
]);

describe.skipIf(specsFolder === undefined)(
  "the JIRA double as Data Center against Atlassian's document (skipped without the specs folder)",
  () => {
    let document: OpenApiDocument;
    let site: JiraSite;

    beforeAll(async () => {
      document = dataCenterDocument();
      site = await startSite({ version: '2', document, edition: 'data-center' });
    });
    afterAll(() => site.close());

    it('has no route that Data Center lacks, and every documented one', async () => {
      const { body } = await site.sandbox('GET', '/routes');
      const routes = (body as { method: string; path: string }[])
        .filter(({ path }) => path.startsWith('/rest/api/'))
        .map(({ method, path }) => templated(`${method} ${path}`));
      const documented = document.operations.map(templated);
      expect(routes.length).toBeGreaterThan(35);
      expect(routes.filter((each) => !documented.includes(each) && !outsideTheSubset.has(each))).toEqual([]);
      expect(documented.filter((each) => !routes.includes(each))).toEqual([]);
    });

    it('speaks version 2 alone', async () => {
      expect((await site.as('bot', 'GET', '/rest/api/3/myself')).status).toBe(404);
      expect((await site.as('bot', 'GET', '/rest/api/2/search/jql?jql=project=CHG')).status).toBe(404);
      expect((await site.as('bot', 'GET', '/rest/api/2/issue/CHG-1/changelog')).status).toBe(404);
    });

    it('answers issue calls as documented, and keeps wiki text as it was written', async () => {
      const description = 'h1. Plan\n\n||a||b||\n|1|*2*|\n{noformat}\n+ x\n{noformat}';
      const created = await site.as('bot', 'POST', '/issue', {
        fields: {
          project: { key: 'CHG' },
          issuetype: { name: 'Change' },
          summary: 'Network change',
          description,
          labels: ['countersign-1'],
        },
        properties: [{ key: 'countersign.binding', value: { digest: 'abc' } }],
      });
      expect(created.status).toBe(201);
      const { key } = created.body as { key: string };
      const edit = { fields: { summary: 'Second plan' }, update: { labels: [{ add: 'risky' }] } };
      expect((await site.as('bot', 'PUT', `/issue/${key}`, edit)).status).toBe(204);
      const read = await site.as(
        'bot',
        'GET',
        `/issue/${key}?expand=changelog,renderedFields&properties=countersign.binding`,
      );
      expect(read.body).toMatchObject({
        key,
        fields: { summary: 'Second plan', description, creator: { key: 'bot', name: 'bot' } },
        properties: { 'countersign.binding': { digest: 'abc' } },
        renderedFields: { description: expect.stringContaining('<td><p><strong>2</strong></p></td>') },
        changelog: { total: 1, histories: [{ items: [{ field: 'summary' }, { field: 'labels' }] }] },
      });
      expect(JSON.stringify(read.body)).not.toContain('fieldId');
      for (const [path, status] of [
        [`/issue/${key}/editmeta`, 200],
        ['/issue/CHG-999', 404],
        ['/issue/createmeta/CHG/issuetypes', 200],
        ['/issue/createmeta/CHG/issuetypes/10000', 200],
        ['/field', 200],
      ] as const) {
        expect((await site.as('bot', 'GET', path)).status, path).toBe(status);
      }
      expect((await site.as('bot', 'POST', '/issue', { fields: {} })).status).toBe(400);
      expect((await site.as('nobody', 'GET', '/myself')).status).toBe(401);
    });

    it('answers transition calls as documented: 500 to an id that there is not', async () => {
      const key = await site.newIssue();
      await site.move('bot', key, '11');
      await site.move('approver', key, '21');
      expect((await site.as('bot', 'GET', `/issue/${key}/transitions`)).status).toBe(200);
      const move = (id: string) =>
        site.as('bot', 'POST', `/issue/${key}/transitions`, { transition: { id } });
      expect((await move('11')).status).toBe(400);
      expect((await move('9999')).status).toBe(500);
      const read = await site.as('bot', 'GET', `/issue/${key}?fields=status&expand=changelog`);
      expect(read.body).toMatchObject({
        changelog: { total: 2, histories: [{ author: { key: 'bot' } }, { author: { key: 'approver' } }] },
      });
    });

    it('answers comment, attachment, link and property calls as documented', async () => {
      const key = await site.newIssue();
      const comment = await site.as('bot', 'POST', `/issue/${key}/comment`, { body: '*Ready.*' });
      expect(comment.status).toBe(201);
      const { id } = comment.body as { id: string };
      const path = `/issue/${key}/comment/${id}`;
      expect((await site.as('bot', 'PUT', path, { body: 'Read me.' })).status).toBe(200);
      expect((await site.as('bot', 'GET', `${path}?expand=renderedBody`)).status).toBe(200);
      expect((await site.as('bot', 'GET', `/issue/${key}/comment?orderBy=-created`)).status).toBe(200);

      const form = fileForm('plan.txt', 'plan');
      const attached = await site.as('bot', 'POST', `/issue/${key}/attachments`, form);
      expect(attached.status).toBe(200);
      const [file] = attached.body as { id: string; content: string }[];
      expect(file?.content).toContain(`/secure/attachment/${file?.id}/plan.txt`);
      expect((await site.as('bot', 'GET', `/attachment/${file?.id}`)).status).toBe(200);
      expect((await site.as('bot', 'GET', '/attachment/meta')).status).toBe(200);

      const object = { url: 'http://gitlab.example/1', title: 'net!2', status: { resolved: false } };
      const link = { globalId: 'system=gitlab&id=1!2', relationship: 'merge request', object };
      for (let i = 0; i < 2; i += 1)
        expect((await site.as('bot', 'POST', `/issue/${key}/remotelink`, link)).status).toBe(200);
      expect((await site.as('bot', 'GET', `/issue/${key}/remotelink`)).body).toHaveLength(1);

      const property = `/issue/${key}/properties/countersign.binding`;
      expect((await site.as('bot', 'PUT', property, { a: 1 })).status).toBe(201);
      expect((await site.as('bot', 'PUT', property, { a: 2 })).status).toBe(200);
      expect((await site.as('bot', 'GET', property)).status).toBe(200);
    });

    it('answers search, people and site calls as documented', async () => {
      await site.newIssue({ labels: ['findme'] });
      const query = { jql: 'labels = findme', fields: ['summary', 'creator'] };
      const found = await site.as('bot', 'POST', '/search', query);
      expect(found.body).toMatchObject({ startAt: 0, total: 1, issues: [{ fields: { creator: {} } }] });
      for (const [person, path, status] of [
        ['bot', '/search?jql=project%20%3D%20CHG&startAt=1&maxResults=1', 200],
        ['bot', '/search?jql=nonsense', 400],
        ['bot', '/myself?expand=groups', 200],
        ['bot', '/serverInfo', 200],
        ['bot', '/mypermissions?projectKey=CHG', 200],
        ['bot', '/user?key=approver', 200],
        ['bot', '/user?username=approver', 200],
        ['bot', '/user?key=none', 404],
        ['administrator', '/group/member?groupname=change-approvers', 200],
        ['bot', '/group/member?groupname=change-approvers', 403],
        ['bot', '/project/CHG', 200],
        ['bot', '/project/CHG/statuses', 200],
        ['bot', '/status', 200],
      ] as const) {
        expect((await site.as(person, 'GET', path)).status, path).toBe(status);
      }
    });

    it('knows a password as well as a token', async () => {
      const encoded = Buffer.from('bot:token-of-bot').toString('base64');
      const answer = await fetch(`${site.jira.url}/rest/api/2/myself`, {
        headers: { authorization: `Basic ${encoded}` },
      });
      expect(await answer.json()).toMatchObject({ key: 'bot' });
    });

    it('finds a planted mismatch', () => {
      const path = '/rest/api/2/issue/CHG-1';
      expect(document.problems('GET', path, 200, { key: 7 }).length).toBeGreaterThan(0);
      expect(document.problems('GET', path, 418, null)).toEqual(['the status 418 is not documented']);
    });
  },
);

describe.skipIf(specsFolder === undefined)(
  "the double's service desk against Atlassian's document (skipped without the specs folder)",
  () => {
    /** Operations of the subset that the double does not offer, since the product does not use them. */
    const notOffered = [
      'GET /rest/servicedeskapi/request',
      'GET /rest/servicedeskapi/request/{}/comment',
      'GET /rest/servicedeskapi/request/{}/transition',
      'GET /rest/servicedeskapi/servicedesk/{}/requesttype/{}/field',
      'POST /rest/servicedeskapi/request/{}/comment',
      'POST /rest/servicedeskapi/request/{}/transition',
    ];

    it('answers as documented, from the opening of a request to its approval', async () => {
      const document = serviceDeskDocument();
      const site = await startSite({ version: '3', document });
      try {
        const { body } = await site.sandbox('GET', '/routes');
        const routes = (body as { method: string; path: string }[])
          .filter(({ path }) => path.startsWith('/rest/servicedeskapi/'))
          .map(({ method, path }) => templated(`${method} ${path}`));
        const documented = document.operations.map(templated);
        expect(routes.filter((each) => !documented.includes(each))).toEqual([]);
        expect(documented.filter((each) => !routes.includes(each)).toSorted()).toEqual(notOffered);

        await site.sandbox('PUT', '/projects/CHG/service-desk', {
          requestTypes: [{ name: 'Change', issueType: 'Change' }],
          approval: {
            statusId: '10101',
            approversGroup: 'change-approvers',
            needed: 1,
            approvedStatusId: '10102',
            declinedStatusId: '10103',
          },
        });
        const desk = '/rest/servicedeskapi';
        const desks = await site.as('bot', 'GET', `${desk}/servicedesk`);
        const { id: serviceDeskId } = (desks.body as { values: [{ id: string }] }).values[0];
        const types = await site.as('bot', 'GET', `${desk}/servicedesk/${serviceDeskId}/requesttype`);
        const { id: requestTypeId } = (types.body as { values: [{ id: string }] }).values[0];
        const request = { serviceDeskId, requestTypeId, requestFieldValues: { summary: 'A change' } };
        const opened = await site.as('bot', 'POST', `${desk}/request`, request);
        expect(opened.status).toBe(201);
        const { issueKey } = opened.body as { issueKey: string };
        expect((await site.as('bot', 'GET', `${desk}/request/${issueKey}`)).status).toBe(200);

        await site.move('bot', issueKey, '11');
        const asked = await site.as('bot', 'GET', `${desk}/request/${issueKey}/approval`);
        const [approval] = (asked.body as { values: { id: string; canAnswerApproval: boolean }[] }).values;
        expect(approval?.canAnswerApproval).toBe(false);
        const path = `${desk}/request/${issueKey}/approval/${approval?.id}`;
        expect((await site.as('bot', 'POST', path, { decision: 'approve' })).status).toBe(403);
        const answered = await site.as('approver', 'POST', path, { decision: 'approve' });
        expect(answered.body).toMatchObject({ finalDecision: 'approved' });
        expect((await site.as('approver', 'POST', path, { decision: 'approve' })).status).toBe(409);
        expect((await site.as('bot', 'GET', path)).status).toBe(200);
        expect((await site.as('bot', 'GET', `/issue/${issueKey}?fields=status`)).body).toMatchObject({
          fields: { status: { id: '10102' } },
        });
      } finally {
        await site.close();
      }
    });
  },
);
