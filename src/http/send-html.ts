import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Html } from '#web/html.ts';
import { wantsJson } from './json-variant.ts';

export function sendHtml(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page.toString());
}

/** The model as JSON for whoever asks for that, as a page for everybody else. */
export async function answerWith(
  request: FastifyRequest,
  reply: FastifyReply,
  model: object,
  page: () => Promise<Html>,
): Promise<FastifyReply> {
  reply.header('vary', 'accept');
  return wantsJson(request) ? reply.send(model) : sendHtml(reply, await page());
}
