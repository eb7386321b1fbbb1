/** What a project is made of at one commit, as its sources tell without running anything. */
export interface Composition {
  modules: readonly ModuleCall[];
  /** Addresses of providers, those of the public registry without its name: `hashicorp/aws`. */
  providers: readonly string[];
}

/** A call of a module, by the project itself or by a local module that it calls. */
export interface ModuleCall {
  /** As written but for its version; of a folder of the repository `./` and its path from the root. */
  source: string;
  /** Of a module from a registry its version constraint, from git its `ref`. */
  version?: string;
  /** Git's id of what it is exactly: of a local module its folder's tree, from git the commit it is pinned to. */
  hash?: string;
}

/** The name of a source that is computed: what it is nobody can tell before it runs. */
export const COMPUTED_SOURCE = '(computed)';

/** What one commit's version of a project has and another's has not. */
export interface Novelty {
  providers: readonly string[];
  /** By `moduleTitle`: another version is another module. */
  modules: readonly string[];
}

/** What is there at the head and not on the target branch; all of it where the target has no such project. */
export function noveltyOf(head: Composition, target: Composition | undefined): Novelty {
  const modules = new Set(target?.modules.map(moduleTitle));
  const providers = new Set(target?.providers);
  return {
    providers: head.providers.filter((each) => !providers.has(each)),
    modules: [...new Set(head.modules.map(moduleTitle))].filter((each) => !modules.has(each)),
  };
}

/** `terraform-aws-modules/vpc/aws 5.1.0` */
export function moduleTitle({ source, version }: ModuleCall): string {
  return version === undefined ? source : `${source} ${version}`;
}

/** A call as it is written in a file outside of the repository's own folders. */
export function foreignCall(source: string, version: string | undefined): ModuleCall {
  const [address = '', query] = source.split('?', 2);
  const parameters = new URLSearchParams(query);
  const ref = parameters.get('ref');
  if (ref === null) return { source, ...(version === undefined ? {} : { version: plainVersion(version) }) };
  parameters.delete('ref');
  parameters.delete('depth');
  const others = parameters.size === 0 ? '' : `?${parameters}`;
  return {
    source: `${address}${others}`,
    version: ref,
    ...(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(ref) ? { hash: ref } : {}),
  };
}

/** `= 5.1.0` is `5.1.0`; anything looser stays as it is written. */
function plainVersion(constraint: string): string {
  return constraint.trim().replace(/^=\s*/u, '');
}

/** `registry.terraform.io/hashicorp/aws` is `hashicorp/aws`, and so is OpenTofu's. */
export function providerName(address: string): string {
  const plain = address.toLowerCase();
  return plain.replace(/^registry\.(?:terraform\.io|opentofu\.org)\//u, '');
}

/** What terraform itself brings along is nobody's choice. */
export function isBuiltIn(provider: string): boolean {
  return provider.startsWith('terraform.io/builtin/');
}
