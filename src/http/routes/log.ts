import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { entryPage } from '#web/pages/entry-page.ts';
import { logPage } from '#web/pages/log-page.ts';
import type { AppDeps } from '../deps.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { answerWith } from '../send-html.ts';
import { nameOfViewer } from '../viewer.ts';

const PAGE = 100;
const Index = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER);

interface EntryRoute {
  Params: { index: string };
}

/** The audit log: its head, its entries, and the proof for each. */
export function logRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { views } = deps;

  app.get<{ Querystring: { before?: unknown } }>('/log', async (request, reply) => {
    const before = Index.optional().catch(undefined).parse(request.query.before);
    const head = await views.showHead();
    const entries = await views.listEntries(before, PAGE);
    const [newest, oldest] = [entries.rows[0]?.index, entries.rows.at(-1)?.index];
    if (newest !== undefined && oldest !== undefined) {
      const read = { what: 'log-entries', entries: { from: oldest, to: newest } } as const;
      await deps.recordRead({ person: request.person, ...read, requestId: request.id });
    }
    const model = { head, entries };
    return answerWith(request, reply, model, async () =>
      logPage({ ...model, viewer: await nameOfViewer(deps, request) }),
    );
  });

  app.get('/log/checkpoint', async (_request, reply) => {
    const { checkpoint } = await views.showHead();
    if (checkpoint === undefined)
      throw new HttpRefusal(404, 'No checkpoint was signed yet.', 'Try again in a minute.');
    return reply.type('text/plain; charset=utf-8').send(checkpoint.note);
  });

  const find = async (text: string) => {
    const index = Index.safeParse(text).data;
    const entry = index === undefined ? undefined : await views.showEntry(index);
    if (entry === undefined) {
      throw new HttpRefusal(
        404,
        'The log has no such entry.',
        'Look at the end of the log for the newest one.',
      );
    }
    return entry;
  };

  app.get<EntryRoute>('/log/entries/:index', async (request, reply) => {
    const entry = await find(request.params.index);
    const read = { what: 'log-entry', entries: { from: entry.index, to: entry.index } } as const;
    await deps.recordRead({ person: request.person, ...read, requestId: request.id });
    return answerWith(request, reply, entry, async () =>
      entryPage({ entry, viewer: await nameOfViewer(deps, request) }),
    );
  });

  app.get<EntryRoute>('/log/entries/:index/proof', async (request, reply) => {
    const { inclusion } = await find(request.params.index);
    if (inclusion === undefined) {
      throw new HttpRefusal(
        404,
        'No checkpoint covers this entry yet.',
        'The next one will; try again in a minute.',
      );
    }
    return reply.type('text/plain; charset=utf-8').send(inclusion.proof);
  });
}
