import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { deleteRemoteLink, linkIssues, replaceRemoteLink, upsertRemoteLink } from '../changes/links.ts';
import { badRequest, notFound } from '../errors.ts';
import { objectOrEmpty } from '../json.ts';
import { visibleIssue } from '../model/permissions.ts';
import type { Issue, RemoteLink } from '../model/types.ts';
import { restUrl } from '../present/common.ts';
import { presentRemoteLink } from '../present/parts.ts';

interface LinkParams {
  Params: { issueIdOrKey: string; linkId: string };
  Querystring: { globalId?: string };
}

/** Remote links of an issue, and links between issues. */
export function linkRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get<LinkParams>('/issue/:issueIdOrKey/remotelink', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    const { globalId } = request.query;
    if (globalId === undefined)
      return issue.remoteLinks.map((link) => presentRemoteLink(api, issue.key, link));
    const link = issue.remoteLinks.find((candidate) => candidate.globalId === globalId);
    if (link === undefined)
      throw notFound(`A remote issue link with global id '${globalId}' does not exist.`);
    return presentRemoteLink(api, issue.key, link);
  });

  app.post<LinkParams>('/issue/:issueIdOrKey/remotelink', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const { link, created } = upsertRemoteLink(site, user, issue, objectOrEmpty(request.body));
    return (
      reply
        // Data Center's document knows no 201 here.
        .code(created && api.edition.kind === 'cloud' ? 201 : 200)
        .send({ id: link.id, self: restUrl(api, `/issue/${issue.key}/remotelink/${link.id}`) })
    );
  });

  app.get<LinkParams>('/issue/:issueIdOrKey/remotelink/:linkId', (request) => {
    const issue = visibleIssue(site, callerOf(request), request.params.issueIdOrKey);
    return presentRemoteLink(api, issue.key, requestedLink(issue, request.params.linkId));
  });

  app.put<LinkParams>('/issue/:issueIdOrKey/remotelink/:linkId', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const link = requestedLink(issue, request.params.linkId);
    replaceRemoteLink(site, user, issue, link, objectOrEmpty(request.body));
    return reply.code(204).send();
  });

  app.delete<LinkParams>('/issue/:issueIdOrKey/remotelink/:linkId', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    deleteRemoteLink(site, user, issue, requestedLink(issue, request.params.linkId));
    return reply.code(204).send();
  });

  app.post('/issueLink', (request, reply) => {
    linkIssues(site, callerOf(request), objectOrEmpty(request.body));
    return reply.code(201).send();
  });
}

function requestedLink(issue: Issue, linkId: string): RemoteLink {
  if (!/^\d+$/.test(linkId)) throw badRequest(`'${linkId}' is not a valid remote issue link id.`);
  const link = issue.remoteLinks.find((candidate) => candidate.id === Number(linkId));
  if (link === undefined) throw notFound(`A remote issue link with id '${linkId}' does not exist.`);
  return link;
}
