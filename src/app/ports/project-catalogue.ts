import type { CalendarRules } from '#domain/calendar.ts';
import type { CheckRule } from '#domain/checks.ts';
import type { Silence } from '#domain/telling.ts';
import type { ProjectTarget } from '#domain/project.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { StateProblem } from '#domain/state-place.ts';
import type { Binary, Workflow } from '#domain/workflow.ts';
import type { RunHooks } from './terraform.ts';

/**
 * Which projects a repository has and what is configured for them. What governs comes from the server and from
 * `countersign.yaml` and `policies/*.yaml` at `targetSha`; the projects themselves are those of the tree at `headSha`.
 */
export interface ProjectCatalogue {
  read(question: CatalogueQuestion): Promise<CatalogueReading>;
  /** Whether two commits, both fetched, hold the same files that govern. */
  governsAlike(repository: number, a: string, b: string): Promise<boolean>;
}

export interface CatalogueQuestion {
  repository: number;
  targetBranch: string;
  targetSha: string;
  headSha: string;
}

export type CatalogueReading =
  | { ok: true; catalogue: Catalogue }
  /** The configuration on the target branch cannot be used; nothing is planned until it is mended there. */
  | { ok: false; problems: readonly ConfigurationProblem[] };

/** What is wrong, and where: `file:line:col`. */
export interface ConfigurationProblem {
  place: string;
  what: string;
}

export interface Catalogue {
  /** Every project of the tree, touched or not, in order of key. */
  projects: readonly CataloguedProject[];
  repository: RepositorySettings;
  /** Rules that the repository adds to the server's. */
  rules: readonly CheckRule[];
  /** The same for rules that raise tiers. */
  tierRules: readonly TierRule[];
  /** What is odd but stops nothing, such as a pattern that matches nothing; and what is wrong in the head's own version. */
  warnings: readonly ConfigurationProblem[];
}

/** A project as the core takes it, but for its wave, which depends on what else is touched; and what workers need of it. */
export interface CataloguedProject {
  target: Omit<ProjectTarget, 'wave' | 'after'>;
  settings: ProjectSettings;
  /** Where each setting comes from, for `config explain`. */
  origins: readonly SettingOrigin[];
  /** What is wrong with where it keeps its state; it is not planned then. */
  stateProblems: readonly StateProblem[];
  /** Keys of the projects whose state it reads, as far as its code says. */
  readsStateOf: readonly string[];
  /** SHA-256 (hex) of all that governs the project: part of the approved tuple. */
  settingsHash: string;
  /** Whether a change of the path (from the repository's root) makes it planned. */
  isTouchedBy: (path: string) => boolean;
}

export interface ProjectSettings {
  binary: Binary;
  /** Relative to the repository's root. */
  varFiles: readonly string[];
  labels: Readonly<Record<string, string>>;
  workflow: Workflow;
  /** What the server puts around it. */
  hooks: RunHooks;
  /** Patterns in .gitignore syntax, relative to the project's folder, of files that make it planned. */
  whenModified: readonly string[];
  /** False: planned only when a comment asks for it. */
  autoplan: boolean;
  /** Keys of the projects it waits for. */
  dependsOn: readonly string[];
  /** Groups are applied in ascending order. */
  orderGroup: number;
  /** Approval tier at least: rules may raise it. What it demands is the server's to say. */
  tier: string;
}

export interface SettingOrigin {
  setting: string;
  value: unknown;
  /** Where it was said: `default`, `server`, or `file:line:col`. */
  place: string;
}

/** What is configured for the repository as a whole. */
export interface RepositorySettings {
  /** Patterns of target branches whose merge requests are planned. */
  branches: readonly string[];
  drafts: 'ignore' | 'plan';
  mergeAfterApply: boolean;
  /** What is kept quiet about: `no-projects` (nothing touched), `fork`, `draft`, `no-changes` (projects left out of the note). */
  silence: readonly Silence[];
  /** One commit status per project beside the change's own. */
  projectStatuses: boolean;
  /** Windows and freezes beside the server's. */
  calendar: CalendarRules;
  /** Attributes whose differences are noise; see `isNoise`. */
  volatile: readonly string[];
  /** Most plans of one change at once; as many as there are workers when absent. */
  parallelism?: number;
}
