import { once } from 'node:events';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { OutputBell } from '#views/output-bell.ts';
import type { Views } from '#views/views.ts';

export interface OutputStream {
  views: Pick<Views, 'showRun' | 'readOutput'>;
  bell: OutputBell;
  changeId: string;
  runId: string;
  /** The last line the reader has; -1 for none. */
  after: number;
  /** Aborted when the server is about to stop. */
  closing: AbortSignal;
}

const BATCH = 500;
/** How long a reader waits when nobody rings: the end of a run does not ring. */
const LOOK_AGAIN_MS = 1_000;
/** Proxies cut connections on which nothing moves. */
const KEEP_ALIVE_MS = 15_000;

/**
 * Sends a run's lines as server-sent events. Each carries its number as its id, so that a browser that lost the
 * connection asks for exactly what it has not seen. Ends with an `end` event once the run is over and all is sent.
 */
export async function streamOutput(
  request: FastifyRequest,
  reply: FastifyReply,
  stream: OutputStream,
): Promise<void> {
  reply.hijack();
  const response = reply.raw;
  response.writeHead(200, {
    ...(reply.getHeaders() as OutgoingHttpHeaders),
    'content-type': 'text/event-stream; charset=utf-8',
    'x-accel-buffering': 'no',
    // A server that stops waits for its connections; this one has no other use.
    connection: 'close',
  });
  response.write('retry: 1000\n\n');
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  try {
    await sendAll(response, stream, AbortSignal.any([gone.signal, stream.closing]));
  } catch (error) {
    // The browser reconnects and goes on from its last line.
    if (!gone.signal.aborted) request.log.warn({ err: error }, 'output stream broke off');
  } finally {
    response.end();
  }
}

async function sendAll(response: ServerResponse, stream: OutputStream, stop: AbortSignal): Promise<void> {
  const { views, bell, changeId, runId } = stream;
  const subscription = bell.subscribe(runId);
  let after = stream.after;
  let lastSent = Date.now();
  try {
    while (!stop.aborted) {
      // Asked before the lines are read: whatever was printed by the end of the run is then among them.
      const run = await views.showRun(changeId, runId);
      const lines = await views.readOutput(runId, after, BATCH);
      for (const { seq, stream: from, line } of lines) {
        await send(response, `id: ${seq}\ndata: ${JSON.stringify({ seq, stream: from, line })}\n\n`, stop);
        after = seq;
      }
      if (lines.length > 0) lastSent = Date.now();
      if (lines.length === BATCH) continue;
      if (run === undefined || run.over) {
        await send(
          response,
          `event: end\ndata: ${JSON.stringify({ status: run?.status ?? 'gone' })}\n\n`,
          stop,
        );
        return;
      }
      if (Date.now() - lastSent > KEEP_ALIVE_MS) {
        await send(response, ': still here\n\n', stop);
        lastSent = Date.now();
      }
      await subscription.next(LOOK_AGAIN_MS, stop);
    }
  } finally {
    subscription.end();
  }
}

/** Waits when the reader is slower than the run, so that a log of any size takes no memory here. */
async function send(response: ServerResponse, text: string, stop: AbortSignal): Promise<void> {
  stop.throwIfAborted();
  if (!response.write(text)) await once(response, 'drain', { signal: stop });
}
