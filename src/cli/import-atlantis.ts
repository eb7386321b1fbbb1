import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';

interface SourceText {
  name: string;
  text: string;
}

interface Remark {
  place: string;
  what: string;
}

export interface ImportDependencies {
  /** Does the translation; `exists` tells whether the repository has a file, by its path from the root. */
  readonly translate: (files: {
    repository?: SourceText;
    server?: SourceText;
    id?: string;
    exists(path: string): boolean;
  }) =>
    | { ok: true; repositoryFile: string; serverPart: string; remarks: readonly Remark[] }
    | { ok: false; problems: readonly Remark[] };
  readonly print: (line: string) => void;
  readonly setExitCode: (code: 0 | 1) => void;
}

interface Options {
  repo: string;
  server?: string;
  id?: string;
  out?: string;
  serverOut?: string;
}

/** Adds `countersign import-atlantis`, which turns what Atlantis is told about a repository into what Countersign is told. */
export function registerImportAtlantis(program: Command, dependencies: ImportDependencies): void {
  program
    .command('import-atlantis')
    .description("turn atlantis.yaml and repos.yaml into countersign.yaml and the server's part for it")
    .option('--repo <file>', "the repository's atlantis.yaml", 'atlantis.yaml')
    .option('--server <file>', "the Atlantis server's repos.yaml")
    .option('--id <name>', 'the repository among those of repos.yaml, such as gitlab.example.com/group/name')
    .option('--out <file>', 'the new file (default: countersign.yaml beside atlantis.yaml)')
    .option(
      '--server-out <file>',
      'what is to be joined to countersign.server.yaml (default: countersign.server.part.yaml beside repos.yaml)',
    )
    .action((options: Options) => importFiles(dependencies, options));
}

function importFiles({ translate, print, setExitCode }: ImportDependencies, options: Options): void {
  const { repo, server, id } = options;
  const out = options.out ?? join(dirname(repo), 'countersign.yaml');
  const serverOut = options.serverOut ?? join(dirname(server ?? repo), 'countersign.server.part.yaml');
  const repository = readSource(repo);
  const ofServer = server === undefined ? undefined : readSource(server);
  const unread = server !== undefined && ofServer === undefined ? server : undefined;
  if (unread !== undefined || (repository === undefined && ofServer === undefined)) {
    print(`${unread ?? repo}: there is no such file`);
    return setExitCode(1);
  }
  const imported = translate({
    ...(repository === undefined ? {} : { repository }),
    ...(ofServer === undefined ? {} : { server: ofServer }),
    ...(id === undefined ? {} : { id }),
    exists: (path) => existsSync(join(dirname(repo), path)),
  });
  for (const { place, what } of imported.ok ? imported.remarks : imported.problems) print(`${place} ${what}`);
  if (!imported.ok) return setExitCode(1);
  const written = [
    writeNew(out, imported.repositoryFile, print),
    writeNew(serverOut, imported.serverPart, print),
  ];
  setExitCode(written.includes(false) ? 1 : 0);
}

function readSource(path: string): SourceText | undefined {
  return existsSync(path) ? { name: path, text: readFileSync(path, 'utf8') } : undefined;
}

/** Nothing that somebody has worked on is written over. */
function writeNew(path: string, text: string, print: (line: string) => void): boolean {
  const isNew = !existsSync(path);
  if (isNew) writeFileSync(path, text, { flag: 'wx' });
  print(
    isNew
      ? `wrote ${path}`
      : `${path} is there already and stays as it is: move it away, or name another file`,
  );
  return isNew;
}
