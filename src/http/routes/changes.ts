import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { changePage } from '#web/pages/change-page.ts';
import { changesPage } from '#web/pages/changes-page.ts';
import type { AppDeps } from '../deps.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { answerWith } from '../send-html.ts';
import { nameOfViewer } from '../viewer.ts';

// A browser sends every field of a form; an empty one is no criterion. What cannot be a criterion is none.
const word = z
  .string()
  .trim()
  .max(200)
  .transform((text) => text || undefined)
  .optional()
  .catch(undefined);
const Search = z.object({
  q: word,
  approval: word,
  mr: word,
  person: word,
  project: word,
  status: word,
  from: word,
  to: word,
  cursor: word,
});

/** The list of changes, one change, and the short way to it by approval id. */
export function changeRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { views } = deps;

  app.get('/', async (_request, reply) => reply.redirect('/changes', 303));

  app.get('/changes', async (request, reply) => {
    const { cursor, ...filters } = Search.parse(request.query);
    const [list, debts] = await Promise.all([views.listChanges(filters, cursor), views.listDebts()]);
    return answerWith(request, reply, { ...list, debts }, async () =>
      changesPage({ list, debts, filters, viewer: await nameOfViewer(deps, request) }),
    );
  });

  app.get<{ Params: { id: string } }>('/changes/:id', async (request, reply) => {
    const { id } = request.params;
    const change = await views.showChange(id);
    if (change === undefined) throw noSuchChange(id);
    await deps.recordRead({ person: request.person, what: 'change', changeId: id, requestId: request.id });
    return answerWith(request, reply, change, async () =>
      changePage({ change, viewer: await nameOfViewer(deps, request) }),
    );
  });

  app.get<{ Params: { id: string } }>('/changes/:id/evidence', async (request, reply) => {
    const { id } = request.params;
    const evidence = await views.showEvidence(id);
    if (evidence === undefined) throw noSuchChange(id);
    await deps.recordRead({ person: request.person, what: 'evidence', changeId: id, requestId: request.id });
    const name = `evidence-${evidence.identity.approvalId ?? evidence.identity.changeId}.json`;
    return reply
      .header('content-disposition', `attachment; filename="${name.replaceAll(/[^\w.-]/g, '_')}"`)
      .type('application/json; charset=utf-8')
      .send(`${JSON.stringify(evidence, null, 2)}\n`);
  });

  app.get<{ Params: { key: string } }>('/approvals/:key', async (request, reply) => {
    const id = await views.findChangeByApproval(request.params.key);
    if (id === undefined) throw noSuchChange(request.params.key);
    return reply.redirect(`/changes/${encodeURIComponent(id)}`, 303);
  });
}

const noSuchChange = (id: string): HttpRefusal =>
  new HttpRefusal(
    404,
    `There is no change ${id}.`,
    'Search for it in the list of changes, for instance by merge request.',
  );
