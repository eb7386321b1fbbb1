import { git, identity, type Person, tryGit } from './run.ts';

export interface Tag {
  name: string;
  /** The object the ref points at: the tag object of an annotated tag, else the commit. */
  target: string;
  commitId: string;
  message: string | null;
  createdAt: string | null;
}

const FORMAT = [
  '%(refname:strip=2)',
  '%(objectname)',
  '%(objecttype)',
  '%(*objectname)',
  '%(creatordate:iso-strict)',
  '%(contents)',
].join('%1f');

export async function listTags(repository: string): Promise<Tag[]> {
  return readTags(repository, 'refs/tags/');
}

export async function readTag(repository: string, name: string): Promise<Tag | undefined> {
  return (await readTags(repository, `refs/tags/${name}`)).find((tag) => tag.name === name);
}

/** Makes a tag: annotated when there is a message. Fails when the name is taken. */
export async function writeTag(
  repository: string,
  name: string,
  commit: string,
  message: string | null,
  tagger: Person,
): Promise<void> {
  const annotation = message === null ? [] : ['--annotate', '--file=-', '--cleanup=verbatim'];
  await git(repository, ['tag', ...annotation, '--', name, commit], {
    env: identity(tagger),
    input: message ?? '',
  });
}

export async function validRefName(repository: string, name: string): Promise<boolean> {
  return (await tryGit(repository, ['check-ref-format', `refs/tags/${name}`])) !== undefined;
}

async function readTags(repository: string, pattern: string): Promise<Tag[]> {
  const text = await git(repository, [
    'for-each-ref',
    `--format=${FORMAT}%1e`,
    '--sort=-creatordate',
    pattern,
  ]);
  return text.split('\x1e').flatMap((record) => {
    const [name = '', target = '', type, peeled = '', date = '', contents = ''] = record
      .trimStart()
      .split('\x1f');
    if (name === '') return [];
    const annotated = type === 'tag';
    return [
      {
        name,
        target,
        commitId: annotated ? peeled : target,
        message: annotated ? contents.replace(/\n+$/, '') : null,
        createdAt: annotated ? date : null,
      },
    ];
  });
}
