import { resolve } from 'node:path';
import { createCelChecks } from '#adapters/checks/cel-checks.ts';
import { type Checkout, openCheckout } from '#adapters/git/checkout.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import type { ConfigurationProblem, SettingOrigin } from '#app/ports/project-catalogue.ts';
import {
  anyServer,
  readGoverning,
  readServerSide,
  REPOSITORY_FILE,
  type Resolution,
  resolveRepository,
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
}

/** What a clone's own configuration comes to for its projects, and everything that is wrong with it. */
export async function explainCheckout({
  folder,
  ref,
  server,
  repository,
}: ExplainOptions): Promise<Explained> {
  const checkout = await openCheckout(resolve(folder), readSourceFacts, ref);
  const governing = readGoverning(await governingTexts(checkout), createCelChecks([]));
  if (!governing.ok) return { problems: governing.problems, warnings: [], projects: [] };
  const side =
    server === undefined
      ? { ok: true as const, server: anyServer(governing.file.value) }
      : readServerSide(resolve(server), repository);
  if (!side.ok) return { problems: side.problems, warnings: [], projects: [] };
  const found = explained(resolveRepository(side.server, governing.file, await checkout.roots()));
  return server === undefined ? { ...found, projects: found.projects.map(withoutServer) } : found;
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

function explained({ problems, unknown, warnings, projects }: Resolution): Explained {
  return {
    problems: [...problems, ...unknown],
    warnings,
    projects: projects.map(({ target: { key, name, dir, workspace }, origins }) => ({
      key,
      name,
      dir,
      workspace,
      origins,
    })),
  };
}
