/** What `countersign migrate` needs: the two steps as functions, and where to print. */
export interface MigrateDependencies {
  /** Returns the names of the files applied now. */
  readonly migrateSchema: () => Promise<readonly string[]>;
  /** Makes the queue's own tables; absent where the queue lives in Redis. */
  readonly migrateQueue?: () => Promise<void>;
  readonly print: (line: string) => void;
}

/** `countersign migrate`: brings the database up to this version of the program, once, at deploy. */
export async function runMigrate({ migrateSchema, migrateQueue, print }: MigrateDependencies): Promise<void> {
  const applied = await migrateSchema();
  for (const file of applied) print(`applied ${file}`);
  if (applied.length === 0) print('the schema is up to date');
  if (migrateQueue === undefined) return;
  await migrateQueue();
  print('the queue tables are up to date');
}
