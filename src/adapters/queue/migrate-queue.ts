import { runMigrations } from 'bullmq';

/** The few things needed of a database connection. */
interface Client {
  query(sql: string): Promise<unknown>;
}

/** Makes BullMQ's tables (schema `bullmq`) and lets the service use them; run by the role that owns the schema. */
export async function migrateQueue(client: Client & Parameters<typeof runMigrations>[0]): Promise<void> {
  await runMigrations(client);
  for (const grant of GRANTS) await client.query(grant);
}

const GRANTS = [
  'grant usage on schema bullmq to countersign_app',
  'grant all on all tables in schema bullmq to countersign_app',
  'grant all on all sequences in schema bullmq to countersign_app',
  'grant execute on all functions in schema bullmq to countersign_app',
];
