import type { Rollback } from '#app/ledger.ts';
import type { MergeRequestView } from '#app/ports/code-host.ts';
import type { Commit } from '#app/ports/source.ts';
import type { Catalogue, CataloguedProject } from '#app/ports/project-catalogue.ts';
import { canonicalHash } from '#domain/canonical-hash.ts';
import type { Change, ConfigurationWarning, RequestedProjects } from '#domain/change.ts';
import type { MergeRequestReading } from '#domain/fact.ts';
import { orderWaves } from '#domain/order-waves.ts';
import type { ProjectTarget } from '#domain/project.ts';
import type { Telling } from '#domain/telling.ts';
import { isSelected } from '#domain/select.ts';
import { brokenConfiguration, type NotAdmitted, refusedByRepository } from './admission.ts';
import type { WorkerContext } from './context.ts';
import { whoPushed } from './who-pushed.ts';

type Read = Pick<MergeRequestReading, 'targetSha' | 'contents' | 'notAdmitted' | 'telling'>;

/**
 * What a merge request is made of, by its commits and by what is configured on its target branch. Its own version of
 * the configuration governs nothing until it is merged.
 */
export async function readContents(
  { catalogue, checks, codeHost, settings, source }: WorkerContext,
  change: Change,
  view: MergeRequestView,
  rollback?: Rollback,
): Promise<Read> {
  const { repository } = change.mergeRequest;
  const { headSha, targetBranch } = view;
  const targetSha = (await codeHost.branch(repository, targetBranch))?.headSha ?? '';
  const refuse = (notAdmitted: NotAdmitted, telling?: Telling): Read => ({
    targetSha,
    notAdmitted,
    ...(telling === undefined ? {} : { telling }),
  });
  if (targetSha === '')
    return refuse({ code: 'no-target', reason: `its target branch ${targetBranch} does not exist` });
  await source.fetch(repository, [headSha, targetSha]);
  const reading = await catalogue.read({ repository, targetBranch, targetSha, headSha });
  if (!reading.ok) return refuse(brokenConfiguration(targetBranch, reading.problems));
  const { mergeAfterApply, parallelism, projectStatuses, silence, volatile } = reading.catalogue.repository;
  const telling: Telling = { projectStatuses, silence, volatile };
  const notAdmitted = refusedByRepository(reading.catalogue.repository, view);
  if (notAdmitted !== undefined) return refuse(notAdmitted, telling);
  const baseSha = await source.mergeBase(repository, targetSha, headSha);
  if (baseSha === undefined)
    return refuse({
      code: 'no-merge-base',
      reason: `its branch has no commit in common with ${targetBranch}`,
    });
  const [changedPaths, all, pushed, self] = await Promise.all([
    source.changedPaths(repository, baseSha, headSha),
    source.commits(repository, baseSha, headSha),
    whoPushed({ codeHost, source }, change, view, targetSha),
    codeHost.self(),
  ]);
  const commits = all.map((commit) => attributed(commit, rollback));
  const pushers = pushed?.map((id) => (id === self.id ? (rollback?.by.gitlabId ?? id) : id));
  const { projects, settingsHashes, left } = chosen(reading.catalogue, changedPaths, change.requested);
  const { rules, warnings } = reading.catalogue;
  return {
    targetSha,
    telling,
    contents: {
      baseSha,
      commitAuthors: [...new Set(commits.map(({ authorEmail }) => authorEmail))],
      committers: [...new Set(commits.map(({ committerEmail }) => committerEmail))],
      pushers,
      projects,
      // Another rule is asked of another plan, so it makes a revision as another setting does.
      configurationHash: canonicalHash([settingsHashes, checks.policyHash(rules)]),
      ...(settings.gates.voidedBy === 'any' ? { boundToTarget: true } : {}),
      // Whoever merges what was not planned does so knowingly.
      mergeAfterApply: mergeAfterApply && left.length === 0,
      ...(parallelism === undefined ? {} : { parallelism }),
      warnings: [...warnings, ...left.map(notAskedFor)],
    },
  };
}

/** The one commit that our own account made is the work of whoever asked for it. */
function attributed(commit: Commit, rollback: Rollback | undefined): Commit {
  if (rollback?.sha === undefined || commit.sha !== rollback.sha) return commit;
  const { email } = rollback.by;
  return { ...commit, authorEmail: email, committerEmail: email };
}

/** It is touched, and its own settings keep it from being planned: what is merged then is not applied there. */
function notAskedFor({ origins, target: { name } }: CataloguedProject): ConfigurationWarning {
  return {
    place: origins.find(({ setting }) => setting === 'autoplan')?.place ?? '',
    what: `${name} is touched by this merge request and waits to be asked for, with \`countersign plan -p ${name}\`; until then nothing is applied there, and people merge`,
  };
}

/** The projects that are planned: those it touches, but for what waits to be asked for, and those that comments ask for. */
function chosen(
  { projects }: Catalogue,
  changedPaths: readonly string[],
  requested: readonly RequestedProjects[],
): {
  projects: ProjectTarget[];
  settingsHashes: readonly [string, string][];
  /** Touched, and waiting to be asked for. */
  left: readonly CataloguedProject[];
} {
  const touched = projects.filter(({ isTouchedBy }) => changedPaths.some(isTouchedBy));
  const isChosen = (project: CataloguedProject) =>
    (project.settings.autoplan && touched.includes(project)) ||
    requested.some(({ select }) => isSelected(project.target, select));
  const planned = projects.filter(isChosen);
  const places = orderWaves(
    projects.map(({ target: { key }, settings: { dependsOn, orderGroup } }) => ({
      key,
      dependsOn,
      orderGroup,
    })),
    new Set(planned.map(({ target }) => target.key)),
  );
  return {
    projects: planned.map(({ target }) => ({
      ...target,
      ...(places.get(target.key) ?? { wave: 0, after: [] }),
    })),
    settingsHashes: planned.map(({ target, settingsHash }) => [target.key, settingsHash]),
    left: touched.filter((project) => !isChosen(project)),
  };
}
