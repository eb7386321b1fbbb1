import type { FastifyInstance } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { addComment, deleteComment, editComment, maySeeComment } from '../changes/comments.ts';
import { FieldProblem, parseRichText } from '../changes/field-values.ts';
import { badRequest, fieldErrors, notFound } from '../errors.ts';
import { countParameter, type JsonObject, listParameter, objectOrEmpty, textOf } from '../json.ts';
import { visibleIssue } from '../model/permissions.ts';
import type { RichText, Comment, Issue, User } from '../model/types.ts';
import { presentComment } from '../present/parts.ts';

interface CommentParams {
  Params: { issueIdOrKey: string; id: string };
  Querystring: Record<string, unknown>;
}

export function commentRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.get<CommentParams>('/issue/:issueIdOrKey/comment', (request) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const { orderBy, expand } = request.query;
    if (orderBy !== undefined && !['created', '+created', '-created'].includes(textOf(orderBy))) {
      throw badRequest(`The field '${textOf(orderBy)}' cannot be used to order comments.`);
    }
    const visible = issue.comments.filter((comment) => maySeeComment(site, user, comment));
    const ordered = orderBy === '-created' ? visible.toReversed() : visible;
    const startAt = countParameter(request.query['startAt'], 0, Number.MAX_SAFE_INTEGER);
    const maxResults = countParameter(request.query['maxResults'], 100, 5000);
    return {
      startAt,
      maxResults,
      total: visible.length,
      comments: ordered
        .slice(startAt, startAt + maxResults)
        .map((comment) => presentComment(api, issue.id, comment, listParameter(expand) ?? [])),
    };
  });

  app.post<CommentParams>('/issue/:issueIdOrKey/comment', (request, reply) => {
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const body = objectOrEmpty(request.body);
    const comment = addComment(site, user, issue, commentBody(api, body), body);
    return reply.code(201).send(presentComment(api, issue.id, comment));
  });

  app.get<CommentParams>('/issue/:issueIdOrKey/comment/:id', (request) => {
    const { issue, comment } = requested(api, callerOf(request), request.params);
    return presentComment(api, issue.id, comment, listParameter(request.query['expand']) ?? []);
  });

  app.put<CommentParams>('/issue/:issueIdOrKey/comment/:id', (request) => {
    const user = callerOf(request);
    const { issue, comment } = requested(api, user, request.params);
    const body = objectOrEmpty(request.body);
    editComment(site, user, issue, comment, commentBody(api, body), body);
    return presentComment(api, issue.id, comment);
  });

  app.delete<CommentParams>('/issue/:issueIdOrKey/comment/:id', (request, reply) => {
    const user = callerOf(request);
    const { issue, comment } = requested(api, user, request.params);
    deleteComment(site, user, issue, comment);
    return reply.code(204).send();
  });
}

/** The comment's text; JIRA names the field `comment` in its refusals. */
function commentBody(api: Api, body: JsonObject): RichText {
  try {
    return parseRichText(api.site, api.version, body['body']);
  } catch (error) {
    if (!(error instanceof FieldProblem)) throw error;
    const invalid = body['body'] === undefined || api.version === '3';
    throw fieldErrors({
      comment: invalid && !error.message.includes('too long') ? 'Comment body is not valid!' : error.message,
    });
  }
}

function requested(
  api: Api,
  user: User,
  params: { issueIdOrKey: string; id: string },
): { issue: Issue; comment: Comment } {
  const issue = visibleIssue(api.site, user, params.issueIdOrKey);
  const comment = issue.comments.find((candidate) => candidate.id === params.id);
  if (comment === undefined || !maySeeComment(api.site, user, comment)) {
    throw notFound(`Can not find a comment for the id: ${params.id}.`);
  }
  return { issue, comment };
}
