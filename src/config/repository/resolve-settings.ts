import type { ProjectSettings, SettingOrigin } from '#app/ports/project-catalogue.ts';
import type { ApplyOn, ProjectTarget } from '#domain/project.ts';
import { DEFAULT_WORKFLOW, type Workflow } from '#domain/workflow.ts';
import type { Problem } from '../problems.ts';
import type { RESERVED, ServerEntry } from './server-schema.ts';
import type { LayerSettings, SettingName } from './settings-schema.ts';

/** What one place of `countersign.yaml` says; later layers win, key by key. */
export interface Layer {
  says: LayerSettings;
  placeOf: (...keys: readonly string[]) => string;
}

/** The workflows there are: the server's, and the repository's own. */
export interface WorkflowShelf {
  server: Readonly<Record<string, Omit<Workflow, 'name'>>>;
  own: Readonly<Record<string, Omit<Workflow, 'name'>>>;
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

/** A repository may say what is stricter without being asked. */
const STRICTNESS = {
  applyOn: ['approval', 'merge', 'command'],
  holdFrom: ['apply', 'plan'],
} as const;

/**
 * What holds for one project: what the server says of its folder, then the layers of the repository's file in order, as
 * far as the server lets them. What it does not let them is a problem with its place, not a value that is passed over.
 */
export function resolveSettings(
  dir: string,
  entry: ServerEntry,
  layers: readonly Layer[],
  shelf: WorkflowShelf,
): ResolvedSettings {
  const origins: SettingOrigin[] = [];
  const problems: Problem[] = [];
  const told = <T>(setting: string, value: T, place: string): T => {
    origins.push({ setting, value, place });
    return value;
  };
  const last = (name: SettingName, ...rest: string[]) => lastWord(layers, name, ...rest);
  const refuse = (place: string, what: string) => void problems.push({ place, what: `${what} (${dir})` });
  const allows = (setting: (typeof RESERVED)[number]) => entry.allow.settings.includes(setting);

  /** Free for the repository, unless the server's entry says something itself. */
  const free = <T>(name: SettingName, otherwise: T): T => {
    const said = last(name);
    return told(name, (said?.value as T | undefined) ?? otherwise, said?.place ?? 'default');
  };

  const stricter = <N extends 'applyOn' | 'holdFrom'>(name: N): ServerEntry[N] => {
    const said = last(name);
    const given = entry[name];
    if (said === undefined) return told(name, given, 'server');
    const value = said.value as ServerEntry[N];
    const rank: readonly string[] = STRICTNESS[name];
    if (!allows(name) && rank.indexOf(value) < rank.indexOf(given))
      refuse(said.place, `${name}: ${value} is weaker than what the server says, which is ${given}`);
    return told(name, value, said.place);
  };

  const binaryPart = <N extends 'distribution' | 'version'>(
    name: N,
    otherwise: ServerEntry['terraform'][N],
  ) => {
    const given = entry.terraform[name];
    const said = last('terraform', name);
    const value = (said?.value as ServerEntry['terraform'][N]) ?? given ?? otherwise;
    if (said !== undefined && value !== given && !allows('terraform'))
      refuse(said.place, `terraform.${name}: the server does not let this repository choose it`);
    return told(`terraform.${name}`, value, said?.place ?? (given === undefined ? 'default' : 'server'));
  };

  const varFiles = (): readonly string[] => {
    const said = last('varFiles');
    if (entry.varFiles.length === 0 || said === undefined)
      return told(
        'varFiles',
        (said?.value as readonly string[] | undefined) ?? entry.varFiles,
        said?.place ?? (entry.varFiles.length === 0 ? 'default' : 'server'),
      );
    refuse(said.place, 'varFiles: the server says which they are');
    return entry.varFiles;
  };

  const labels = (): Record<string, string> => {
    const merged = new Map<string, string>();
    for (const name of new Set(layers.flatMap(({ says }) => Object.keys(says.labels ?? {})))) {
      const said = last('labels', name);
      if (said === undefined) continue;
      const given = Object.hasOwn(entry.labels, name) ? entry.labels[name] : undefined;
      if (given !== undefined && given !== said.value)
        refuse(said.place, `labels.${name}: the server says that it is ${given}`);
      else if (given === undefined && !allows('labels'))
        refuse(said.place, `labels.${name}: the server does not let this repository set labels`);
      else merged.set(name, told(`labels.${name}`, String(said.value), said.place));
    }
    for (const [name, value] of Object.entries(entry.labels))
      if (!merged.has(name)) merged.set(name, told(`labels.${name}`, value, 'server'));
    return Object.fromEntries(merged);
  };

  const workflow = (): Workflow => {
    const said = last('workflow');
    const given = entry.workflow ?? 'default';
    const name = typeof said?.value === 'string' ? said.value : given;
    const own = Object.hasOwn(shelf.own, name) && !Object.hasOwn(shelf.server, name);
    const steps = shelf.server[name] ?? shelf.own[name] ?? DEFAULT_WORKFLOW;
    if (said !== undefined && name !== given) {
      if (own && !allows('workflows'))
        refuse(said.place, 'workflow: the server does not let this repository have workflows of its own');
      else if (!own && !Object.hasOwn(shelf.server, name))
        refuse(said.place, `workflow: there is no ${name}`);
      else if (!own && !entry.allow.workflows.includes(name))
        refuse(said.place, `workflow: the server does not let this repository choose ${name}`);
    }
    told('workflow', name, said?.place ?? (entry.workflow === undefined ? 'default' : 'server'));
    return { name, plan: steps.plan, apply: steps.apply };
  };

  const tier = (): string => {
    const said = last('tier');
    if (said === undefined) return told('tier', entry.tier, entry.tier === 'standard' ? 'default' : 'server');
    const value = String(said.value);
    if (value !== entry.tier && !entry.allow.tiers.includes(value))
      refuse(said.place, `tier: the server does not let this repository choose ${value}`);
    return told('tier', value, said.place);
  };

  const applyOn = stricter('applyOn');
  const holdFrom = stricter('holdFrom');
  const version = binaryPart('version', undefined);
  const settings: ResolvedSettings['settings'] = {
    binary: {
      distribution: binaryPart('distribution', 'terraform') ?? 'terraform',
      ...(version === undefined ? {} : { version }),
    },
    varFiles: varFiles(),
    labels: labels(),
    workflow: workflow(),
    whenModified: free('whenModified', []),
    autoplan: free('autoplan', true),
    dependsOn: free('dependsOn', []),
    orderGroup: free('orderGroup', 0),
    tier: tier(),
  };
  const dependsOnPlace = last('dependsOn')?.place ?? 'default';
  return { applyOn, holdFrom, settings, dependsOnPlace, origins, problems };
}

/** What the last layer that speaks of a setting says of it, and where. */
function lastWord(
  layers: readonly Layer[],
  name: SettingName,
  ...rest: string[]
): { value: unknown; place: string } | undefined {
  for (const { says, placeOf } of layers.toReversed()) {
    const value = rest.reduce(member, says[name]);
    if (value !== undefined) return { value, place: placeOf(name, ...rest) };
  }
  return undefined;
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key)
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
