import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jiraDocument, type OpenApiDocument, specsFolder } from './jira-openapi.ts';
import { templated } from './jira-routes.ts';
import { fileForm, type JiraSite, paragraph, startSite } from './jira-site.ts';

/** Routes of JIRA that the subset documents leave out; each is in Atlassian's full documents. */
const outsideTheSubset = new Set([
  'DELETE /issue/{}',
  'DELETE /issue/{}/comment/{}',
  'DELETE /issue/{}/remotelink/{}',
  'GET /status/{}',
  'GET /statuscategory',
]);

/** Operations of the subset that the double does not offer, since the product does not use them. */
const notOffered = [
  'GET /webhook',
  'POST /webhook',
  'DELETE /webhook',
  'PUT /webhook/refresh',
  'GET /webhook/failed',
  'GET /field/search',
];

describe.skipIf(specsFolder === undefined)(
  "the JIRA double against Atlassian's documents (skipped without the specs folder)",
  () => {
    describe.each(['2', '3'] as const)('version %s', (version) => {
      let document: OpenApiDocument;
      let site: JiraSite;
      const text = (words: string) => (version === '3' ? paragraph(words) : words);

      beforeAll(async () => {
        document = jiraDocument(version);
        site = await startSite({ version, document });
      });
      afterAll(() => site.close());

      it('has no route that JIRA lacks', async () => {
        const { body } = await site.sandbox('GET', '/routes');
        const documented = new Set(document.operations.map(templated));
        const routes = (body as { method: string; path: string }[])
          .filter(({ path }) => path.startsWith(`/rest/api/${version}/`))
          .map(({ method, path }) => templated(`${method} ${path}`));
        expect(routes.length).toBeGreaterThan(40);
        expect(routes.filter((route) => !documented.has(route) && !outsideTheSubset.has(route))).toEqual([]);
      });

      it('offers every documented operation but those it names', async () => {
        const { body } = await site.sandbox('GET', '/routes');
        const routes = new Set(
          (body as { method: string; path: string }[]).map(({ method, path }) =>
            templated(`${method} ${path}`),
          ),
        );
        const missing = document.operations.map(templated).filter((operation) => !routes.has(operation));
        expect(missing.toSorted()).toEqual(notOffered.toSorted());
      });

      it('answers issue calls as documented', async () => {
        const created = await site.as('bot', 'POST', '/issue', {
          fields: {
            project: { key: 'CHG' },
            issuetype: { name: 'Change' },
            summary: 'Network change',
            description: text('The plan.'),
            labels: ['countersign-1'],
          },
          properties: [{ key: 'countersign.binding', value: { digest: 'abc' } }],
        });
        expect(created.status).toBe(201);
        const { key } = created.body as { key: string };
        const edited = await site.as('bot', 'PUT', `/issue/${key}`, {
          fields: { summary: 'Network change, second plan' },
          update: { labels: [{ add: 'risky' }] },
        });
        expect(edited.status).toBe(204);
        const expanded = await site.as(
          'bot',
          'GET',
          `/issue/${key}?expand=changelog,transitions,renderedFields,names&properties=*all`,
        );
        expect(expanded.body).toMatchObject({
          key,
          fields: { summary: 'Network change, second plan', labels: ['countersign-1', 'risky'] },
          properties: { 'countersign.binding': { digest: 'abc' } },
        });
        for (const [path, status] of [
          [`/issue/${key}?fields=status,summary`, 200],
          [`/issue/${key}/editmeta`, 200],
          ['/issue/CHG-999', 404],
          ['/issue/createmeta/CHG/issuetypes', 200],
          ['/issue/createmeta/CHG/issuetypes/10000', 200],
          ['/field', 200],
        ] as const) {
          expect((await site.as('bot', 'GET', path)).status, path).toBe(status);
        }
        expect((await site.as('bot', 'POST', '/issue', { fields: {} })).status).toBe(400);
        expect((await site.as('nobody', 'GET', `/issue/${key}`)).status).toBe(401);
      });

      it('answers transition and changelog calls as documented', async () => {
        const key = await site.newIssue();
        await site.move('bot', key, '11');
        await site.move('approver', key, '21');
        expect(
          (await site.as('bot', 'GET', `/issue/${key}/transitions?expand=transitions.fields`)).status,
        ).toBe(200);
        const changelog = await site.as('bot', 'GET', `/issue/${key}/changelog?maxResults=1`);
        expect(changelog.body).toMatchObject({
          total: 2,
          isLast: false,
          values: [{ items: [{ fieldId: 'status' }] }],
        });
        const { values } = changelog.body as { values: { id: string }[] };
        const ids = values.map(({ id }) => Number(id));
        expect(
          (await site.as('bot', 'POST', `/issue/${key}/changelog/list`, { changelogIds: ids })).status,
        ).toBe(200);
        expect((await site.as('bot', 'POST', '/changelog/bulkfetch', { issueIdsOrKeys: [key] })).status).toBe(
          200,
        );
        expect((await site.as('bot', 'POST', '/changelog/bulkfetch', { issueIdsOrKeys: [] })).status).toBe(
          400,
        );
        expect((await site.as('bot', 'POST', `/issue/${key}/transitions`, {})).status).toBe(400);
      });

      it('answers comment, attachment, link and property calls as documented', async () => {
        const key = await site.newIssue();
        const comment = await site.as('bot', 'POST', `/issue/${key}/comment`, { body: text('Ready.') });
        expect(comment.status).toBe(201);
        const { id } = comment.body as { id: string };
        expect(
          (await site.as('bot', 'PUT', `/issue/${key}/comment/${id}`, { body: text('Read me.') })).status,
        ).toBe(200);
        expect(
          (await site.as('bot', 'GET', `/issue/${key}/comment/${id}?expand=renderedBody,properties`)).status,
        ).toBe(200);
        expect((await site.as('bot', 'GET', `/issue/${key}/comment`)).status).toBe(200);
        expect((await site.as('bot', 'POST', `/issue/${key}/comment`, {})).status).toBe(400);

        const attached = await site.as(
          'bot',
          'POST',
          `/issue/${key}/attachments`,
          fileForm('plan.txt', 'plan'),
        );
        expect(attached.status).toBe(200);
        const [file] = attached.body as { id: string }[];
        expect((await site.as('bot', 'GET', `/attachment/${file?.id}`)).status).toBe(200);
        expect((await site.as('bot', 'GET', '/attachment/meta')).status).toBe(200);
        expect((await site.as('bot', 'GET', `/attachment/content/${file?.id}`)).status).toBe(303);
        expect((await site.as('bot', 'GET', `/attachment/content/${file?.id}?redirect=false`)).body).toBe(
          'plan',
        );
        expect((await site.as('engineer', 'DELETE', `/attachment/${file?.id}`)).status).toBe(403);
        expect((await site.as('bot', 'DELETE', `/attachment/${file?.id}`)).status).toBe(204);

        const link = {
          globalId: 'system=gitlab&id=1!2',
          relationship: 'merge request',
          object: { url: 'http://gitlab.example/1', title: 'net!2', status: { resolved: false } },
        };
        expect((await site.as('bot', 'POST', `/issue/${key}/remotelink`, link)).status).toBe(201);
        expect((await site.as('bot', 'POST', `/issue/${key}/remotelink`, link)).status).toBe(200);
        const links = await site.as('bot', 'GET', `/issue/${key}/remotelink`);
        expect(links.body).toHaveLength(1);
        const [remote] = links.body as { id: number }[];
        expect((await site.as('bot', 'GET', `/issue/${key}/remotelink/${remote?.id}`)).status).toBe(200);
        expect((await site.as('bot', 'PUT', `/issue/${key}/remotelink/${remote?.id}`, link)).status).toBe(
          204,
        );

        const property = `/issue/${key}/properties/countersign.binding`;
        expect((await site.as('bot', 'PUT', property, { a: 1 })).status).toBe(201);
        expect((await site.as('bot', 'PUT', property, { a: 2 })).status).toBe(200);
        expect((await site.as('bot', 'GET', property)).body).toEqual({
          key: 'countersign.binding',
          value: { a: 2 },
        });
        expect((await site.as('bot', 'GET', `/issue/${key}/properties`)).status).toBe(200);
        expect((await site.as('bot', 'PUT', property, 'x'.repeat(32_767))).status).toBe(400);
        expect((await site.as('bot', 'DELETE', property)).status).toBe(204);
        expect((await site.as('bot', 'GET', property)).status).toBe(404);

        const other = await site.newIssue();
        const issueLink = { type: { name: 'Relates' }, inwardIssue: { key }, outwardIssue: { key: other } };
        expect((await site.as('bot', 'POST', '/issueLink', issueLink)).status).toBe(201);
      });

      it('answers search, people and site calls as documented', async () => {
        await site.newIssue({ labels: ['findme'] });
        const found = await site.as('bot', 'POST', '/search/jql', {
          jql: 'labels = findme',
          fields: ['*all'],
        });
        expect(found.body).toMatchObject({ isLast: true, issues: [{ fields: { labels: ['findme'] } }] });
        for (const [person, path, status] of [
          ['bot', '/search/jql?jql=project%20%3D%20CHG&fields=summary,status&maxResults=1', 200],
          ['bot', '/search/jql?jql=', 400],
          ['bot', '/myself', 200],
          ['bot', '/serverInfo', 200],
          [
            'bot',
            '/mypermissions?projectKey=CHG&permissions=CREATE_ISSUES,TRANSITION_ISSUES,ADMINISTER',
            200,
          ],
          ['bot', '/mypermissions', 400],
          ['bot', '/user?accountId=approver', 200],
          ['bot', '/user?accountId=none', 404],
          ['bot', '/user/groups?accountId=approver', 200],
          ['administrator', '/group/member?groupname=change-approvers', 200],
          ['bot', '/group/member?groupname=change-approvers', 200],
          ['bot', '/project/CHG', 200],
          ['bot', '/project/NONE', 404],
          ['bot', '/project/CHG/statuses', 200],
          ['bot', '/status', 200],
        ] as const) {
          expect((await site.as(person, 'GET', path)).status, path).toBe(status);
        }
        expect(
          (await site.as('bot', 'POST', '/search/approximate-count', { jql: 'project = CHG' })).status,
        ).toBe(200);
      });

      it('finds a planted mismatch', () => {
        const path = `/rest/api/${version}/issue/CHG-1/changelog`;
        const broken = {
          startAt: 0,
          isLast: true,
          values: [{ id: 7, items: [{ fieldId: 'status', to: 10 }] }],
        };
        expect(document.problems('GET', path, 200, broken).length).toBeGreaterThan(1);
        expect(document.problems('GET', path, 418, null)).toEqual(['the status 418 is not documented']);
      });
    });
  },
);
