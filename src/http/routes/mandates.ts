import type { FastifyInstance } from 'fastify';
import { mandatesPage } from '#web/pages/mandates-page.ts';
import type { AppDeps } from '../deps.ts';
import { answerWith } from '../send-html.ts';
import { nameOfViewer } from '../viewer.ts';

/** Standing approvals and operator grants, with their tickets, limits, uses and ends. */
export function mandateRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/mandates', async (request, reply) => {
    const list = await deps.views.listMandates();
    return answerWith(request, reply, list, async () =>
      mandatesPage({ list, viewer: await nameOfViewer(deps, request) }),
    );
  });
}
