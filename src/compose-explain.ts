import { resolve } from 'node:path';
import { createCelChecks } from '#adapters/checks/cel-checks.ts';
import { tierRuleProblems } from '#adapters/checks/compile-rules.ts';
import { type Checkout, openCheckout } from '#adapters/git/checkout.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import type { ConfigurationProblem, ProjectSettings, SettingOrigin } from '#app/ports/project-catalogue.ts';
import type { Demand } from '#domain/demand.ts';
import { demandOf, rankIn } from '#domain/tiers.ts';
import {
  anyServer,
  readGoverning,
  readServerSide,
  REPOSITORY_FILE,
  type Resolution,
  resolveRepository,
  type RuleReaders,
  type ServerReading,
} from './config.ts';

/** Where to look, and by which server's word. */
export interface ExplainOptions {
  /** A folder of the clone. */
  folder: string;
  /** A commit of it; the work tree without. */
  ref?: string;
  /** The server's file; without it the repository may decide everything. */
  server?: string;
  /** GitLab's project id; may be left out when the server's file has one repository only. */
  repository?: number;
}

export interface Explained {
  problems: readonly ConfigurationProblem[];
  warnings: readonly ConfigurationProblem[];
  projects: readonly ExplainedProject[];
}

export interface ExplainedProject {
  key: string;
  name: string;
  dir: string;
  workspace: string;
  origins: readonly SettingOrigin[];
  /** What the tiers it may be raised to demand, from its own; none where the server's file is not at hand. */
  tiers: readonly Demand[];
}

/** What a clone's own configuration comes to for its projects, and everything that is wrong with it. */
export async function explainCheckout({
  folder,
  ref,
  server,
  repository,
}: ExplainOptions): Promise<Explained> {
  const checkout = await openCheckout(resolve(folder), readSourceFacts, ref);
  const side = server === undefined ? undefined : readServerSide(resolve(server), repository);
  if (side?.ok === false) return nothingBut(side.problems);
  const governing = readGoverning(await governingTexts(checkout), ruleReaders(side));
  if (!governing.ok) return nothingBut(governing.problems);
  const roots = await checkout.roots();
  if (side !== undefined) return explained(resolveRepository(side.server, governing.file, roots), side);
  const found = explained(resolveRepository(anyServer(governing.file.value), governing.file, roots));
  return { ...found, projects: found.projects.map(withoutServer) };
}

function nothingBut(problems: readonly ConfigurationProblem[]): Explained {
  return { problems, warnings: [], projects: [] };
}

/** Without a server's file nobody can tell which tiers there are, and which names are taken. */
function ruleReaders(server: ServerReading | undefined): RuleReaders {
  const tierRules = server?.tierRules ?? [];
  return {
    checks: createCelChecks([]),
    tiers: {
      ruleIds: tierRules.map(({ id }) => id),
      problemsOf: tierRuleProblems,
      ...(server === undefined ? {} : { names: server.server.tiers.map(({ name }) => name) }),
    },
  };
}

/** What only the server's file could tell is not made up. */
function withoutServer(project: ExplainedProject): ExplainedProject {
  const origins = project.origins.map((origin) =>
    origin.place === 'server'
      ? { setting: origin.setting, value: undefined, place: 'left to the server' }
      : origin,
  );
  return { ...project, origins };
}

async function governingTexts(checkout: Checkout) {
  const paths = (await checkout.list('policies')).filter((path) => /\.ya?ml$/.test(path));
  const policies = paths.map(async (path) => ({ path, text: (await checkout.text(path)) ?? '' }));
  return { file: await checkout.text(REPOSITORY_FILE), policies: await Promise.all(policies) };
}

function explained({ problems, unknown, warnings, projects }: Resolution, server?: ServerReading): Explained {
  return {
    problems: [...problems, ...unknown],
    warnings: [...warnings, ...(server?.warnings ?? [])],
    projects: projects.map(({ target: { key, name, dir, workspace }, origins, settings }) => ({
      key,
      name,
      dir,
      workspace,
      origins,
      tiers: ladderOf(settings, server),
    })),
  };
}

/** What each tier demands of the project, from the one it is configured to have; nothing below it ever counts. */
function ladderOf({ labels, tier }: ProjectSettings, server: ServerReading | undefined): Demand[] {
  if (server === undefined) return [];
  const { tiers } = server.server;
  return tiers
    .slice(rankIn(tiers, tier))
    .map(({ name }) => ({ ...demandOf(tiers, { tier: name, labels }, []), reasons: [] }));
}
