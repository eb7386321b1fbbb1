import pg from 'pg';

/** Runs work on a connection of its own, outside any pool; for migrations that want a whole session. */
export async function withOwnClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'countersign-migrate' });
  client.on('error', () => undefined); // A lost connection also rejects the query under way; that one is reported.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
