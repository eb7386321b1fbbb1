import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Api, callerOf } from '../api.ts';
import { attachFiles, deleteAttachment, type UploadedFile } from '../changes/attachments.ts';
import { badRequest, forbidden, JiraError, notFound } from '../errors.ts';
import { hasProjectPermission, visibleIssue } from '../model/permissions.ts';
import type { Attachment, Issue, User } from '../model/types.ts';
import { presentAttachment, presentAttachmentMetadata } from '../present/parts.ts';

interface IdParams {
  Params: { id: string };
  Querystring: Record<string, unknown>;
}

/** Files of an issue. Uploads need the XSRF opt-out header; downloads redirect unless asked not to. */
export function attachmentRoutes(app: FastifyInstance, api: Api): void {
  const { site } = api;

  app.post<{ Params: { issueIdOrKey: string } }>('/issue/:issueIdOrKey/attachments', async (request) => {
    if (request.headers['x-atlassian-token'] !== 'no-check') throw forbidden('XSRF check failed');
    const user = callerOf(request);
    const issue = visibleIssue(site, user, request.params.issueIdOrKey);
    const files = await uploadedFiles(request);
    return attachFiles(site, user, issue, files).map((attachment) => presentAttachment(api, attachment));
  });

  app.get('/attachment/meta', () => ({ enabled: true, uploadLimit: site.settings.attachmentLimitBytes }));

  app.get<IdParams>('/attachment/:id', (request) =>
    presentAttachmentMetadata(api, requested(api, callerOf(request), request.params.id).attachment),
  );

  app.delete<IdParams>('/attachment/:id', (request, reply) => {
    const user = callerOf(request);
    const { issue, attachment } = requested(api, user, request.params.id);
    deleteAttachment(site, user, issue, attachment);
    return reply.code(204).send();
  });

  if (api.edition.kind === 'data-center') return;

  app.get<IdParams>('/attachment/content/:id', (request, reply) => {
    const { attachment } = requested(api, callerOf(request), request.params.id);
    if (request.query['redirect'] !== 'false') {
      return reply.redirect(`${api.baseUrl()}/media/${attachment.id}/${mediaToken(attachment)}`, 303);
    }
    const range = requestedRange(request, attachment.content.length);
    void reply.header('content-type', attachment.mimeType).header('accept-ranges', 'bytes');
    void reply.header('content-disposition', contentDisposition(attachment.filename));
    if (range === null) return reply.send(attachment.content);
    const { start, end } = range;
    void reply.header('content-range', `bytes ${start}-${end}/${attachment.content.length}`);
    return reply.code(206).send(attachment.content.subarray(start, end + 1));
  });
}

/** Stands in for the token in the address of Atlassian's media host: whoever has the address may read the file. */
export function mediaToken(attachment: Attachment): string {
  return Buffer.from(`${attachment.id}:${attachment.created}`).toString('base64url');
}

export function contentDisposition(filename: string): string {
  return `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`;
}

async function uploadedFiles(request: FastifyRequest): Promise<UploadedFile[]> {
  const contentType = request.headers['content-type'] ?? '';
  if (!contentType.startsWith('multipart/form-data') || !Buffer.isBuffer(request.body)) {
    throw new JiraError(415, ['Attachments are uploaded as multipart/form-data.']);
  }
  const form = await new Response(new Uint8Array(request.body), { headers: { 'content-type': contentType } })
    .formData()
    .catch(() => {
      throw badRequest('The multipart request could not be read.');
    });
  const files = form.getAll('file').filter((part) => typeof part !== 'string');
  if (files.length === 0) throw badRequest("The request holds no part named 'file'.");
  if (files.length > 60) throw new JiraError(413, ['More than 60 files were requested to be uploaded.']);
  return Promise.all(
    files.map(async (file) => ({
      filename: file.name,
      mimeType: file.type === '' ? 'application/octet-stream' : file.type,
      content: Buffer.from(await file.arrayBuffer()),
    })),
  );
}

function requested(api: Api, user: User, id: string): { issue: Issue; attachment: Attachment } {
  for (const issue of api.site.issues.values()) {
    const attachment = issue.attachments.find((candidate) => candidate.id === id);
    if (attachment === undefined) continue;
    if (hasProjectPermission(api.site, user, api.site.projectOf(issue), 'BROWSE_PROJECTS')) {
      return { issue, attachment };
    }
  }
  throw notFound(`The attachment with id '${id}' does not exist`);
}

/** One range of bytes; null without a `Range` header. */
function requestedRange(request: FastifyRequest, size: number): { start: number; end: number } | null {
  const header = request.headers.range;
  if (header === undefined) return null;
  const match = /^bytes=(\d+)-(\d*)$/.exec(header);
  if (match === null) throw badRequest('The Range header is malformed.');
  const start = Number(match[1]);
  const end = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (start >= size || start > end) throw new JiraError(416, ['The range cannot be satisfied.']);
  return { start, end };
}
