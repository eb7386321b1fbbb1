import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { holdsPage } from '#web/pages/holds-page.ts';
import type { AppDeps } from '../deps.ts';
import { answerWith } from '../send-html.ts';
import { nameOfViewer } from '../viewer.ts';

// An empty field of a form is no criterion, nor is what cannot be one.
const Search = z.object({
  project: z
    .string()
    .trim()
    .max(200)
    .transform((text) => text || undefined)
    .optional()
    .catch(undefined),
});

/** Which projects are held, by whom and since when. */
export function holdRoutes(app: FastifyInstance, deps: AppDeps): void {
  app.get('/holds', async (request, reply) => {
    const { project } = Search.parse(request.query);
    const list = await deps.views.listHolds(project);
    return answerWith(request, reply, list, async () =>
      holdsPage({ list, project, viewer: await nameOfViewer(deps, request) }),
    );
  });
}
