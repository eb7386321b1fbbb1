import { askAbout, tryAbout } from './run.ts';

export interface Commit {
  id: string;
  parentIds: string[];
  authorName: string;
  authorEmail: string;
  authoredDate: string;
  committerName: string;
  committerEmail: string;
  committedDate: string;
  message: string;
  title: string;
}

const FORMAT = ['%H', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join('%x1f');

export async function readCommit(repository: string, sha: string): Promise<Commit | undefined> {
  const text = await tryAbout(repository, [sha], ['show', '--no-patch', `--format=${FORMAT}`, sha]);
  return text === undefined ? undefined : parseCommit(text);
}

/** Commits of `to` that `from` does not have, newest first. */
export async function commitsBetween(repository: string, from: string | null, to: string): Promise<Commit[]> {
  const range = from === null ? to : `${from}..${to}`;
  const ends = from === null ? [to] : [from, to];
  const text = await tryAbout(repository, ends, ['log', '-z', `--format=${FORMAT}`, range, '--']);
  return (text ?? '')
    .split('\0')
    .filter((one) => one.trim() !== '')
    .map(parseCommit);
}

export interface FileDiff {
  oldPath: string;
  newPath: string;
  aMode: string;
  bMode: string;
  newFile: boolean;
  renamedFile: boolean;
  deletedFile: boolean;
  diff: string;
}

/** The changed files between two commits, each with its unified diff from the first hunk on, as GitLab shows it. */
export async function diffBetween(repository: string, from: string, to: string): Promise<FileDiff[]> {
  const raw = await told(repository, [from, to], ['diff', '--raw', '-z', '-M', '--no-abbrev', from, to]);
  const fields = raw.split('\0').filter((field) => field !== '');
  const files: FileDiff[] = [];
  while (fields.length > 0) {
    const [aMode = '', bMode = '', , , status = ''] = (fields.shift() ?? '').slice(1).split(' ');
    const oldPath = fields.shift() ?? '';
    const newPath = /^[RC]/.test(status) ? (fields.shift() ?? '') : oldPath;
    const paths = new Set([oldPath, newPath]);
    const patch = await told(repository, [from, to], ['diff', '-M', from, to, '--', ...paths]);
    const hunk = patch.indexOf('\n@@');
    files.push({
      oldPath,
      newPath,
      aMode: aMode === '000000' ? '0' : aMode,
      bMode: bMode === '000000' ? '0' : bMode,
      newFile: status === 'A',
      renamedFile: status.startsWith('R'),
      deletedFile: status === 'D',
      diff: hunk < 0 ? '' : `${patch.slice(hunk + 1)}\n`,
    });
  }
  return files;
}

/** Paths added, modified and removed by one commit: what push payloads list. */
export async function touchedPaths(repository: string, sha: string) {
  const text = await told(
    repository,
    [sha],
    ['show', '--format=', '--name-status', '--no-renames', '-z', sha],
  );
  const fields = text.split('\0');
  const touched = { added: [] as string[], modified: [] as string[], removed: [] as string[] };
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [status, file = ''] = [fields[at]?.trim(), fields[at + 1]];
    if (status === 'A') touched.added.push(file);
    else if (status === 'D') touched.removed.push(file);
    else touched.modified.push(file);
  }
  return touched;
}

async function told(repository: string, revs: string[], args: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await askAbout(repository, revs, args);
  if (exitCode !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
  return stdout;
}

function parseCommit(text: string): Commit {
  const [id = '', parents = '', an = '', ae = '', ad = '', cn = '', ce = '', cd = '', ...body] =
    text.split('\x1f');
  const message = body.join('\x1f').replace(/\n+$/, '\n');
  return {
    id: id.trim(),
    parentIds: parents.split(' ').filter((one) => one !== ''),
    authorName: an,
    authorEmail: ae,
    authoredDate: ad,
    committerName: cn,
    committerEmail: ce,
    committedDate: cd,
    message,
    title: message.split('\n')[0] ?? '',
  };
}
