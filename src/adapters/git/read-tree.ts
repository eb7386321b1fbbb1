import { runGit } from './git-command.ts';
import type { GitSettings } from './git-command.ts';

export interface TreeEntry {
  path: string;
  kind: 'blob' | 'tree' | 'commit';
  /** `120000` is a symbolic link. */
  mode: string;
  id: string;
  /** Bytes of a blob, 0 for the rest. */
  size: number;
}

/** Entries of a commit's tree: the named paths, or all at the root when none are named; with all below, if asked. */
export async function readTree(
  settings: GitSettings,
  gitDir: string,
  sha: string,
  paths: readonly string[],
  { recursive }: { recursive: boolean },
): Promise<TreeEntry[]> {
  const args = [
    'ls-tree',
    '-z',
    '--long',
    '--full-tree',
    ...(recursive ? ['-r', '-t'] : []),
    sha,
    '--',
    ...paths,
  ];
  const output = (await runGit(settings, args, { gitDir })).toString('utf8');
  return output.split('\0').flatMap((line) => {
    const match =
      /^(?<mode>\d+) (?<kind>blob|tree|commit) (?<id>[0-9a-f]+) +(?<size>\d+|-)\t(?<path>.*)$/su.exec(line);
    if (match?.groups === undefined) return [];
    const { mode = '', kind, id = '', size, path = '' } = match.groups;
    return [{ path, kind: kind as TreeEntry['kind'], mode, id, size: size === '-' ? 0 : Number(size) }];
  });
}
