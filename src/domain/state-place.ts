/** Where a root module says that its state is; what is computed, or comes from elsewhere, is left open. */
export interface BackendFacts {
  /** `s3`, `http` …; `cloud` for a cloud block. */
  type: string;
  line: number;
  /** Attributes as they are written; `undefined` for those that are computed. */
  attributes: Readonly<Record<string, string | undefined>>;
  /** Of a state that is read: the workspace it is of. */
  workspace?: string;
}

/** One root module in one workspace, with what its sources say of its state; without a backend block it is `local`. */
export interface StateOwner {
  key: string;
  dir: string;
  workspace: string;
  backend: (BackendFacts & { file: string }) | undefined;
  /** Part of the backend's settings comes from a file at `init`, so the block does not tell. */
  partial: boolean;
}

/** Backends whose place can be told from their block. */
export type PlaceableBackend = 's3' | 'gcs' | 'azurerm' | 'http' | 'local';

/**
 * What the key of a project's state has to be: one template for all, or one for each backend. `{dir}` stands for the
 * project's folder, `{dir-}` for the same with dashes for slashes, `{workspace}` for the workspace, `{repository}` for the
 * repository's id.
 */
export type StateKeyTemplate = string | Readonly<Partial<Record<PlaceableBackend, string>>>;

export interface StateKeyRule {
  template: StateKeyTemplate;
  /** A key that cannot be told is refused as well. */
  required: boolean;
}

export interface StateProblem {
  summary: string;
  detail: string;
  file?: string;
  line?: number;
}

/** What is wrong with where projects keep their states, by the project's key; nothing for those that are in order. */
export function stateProblems(
  owners: readonly StateOwner[],
  { repository, rule }: { repository: number; rule: StateKeyRule | undefined },
): Map<string, StateProblem[]> {
  const places = Map.groupBy(owners, placeOf);
  const found = owners.map((owner): [string, StateProblem[]] => {
    const place = placeOf(owner);
    const sharers = place === undefined ? [] : (places.get(place) ?? []);
    const problems = [
      ...(rule === undefined ? [] : keyProblem(owner, repository, rule)),
      ...(sharers.length > 1 ? [sharing(owner, sharers)] : []),
    ];
    return [owner.key, problems.map((each) => inFile(owner, each))];
  });
  return new Map(found.filter(([, problems]) => problems.length > 0));
}

/** Keys of the projects whose state each project reads, by its key, as far as both places are written out. */
export function stateReaders(
  owners: readonly (StateOwner & { remoteStates: readonly BackendFacts[] })[],
): Map<string, string[]> {
  const byPlace = Map.groupBy(owners, placeOf);
  return new Map(
    owners.map((owner) => {
      const read = owner.remoteStates.flatMap((backend) => {
        const { workspace = 'default' } = backend;
        const place = placeOf({ ...owner, workspace, backend: { ...backend, file: '' }, partial: false });
        const found = place === undefined ? [] : (byPlace.get(place) ?? []);
        return found.map(({ key }) => key).filter((key) => key !== owner.key);
      });
      return [owner.key, [...new Set(read)].toSorted()];
    }),
  );
}

function inFile({ backend }: StateOwner, problem: StateProblem): StateProblem {
  return backend === undefined ? problem : { ...problem, file: backend.file, line: backend.line };
}

function keyProblem(owner: StateOwner, repository: number, rule: StateKeyRule): StateProblem[] {
  const type = owner.backend?.type ?? 'local';
  const template =
    typeof rule.template === 'string' ? rule.template : isPlaceable(type) ? rule.template[type] : undefined;
  if (template === undefined)
    return rule.required ? [unknown(owner, `the server has no rule for ${type}`)] : [];
  const key = keyOf(owner);
  if (key === undefined)
    return rule.required ? [unknown(owner, `the key of backend ${type} is not written in its block`)] : [];
  const expected = expand(template, owner, repository);
  if (key === expected) return [];
  return [
    {
      summary: `The state of ${owner.key} has the key "${key}" and must have "${expected}"`,
      detail: `Backend ${type}: this server keeps the state of each project under the project's own path.`,
    },
  ];
}

function unknown({ key }: StateOwner, why: string): StateProblem {
  return {
    summary: `Where the state of ${key} is cannot be told`,
    detail: `${why}, and this server plans only what keeps its state under the project's own path.`,
  };
}

function sharing(owner: StateOwner, sharers: readonly StateOwner[]): StateProblem {
  const all = [owner, ...sharers.filter(({ key }) => key !== owner.key)];
  const named = all.map(
    ({ key, backend }) => `${key}${backend === undefined ? '' : ` (${backend.file}:${backend.line})`}`,
  );
  return {
    summary: `${all.map(({ key }) => key).join(' and ')} keep their state in one place`,
    detail: `Each would take the other's resources for its own and destroy them. Give each a state of its own: ${named.join(', ')}.`,
  };
}

/** What has to be said of a backend to tell one place from another; see each backend's page of Terraform's documentation. */
const PLACES: Readonly<
  Record<PlaceableBackend, { key: string; around: readonly string[]; needed: readonly string[] }>
> = {
  s3: { key: 'key', around: ['bucket', 'workspace_key_prefix', 'endpoint'], needed: ['bucket', 'key'] },
  gcs: { key: 'prefix', around: ['bucket'], needed: ['bucket'] },
  azurerm: {
    key: 'key',
    around: ['storage_account_name', 'container_name'],
    needed: ['storage_account_name', 'container_name', 'key'],
  },
  http: { key: 'address', around: [], needed: ['address'] },
  local: { key: 'path', around: ['workspace_dir'], needed: [] },
};

function isPlaceable(type: string): type is PlaceableBackend {
  return Object.hasOwn(PLACES, type);
}

/** The part of the place that is the project's own; undefined when the block does not tell. */
function keyOf({ backend, dir, partial }: StateOwner): string | undefined {
  const type = backend?.type ?? 'local';
  if (partial || !isPlaceable(type)) return undefined;
  const { key: name, needed } = PLACES[type];
  const attributes = backend?.attributes ?? {};
  const said = attributes[name];
  if (said === undefined && (Object.hasOwn(attributes, name) || needed.includes(name))) return undefined;
  if (type === 'http') return said === undefined ? undefined : stateNameOf(said);
  if (type === 'local') return below(dir, said ?? 'terraform.tfstate');
  return said ?? '';
}

function below(dir: string, path: string): string {
  if (dir === '.' || path.startsWith('/')) return path;
  return `${dir}/${path.replace(/^(?:\.\/)+/u, '')}`;
}

/** GitLab's name of a state, from its address; of another server's, the path. */
function stateNameOf(address: string): string {
  const path = URL.parse(address)?.pathname ?? address;
  const name = /\/terraform\/state\/(?<name>[^/]+)\/?$/u.exec(path)?.groups?.['name'];
  if (name === undefined) return path.replaceAll(/^\/+|\/+$/gu, '');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** Equal for two projects that have one state; undefined when it cannot be told. */
function placeOf(owner: StateOwner): string | undefined {
  const { backend, workspace, partial } = owner;
  const type = backend?.type ?? 'local';
  if (partial || !isPlaceable(type)) return undefined;
  const { key, around, needed } = PLACES[type];
  const attributes = backend?.attributes ?? {};
  const isOpen = [...around, key].some(
    (name) => attributes[name] === undefined && (Object.hasOwn(attributes, name) || needed.includes(name)),
  );
  if (isOpen) return undefined;
  const own = type === 'http' ? attributes['address'] : keyOf(owner);
  return JSON.stringify([type, ...around.map((name) => attributes[name] ?? ''), own, workspace]);
}

function expand(template: string, { dir, workspace }: StateOwner, repository: number): string {
  const values: Readonly<Record<string, string>> = {
    dir,
    'dir-': dir.replaceAll('/', '-'),
    workspace,
    repository: String(repository),
  };
  return template.replaceAll(/\{(?<name>[^{}]*)\}/gu, (whole, name: string) => values[name] ?? whole);
}
