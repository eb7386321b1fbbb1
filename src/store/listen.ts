import pg from 'pg';

/**
 * Calls `heard` for every notification on the channel, and once after each (re)connection, since what was said while
 * nobody listened is lost. Reconnects by itself until `close`.
 */
export async function listen(
  url: string,
  channel: string,
  heard: () => void,
): Promise<{ close(): Promise<void> }> {
  let closed = false;
  let client: pg.Client | undefined;
  let retry: NodeJS.Timeout | undefined;
  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, application_name: 'countersign-listen' });
    fresh.on('error', () => undefined); // `end` follows
    fresh.on('notification', heard);
    fresh.on('end', () => {
      if (!closed) retry = setTimeout(() => void connect().catch(() => fresh.emit('end')), 500);
    });
    await fresh.connect();
    await fresh.query(`listen ${fresh.escapeIdentifier(channel)}`);
    client = fresh;
    heard();
  };
  await connect();
  return {
    async close() {
      closed = true;
      clearTimeout(retry);
      await client?.end();
    },
  };
}
