import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import { endingReviews } from '#domain/module-register.ts';
import type { TierRule } from '#domain/tiers.ts';
import type { Problem } from '../problems.ts';
import { readYaml } from '../read-yaml.ts';
import { configSchema } from '../schema.ts';
import { tierSchema } from '../tier-schema.ts';
import { loadTiers } from '../tiers.ts';
import type { ServerSide } from './resolve.ts';
import type { RepositoryFile } from './schema.ts';
import { RESERVED, serverRepositorySchema } from './server-schema.ts';

/** What the server's file says of a repository and of tiers. */
export interface ServerReading {
  ok: true;
  server: ServerSide;
  tierRules: readonly TierRule[];
  /** What is odd and stops nothing. */
  warnings: readonly Problem[];
}

/** What the server's file says of a repository, read without its secrets; of the only one when none is named. */
export function readServerSide(
  path: string,
  repository: number | undefined,
): ServerReading | { ok: false; problems: readonly Problem[] } {
  const reading = readYaml(path, configSchema);
  if (!reading.ok) return reading;
  const { value, placeOf } = reading.file;
  const { tierRules, problems } = loadTiers(value, placeOf);
  if (problems.length > 0) return { ok: false, problems };
  const { repositories, workflows, hooks, tiers } = value;
  const fitting = repositories.filter(({ id }) => repository === undefined || id === repository);
  const [found, ...others] = fitting;
  if (found !== undefined && others.length === 0) {
    const server = { repository: found, workflows, hooks, tiers };
    const ending = endingReviews(value.modules, new Date().toISOString());
    const warnings = ending.map(({ index, what }) => ({ place: placeOf(['modules', index]), what }));
    return { ok: true, server, tierRules, warnings };
  }
  const ids = repositories.map(({ id }) => id).join(', ');
  const what = `name the repository: it has ${ids}`;
  return { ok: false, problems: [{ place: placeOf(['repositories']), what }] };
}

/** A server that governs every folder and lets the repository decide whatever it says: where no server's file is at hand. */
export function anyServer(file: RepositoryFile): ServerSide {
  const layers = [...file.defaults, ...file.projects];
  const named = layers.flatMap(({ workflow }) => workflow ?? []);
  const others = named.filter((name) => !Object.hasOwn(file.workflows, name));
  const { plan, apply } = DEFAULT_WORKFLOW;
  const workflows = Object.fromEntries(others.map((name) => [name, { plan: [...plan], apply: [...apply] }]));
  const { freezes, windows } = file.calendar;
  const tierNames = [
    ...new Set([
      ...layers.flatMap(({ tier }) => tier ?? []),
      ...[...windows, ...freezes].flatMap(({ tiers = [] }) => tiers),
    ]),
  ];
  const allow = { settings: [...RESERVED], workflows: others, tiers: tierNames };
  return {
    repository: serverRepositorySchema.parse({
      id: 1,
      projects: [{ match: '**', applyOn: 'approval', allow }],
    }),
    workflows,
    hooks: [],
    tiers: [...new Set(['normal', ...tierNames])].map((name) => tierSchema.parse({ name })),
  };
}
