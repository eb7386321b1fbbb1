import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { runPage } from '#web/pages/run-page.ts';
import type { AppDeps } from '../deps.ts';
import { HttpRefusal } from '../http-refusal.ts';
import { answerWith } from '../send-html.ts';
import { streamOutput } from '../stream-output.ts';
import { nameOfViewer } from '../viewer.ts';

/** Lines that are put into the page itself; the rest comes over the stream, or by `?after=` without scripts. */
const LINES_IN_PAGE = 2_000;
const BEFORE_THE_FIRST = -1;

const Seq = z.coerce
  .number()
  .int()
  .min(BEFORE_THE_FIRST)
  .max(2 ** 31 - 1);

interface RunRoute {
  Params: { id: string; runId: string };
  Querystring: { after?: unknown };
}

/** What a plan run or an attempt printed: as a page, and as a stream that goes on where a reader left off. */
export function runRoutes(app: FastifyInstance, deps: AppDeps): void {
  const { views } = deps;
  const closing = new AbortController();
  app.addHook('preClose', async () => closing.abort());

  const find = async (changeId: string, runId: string) => {
    const run = await views.showRun(changeId, runId);
    if (run === undefined)
      throw new HttpRefusal(
        404,
        'This change has no such run.',
        'Go back to the change and choose one there.',
      );
    return run;
  };

  app.get<RunRoute>('/changes/:id/runs/:runId/log', async (request, reply) => {
    const { id, runId } = request.params;
    const run = await find(id, runId);
    await deps.recordRead({
      person: request.person,
      what: 'run-log',
      changeId: id,
      runId,
      requestId: request.id,
    });
    const lines = await views.readOutput(runId, seqOf(request.query.after), LINES_IN_PAGE);
    const model = { run, lines, more: lines.length === LINES_IN_PAGE };
    return answerWith(request, reply, model, async () =>
      runPage({ ...model, viewer: await nameOfViewer(deps, request) }),
    );
  });

  app.get<RunRoute>(
    '/changes/:id/runs/:runId/log/events',
    { exposeHeadRoute: false },
    async (request, reply) => {
      const { id, runId } = request.params;
      await find(id, runId);
      await deps.recordRead({
        person: request.person,
        what: 'run-log',
        changeId: id,
        runId,
        requestId: request.id,
      });
      // A browser that reconnects says what it has; the address still says where the page left off.
      const after = seqOf(request.headers['last-event-id'] ?? request.query.after);
      await streamOutput(request, reply, {
        views,
        bell: deps.outputBell,
        changeId: id,
        runId,
        after,
        closing: closing.signal,
      });
    },
  );
}

const seqOf = (text: unknown): number =>
  text === undefined || text === '' ? BEFORE_THE_FIRST : (Seq.safeParse(text).data ?? BEFORE_THE_FIRST);
