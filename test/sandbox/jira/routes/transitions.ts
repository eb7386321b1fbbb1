import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { moveIssue, transitionsFor } from '../changes/transitions.ts';
import { listParameter, objectOrEmpty } from '../json.ts';
import { visibleIssue } from '../model/permissions.ts';
import { presentTransition } from '../present/parts.ts';

interface IssueParams {
  Params: { issueIdOrKey: string };
  Querystring: Record<string, unknown>;
}

/** What the caller may do with an issue, and doing it. */
export function transitionRoutes(app: FastifyInstance, api: Api): void {
  const { site, version } = api;

  app.get<IssueParams>('/issue/:issueIdOrKey/transitions', (request) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const withFields = (listParameter(request.query['expand']) ?? []).includes('transitions.fields');
    const wanted = request.query['transitionId'];
    return {
      expand: 'transitions',
      transitions: transitionsFor(site, user, issue)
        .filter((transition) => wanted === undefined || transition.id === wanted)
        .map((transition) => presentTransition(api, transition, withFields)),
    };
  });

  app.post<IssueParams>('/issue/:issueIdOrKey/transitions', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    moveIssue(site, version, user, issue, objectOrEmpty(request.body));
    return reply.code(204).send();
  });
}
