import { translateWorkflows, phasesOf } from './named-workflows.ts';
import { foldersOf } from './patterns.ts';
import { translateProjects } from './projects.ts';
import {
  type EffectiveRepository,
  effectiveRepository,
  hooksOf,
  tellRepository,
  tellServer,
} from './repositories.ts';
import { type AtlantisFile, KNOWN_KEYS, type ReposFile } from './schema.ts';
import { repositoryEntry } from './server-part.ts';
import { holdOf } from './shared-keys.ts';
import { below, type Tell, tellUnknown } from './tell.ts';

/** What both of Atlantis' files say, as our two files say it: values, not yet text. */
export function translateFiles(
  file: AtlantisFile,
  repos: ReposFile,
  { id, exists }: { id: string | undefined; exists: (path: string) => boolean },
  tellFile: Tell,
  tellRepos: Tell,
) {
  const repository = effectiveRepository(repos, id, below(tellRepos, 'repos'));
  tellServer(repos, tellRepos);
  tellRepository(repository);
  tellFileKeys(file, tellFile);
  const holdFrom = holdOf(repository.says, repository.tell) ?? holdOf(file, tellFile) ?? 'plan';
  const workflows = translateWorkflows(file, repos, tellFile, tellRepos);
  const { projects, branches } = translateProjects(
    file.projects,
    { workflows, defaultWorkflow: repository.says.workflow ?? 'default', holdFrom, exists },
    below(tellFile, 'projects'),
  );
  const own = phasesOf(workflows, ({ translated, server }) => !server && !translated.serverOnly);
  const hooks = hooksOf(repository);
  const ofServer = phasesOf(workflows, ({ translated, server }) => server || translated.serverOnly);
  return {
    repositoryFile: {
      version: 1,
      ...(branches === undefined ? {} : { branches }),
      mergeAfterApply: file.automerge ?? false,
      ...(file.parallel_plan === false ? { parallelism: 1 } : {}),
      ...autodiscoverOf(file, repository, tellFile),
      ...(projects.length === 0 ? {} : { projects }),
      ...(Object.keys(own).length === 0 ? {} : { workflows: own }),
    },
    serverPart: {
      gitlab: { understandsAtlantis: true },
      repositories: [repositoryEntry(repository, projects, workflows, { holdFrom, own })],
      ...(Object.keys(ofServer).length === 0 ? {} : { workflows: ofServer }),
      ...(Object.keys(hooks).length === 0 ? {} : { hooks: [{ match: '**', ...hooks }] }),
    },
  };
}

function tellFileKeys(file: AtlantisFile, tell: Tell): void {
  tellUnknown(file, KNOWN_KEYS.file, tell);
  if (file.automerge === undefined)
    tell(
      'automerge is not set, so `mergeAfterApply: false` leaves merging to people; where Atlantis runs with --automerge, take the line out',
    );
  if (file.delete_source_branch_on_merge !== undefined)
    tell('whether the branch is deleted is said in GitLab', 'delete_source_branch_on_merge');
  if (file.parallel_apply === false)
    tell(
      'parallel_apply: applies of one wave run side by side; `orderGroup` and `dependsOn` make waves',
      'parallel_apply',
    );
  if (file.abort_on_execution_order_fail === false)
    tell(
      'abort_on_execution_order_fail: a later wave never starts while an earlier one is not applied',
      'abort_on_execution_order_fail',
    );
  if (file.emoji_reaction !== undefined)
    tell('emoji_reaction: a command is answered with :eyes:', 'emoji_reaction');
  if (file.allowed_regexp_prefixes !== undefined)
    tell(
      'allowed_regexp_prefixes: `-p` and `-d` take patterns with `*`, and need no list',
      'allowed_regexp_prefixes',
    );
  if (file.silence_pr_comments !== undefined)
    tell(
      'there is one note, edited in place; `silence: [no-changes]` leaves projects without changes out of it',
      'silence_pr_comments',
    );
}

/** The server's word on discovery counts whole where there is one, as with Atlantis. */
function autodiscoverOf(file: AtlantisFile, { says, tell }: EffectiveRepository, tellFile: Tell) {
  const told = says.autodiscover === undefined ? tellFile : tell;
  const { mode, ignore_paths: ignored = [] } = says.autodiscover ?? file.autodiscover ?? {};
  const ignore = ignored.flatMap((glob, index) => {
    const folders = foldersOf(glob);
    if (folders === undefined)
      told(
        `${glob} is no path pattern here: list what is to be ignored in autodiscover.ignore`,
        'autodiscover',
        'ignore_paths',
        index,
      );
    return folders ?? [];
  });
  if (mode === undefined && ignore.length === 0) return {};
  return {
    autodiscover: { ...(mode === undefined ? {} : { mode }), ...(ignore.length === 0 ? {} : { ignore }) },
  };
}
