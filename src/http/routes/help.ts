import type { FastifyInstance } from 'fastify';
import { workPlanPage } from '#web/pages/work-plan-page.ts';
import type { AppDeps } from '../deps.ts';
import { sendHtml } from '../send-html.ts';
import { nameOfViewer } from '../viewer.ts';

/** What messages link to when something has to be written by hand. */
export function helpRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/help/work-plan', async (request, reply) =>
    sendHtml(reply, workPlanPage(await nameOfViewer(deps, request))),
  );
}
