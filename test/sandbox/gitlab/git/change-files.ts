import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { ZERO_SHA } from './repository.ts';
import { git, identity, type Person } from './run.ts';

/** What a commit does to one file. */
export type FileChange =
  | { action: 'create' | 'update'; path: string; content: Uint8Array; executable?: boolean }
  | { action: 'delete'; path: string }
  | { action: 'move'; path: string; from: string; content?: Uint8Array }
  | { action: 'chmod'; path: string; executable: boolean };

interface Entry {
  mode: string;
  blob: string;
}

/**
 * A commit on top of `parent` with these changes done in their order, and no ref moved yet. A change that cannot be done
 * is answered with GitLab's words for it.
 */
export async function changeFiles(
  repository: string,
  parent: string,
  changes: readonly FileChange[],
  message: string,
  who: { author: Person; committer: Person },
): Promise<{ sha: string } | { refused: string }> {
  const index = path.join(repository, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index, ...identity(who.author, who.committer) };
  try {
    await git(repository, ['read-tree', parent], { env });
    for (const change of changes) {
      const refused = await apply(repository, env, change);
      if (refused !== undefined) return { refused };
    }
    const tree = await git(repository, ['write-tree'], { env });
    return { sha: await git(repository, ['commit-tree', tree, '-p', parent], { env, input: message }) };
  } finally {
    await rm(index, { force: true });
  }
}

async function apply(
  repository: string,
  env: Record<string, string>,
  change: FileChange,
): Promise<string | undefined> {
  const at = async (file: string): Promise<Entry | undefined> => {
    const line = await git(repository, ['ls-files', '--stage', '--', file], { env });
    const [, mode, blob, found] = /^(\d+) ([0-9a-f]+) 0\t(.*)$/m.exec(line) ?? [];
    return mode === undefined || blob === undefined || found !== file ? undefined : { mode, blob };
  };
  const stage = (line: string) =>
    git(repository, ['update-index', '--index-info'], { env, input: `${line}\n` });
  const put = (file: string, { mode, blob }: Entry) => stage(`${mode} ${blob}\t${file}`);
  const remove = (file: string) => stage(`0 ${ZERO_SHA}\t${file}`);
  const store = (content: Uint8Array) =>
    git(repository, ['hash-object', '-w', '--stdin'], { input: content });
  const present = await at(change.path);
  switch (change.action) {
    case 'create':
      if (present !== undefined) return 'A file with this name already exists';
      await put(change.path, {
        mode: change.executable === true ? '100755' : '100644',
        blob: await store(change.content),
      });
      return undefined;
    case 'update':
      if (present === undefined) return "A file with this name doesn't exist";
      await put(change.path, { mode: present.mode, blob: await store(change.content) });
      return undefined;
    case 'delete':
      if (present === undefined) return "A file with this name doesn't exist";
      await remove(change.path);
      return undefined;
    case 'chmod':
      if (present === undefined) return "A file with this name doesn't exist";
      await put(change.path, { mode: change.executable ? '100755' : '100644', blob: present.blob });
      return undefined;
    case 'move': {
      const from = await at(change.from);
      if (from === undefined) return "A file with this name doesn't exist";
      if (present !== undefined) return 'A file with this name already exists';
      await remove(change.from);
      const blob = change.content === undefined ? from.blob : await store(change.content);
      await put(change.path, { mode: from.mode, blob });
      return undefined;
    }
  }
}
