import type { ProjectSettings, SettingOrigin } from '#app/ports/project-catalogue.ts';
import type { ApplyOn, ProjectTarget } from '#domain/project.ts';
import { DEFAULT_WORKFLOW, type Workflow } from '#domain/workflow.ts';
import { defaultTier, rankIn, type Tier } from '#domain/tiers.ts';
import type { Problem } from '../problems.ts';
import { unknownTier } from '../tiers.ts';
import type { ServerEntry } from './server-schema.ts';
import { type Layer, readSettings, type SettingReader } from './setting-reader.ts';
import type { SettingName } from './settings-schema.ts';

type Workflows = Readonly<Record<string, Omit<Workflow, 'name'>>>;

/** The workflows there are: the server's, and the repository's own. */
export interface WorkflowShelf {
  server: Workflows;
  own: Workflows;
}

export interface ResolvedSettings {
  applyOn: ApplyOn;
  holdFrom: ProjectTarget['holdFrom'];
  /** `dependsOn` as written: names or keys. */
  settings: Omit<ProjectSettings, 'hooks'>;
  /** Where `dependsOn` was said. */
  dependsOnPlace: string;
  origins: readonly SettingOrigin[];
  problems: readonly Problem[];
}

/**
 * What holds for one project: what the server says of its folder, then the layers of the repository's file in order, as
 * far as the server lets them. What it does not let them is a problem with its place, not a value that is passed over.
 */
export function resolveSettings(
  dir: string,
  entry: ServerEntry,
  layers: readonly Layer[],
  shelf: WorkflowShelf,
  ladder: readonly Tier[],
): ResolvedSettings {
  const reader = readSettings(dir, entry, layers);
  return {
    applyOn: stricter(reader, 'applyOn', ['approval', 'merge', 'command']),
    holdFrom: stricter(reader, 'holdFrom', ['apply', 'plan']),
    settings: {
      binary: binary(reader),
      varFiles: varFiles(reader),
      labels: labels(reader),
      workflow: workflow(reader, shelf),
      whenModified: free(reader, 'whenModified', []),
      autoplan: free(reader, 'autoplan', true),
      dependsOn: free(reader, 'dependsOn', []),
      orderGroup: free(reader, 'orderGroup', 0),
      tier: tier(reader, ladder),
    },
    dependsOnPlace: reader.last('dependsOn')?.place ?? 'default',
    origins: reader.origins,
    problems: reader.problems,
  };
}

/** The repository's own affair. */
function free<T>({ last, take }: SettingReader, name: SettingName, otherwise: T): T {
  const said = last(name);
  return take(name, (said?.value as T | undefined) ?? otherwise, said?.place ?? 'default');
}

/** A repository may say what is stricter without being asked; `ascending` has the weakest first. */
function stricter<N extends 'applyOn' | 'holdFrom'>(
  { allows, entry, last, refuse, take }: SettingReader,
  name: N,
  ascending: readonly ServerEntry[N][],
): ServerEntry[N] {
  const said = last(name);
  const given = entry[name];
  if (said === undefined) return take(name, given, 'server');
  const value = said.value as ServerEntry[N];
  if (!allows(name) && ascending.indexOf(value) < ascending.indexOf(given))
    refuse(said.place, `${name}: ${value} is weaker than what the server says, which is ${given}`);
  return take(name, value, said.place);
}

function binary(reader: SettingReader): ProjectSettings['binary'] {
  const version = binaryPart(reader, 'version', undefined);
  const distribution = binaryPart(reader, 'distribution', 'terraform');
  return version === undefined ? { distribution } : { distribution, version };
}

function binaryPart<N extends 'distribution' | 'version', T>(
  { allows, entry, last, refuse, take }: SettingReader,
  name: N,
  otherwise: T,
): NonNullable<ServerEntry['terraform'][N]> | T {
  const given = entry.terraform[name];
  const said = last('terraform', name);
  if (said === undefined)
    return take(`terraform.${name}`, given ?? otherwise, given === undefined ? 'default' : 'server');
  if (said.value !== given && !allows('terraform'))
    refuse(said.place, `terraform.${name}: the server does not let this repository choose it`);
  return take(`terraform.${name}`, said.value as NonNullable<ServerEntry['terraform'][N]>, said.place);
}

function varFiles({ entry, last, refuse, take }: SettingReader): readonly string[] {
  const said = last('varFiles');
  const given = entry.varFiles;
  if (said === undefined) return take('varFiles', given, given.length === 0 ? 'default' : 'server');
  if (given.length > 0) refuse(said.place, 'varFiles: the server says which they are');
  return take('varFiles', said.value as readonly string[], said.place);
}

/** Each label by itself: rules read them, so what the server sets stays, and whether others are set is for it to say. */
function labels({ allows, entry, last, layers, refuse, take }: SettingReader): Record<string, string> {
  const names = new Set(layers.flatMap(({ says }) => Object.keys(says.labels ?? {})));
  const own = [...names].flatMap((name): [string, string][] => {
    const said = last('labels', name);
    const given = Object.hasOwn(entry.labels, name) ? entry.labels[name] : undefined;
    if (said === undefined || said.value === given) return [];
    if (given !== undefined) refuse(said.place, `labels.${name}: the server says that it is ${given}`);
    else if (!allows('labels'))
      refuse(said.place, `labels.${name}: the server does not let this repository set labels`);
    return given === undefined ? [[name, take(`labels.${name}`, String(said.value), said.place)]] : [];
  });
  const given = Object.entries(entry.labels).map(([name, value]): [string, string] => [
    name,
    take(`labels.${name}`, value, 'server'),
  ]);
  return Object.fromEntries([...own, ...given]);
}

function workflow({ allows, entry, last, refuse, take }: SettingReader, shelf: WorkflowShelf): Workflow {
  const said = last('workflow');
  const given = entry.workflow ?? 'default';
  const name = typeof said?.value === 'string' ? said.value : given;
  const isServers = name === 'default' || Object.hasOwn(shelf.server, name);
  const isOwn = !isServers && Object.hasOwn(shelf.own, name);
  if (said !== undefined && name !== given) {
    if (isOwn && !allows('workflows'))
      refuse(said.place, 'workflow: the server does not let this repository have workflows of its own');
    else if (!isOwn && !isServers) refuse(said.place, `workflow: there is no ${name}`);
    else if (isServers && !entry.allow.workflows.includes(name))
      refuse(said.place, `workflow: the server does not let this repository choose ${name}`);
  }
  const place = said?.place ?? (entry.workflow === undefined ? 'default' : 'server');
  const found = isServers ? shelf.server[name] : isOwn ? shelf.own[name] : undefined;
  const steps = found ?? DEFAULT_WORKFLOW;
  return { name: take('workflow', name, place), plan: steps.plan, apply: steps.apply };
}

/** What is graver than the server's word is the repository's own to choose. */
function tier({ entry, last, refuse, take }: SettingReader, ladder: readonly Tier[]): string {
  const given = entry.tier ?? defaultTier(ladder);
  const said = last('tier');
  if (said === undefined) return take('tier', given, entry.tier === undefined ? 'default' : 'server');
  const value = String(said.value);
  const [unknown] = unknownTier(value, ladder, said.place);
  if (unknown !== undefined) refuse(unknown.place, `tier: ${unknown.what}`);
  else if (!entry.allow.tiers.includes(value) && rankIn(ladder, value) < rankIn(ladder, given))
    refuse(said.place, `tier: ${value} is lighter than what the server says, which is ${given}`);
  return take('tier', value, said.place);
}
