import type { Kysely } from 'kysely';
import type { Database } from './database-types.ts';

/** Whoever asked for a release to be taken back: on the code host, in the directory, and in the commit. */
export interface RollbackAsker {
  gitlabId: number;
  username: string;
  person: string;
  name: string;
  email: string;
}

/** A merge request that our own account opens to take a release back. */
export interface Rollback {
  repository: number;
  branch: string;
  /** Under which that release was made. */
  key: string;
  changeId: string;
  noteId: number;
  by: RollbackAsker;
  /** The target branch's head that it is made on. */
  startSha: string;
  /** Absent until the commit is made, and until the merge request is opened. */
  sha?: string;
  iid?: number;
}

/** Begins it, unless it was begun before; the one that stands. */
export async function beginRollback(db: Kysely<Database>, wanted: Rollback): Promise<Rollback> {
  const { branch, by, changeId, key, noteId, repository, startSha } = wanted;
  await db
    .insertInto('rollbacks')
    .values({
      repository,
      branch,
      ticket_key: key,
      change_id: changeId,
      note_id: noteId,
      asked_by: JSON.stringify(by),
      start_sha: startSha,
    })
    .onConflict((conflict) => conflict.columns(['repository', 'branch']).doNothing())
    .execute();
  return (await readRollback(db, repository, branch)) ?? wanted;
}

/** What our account makes, or made, of that branch. */
export async function readRollback(
  db: Kysely<Database>,
  repository: number,
  branch: string,
): Promise<Rollback | undefined> {
  const row = await db
    .selectFrom('rollbacks')
    .selectAll()
    .where('repository', '=', repository)
    .where('branch', '=', branch)
    .executeTakeFirst();
  if (row === undefined) return undefined;
  return {
    repository,
    branch,
    key: row.ticket_key,
    changeId: row.change_id,
    noteId: row.note_id,
    by: row.asked_by as RollbackAsker,
    startSha: row.start_sha,
    ...(row.commit_sha === null ? {} : { sha: row.commit_sha }),
    ...(row.iid === null ? {} : { iid: row.iid }),
  };
}

/** How far it has come. */
export async function noteRollback(
  db: Kysely<Database>,
  { branch, repository }: Pick<Rollback, 'repository' | 'branch'>,
  made: { sha: string } | { iid: number },
): Promise<void> {
  await db
    .updateTable('rollbacks')
    .set('sha' in made ? { commit_sha: made.sha } : { iid: made.iid })
    .where('repository', '=', repository)
    .where('branch', '=', branch)
    .execute();
}
