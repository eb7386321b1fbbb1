import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';

const RECONNECT_MS = 500;

/**
 * Calls `heard` for every notification on the channel, and once after each (re)connection, since what was said while
 * nobody listened is lost. Reconnects by itself until `close`, on one connection at a time; rejects when the first
 * connection cannot be made.
 */
export async function listen(
  url: string,
  channel: string,
  heard: () => void,
): Promise<{ close(): Promise<void> }> {
  const closing = new AbortController();
  const { signal } = closing;
  let ear = await open(url, channel, heard);
  const keep = async () => {
    while (!signal.aborted) {
      await ear.ended;
      ear = (await openAgain(url, channel, heard, signal)) ?? ear;
    }
    await ear.close();
  };
  const kept = keep();
  return {
    async close() {
      closing.abort();
      await ear.close();
      await kept;
    },
  };
}

interface Ear {
  /** Resolves when the connection is gone, for whatever reason. */
  ended: Promise<void>;
  close(): Promise<void>;
}

async function open(url: string, channel: string, heard: () => void): Promise<Ear> {
  const client = new pg.Client({ connectionString: url, application_name: 'countersign-listen' });
  client.on('error', () => undefined); // `end` follows
  client.on('notification', heard);
  const ended = new Promise<void>((resolve) => void client.once('end', resolve));
  // Ending a connection that is gone is no fault; ending one twice is nothing.
  const close = () => client.end().catch(() => undefined);
  try {
    await client.connect();
    await client.query(`listen ${client.escapeIdentifier(channel)}`);
  } catch (error) {
    await close();
    throw error;
  }
  heard();
  return { ended, close };
}

/** Undefined when it is to be closed before a connection was made. */
async function openAgain(
  url: string,
  channel: string,
  heard: () => void,
  signal: AbortSignal,
): Promise<Ear | undefined> {
  while (!signal.aborted) {
    await wait(RECONNECT_MS, undefined, { signal }).catch(() => undefined);
    const ear = signal.aborted ? undefined : await open(url, channel, heard).catch(() => undefined);
    if (ear !== undefined) return ear;
  }
  return undefined;
}
