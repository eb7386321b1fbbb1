import { DEFAULT_WORKFLOW } from '#domain/workflow.ts';
import type { Problem } from '../problems.ts';
import { readYaml } from '../read-yaml.ts';
import { configSchema } from '../schema.ts';
import type { ServerSide } from './resolve.ts';
import type { RepositoryFile } from './schema.ts';
import { RESERVED, serverRepositorySchema } from './server-schema.ts';

/** What the server's file says of a repository, read without its secrets; of the only one when none is named. */
export function readServerSide(
  path: string,
  repository: number | undefined,
): { ok: true; server: ServerSide } | { ok: false; problems: readonly Problem[] } {
  const reading = readYaml(path, configSchema);
  if (!reading.ok) return reading;
  const { repositories, workflows, hooks } = reading.file.value;
  const fitting = repositories.filter(({ id }) => repository === undefined || id === repository);
  const [found, ...others] = fitting;
  if (found !== undefined && others.length === 0)
    return { ok: true, server: { repository: found, workflows, hooks } };
  const ids = repositories.map(({ id }) => id).join(', ');
  const what = `name the repository: it has ${ids}`;
  return { ok: false, problems: [{ place: reading.file.placeOf(['repositories']), what }] };
}

/** A server that governs every folder and lets the repository decide whatever it says: where no server's file is at hand. */
export function anyServer(file: RepositoryFile): ServerSide {
  const layers = [...file.defaults, ...file.projects];
  const named = layers.flatMap(({ workflow }) => workflow ?? []);
  const others = named.filter((name) => !Object.hasOwn(file.workflows, name));
  const { plan, apply } = DEFAULT_WORKFLOW;
  const workflows = Object.fromEntries(others.map((name) => [name, { plan: [...plan], apply: [...apply] }]));
  const allow = {
    settings: [...RESERVED],
    workflows: others,
    tiers: layers.flatMap(({ tier }) => tier ?? []),
  };
  return {
    repository: serverRepositorySchema.parse({
      id: 1,
      projects: [{ match: '**', applyOn: 'approval', allow }],
    }),
    workflows,
    hooks: [],
  };
}
