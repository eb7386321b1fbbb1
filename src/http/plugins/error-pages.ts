import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorPage } from '#web/pages/error-page.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { wantsJson } from '../json-variant.ts';
import { sendHtml } from '../send-html.ts';

/** Every failure ends here: people learn what to do, the log learns why, and nobody sees a stack. */
export function installErrorPages(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) =>
    show(
      request,
      reply,
      404,
      'There is no such page.',
      'Check the address, or search in the list of changes.',
    ),
  );
  app.setErrorHandler((error, request, reply) => {
    if (error instanceof HttpRefusal)
      return show(request, reply, error.statusCode, error.message, error.remedy);
    const status = clientStatus(error);
    if (status !== undefined)
      return show(request, reply, status, 'The request could not be read.', 'Check what was sent.');
    request.log.error({ err: error }, 'request failed');
    const remedy = `Try again. If it stays, tell the operators of Countersign the request id ${request.id}.`;
    return show(request, reply, 500, 'Something broke on our side.', remedy);
  });
}

/** Errors of the framework about what the client sent, such as a body that is too large. */
function clientStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500 ? statusCode : undefined;
}

function show(request: FastifyRequest, reply: FastifyReply, status: number, message: string, remedy: string) {
  reply.code(status);
  if (wantsJson(request) || !(request.headers.accept ?? '').includes('text/html')) {
    return reply.send({ status, message, remedy, requestId: request.id });
  }
  return sendHtml(reply, errorPage({ status, message, remedy, requestId: request.id }));
}
