import type { SourceFacts } from '#app/ports/source.ts';
import { type HclBlock, hclBlocks } from './hcl-blocks.ts';

/** What a file says of the modules and providers that it is made of. */
export type SourceParts = Pick<SourceFacts, 'moduleCalls' | 'providers'>;

/** A file's blocks of one type, each with its own name, whichever of the two syntaxes it has. */
export interface PartReader {
  /** Names of the blocks of a type: the last label of a module, the type of a resource. */
  named(type: string): readonly string[];
  modules: readonly { source: string | undefined; version: string | undefined }[];
  /** What `required_providers` says, by local name; nothing where only a version is said. */
  required: readonly { name: string; source: string | undefined }[];
}

/** Resources and the like belong to the provider whose name their type begins with. */
const OF_PROVIDERS = ['resource', 'data', 'ephemeral', 'list', 'action'];

/** What the file is made of. See https://developer.hashicorp.com/terraform/language/providers/requirements */
export function partsOf(file: PartReader): SourceParts {
  const typed = OF_PROVIDERS.flatMap((type) => file.named(type));
  return {
    moduleCalls: file.modules.map(({ source, version }) => ({
      source,
      ...(version === undefined ? {} : { version }),
    })),
    providers: {
      required: [...file.required],
      used: [...new Set([...typed.map((type) => type.split('_', 1)[0] ?? ''), ...file.named('provider')])],
    },
  };
}

/** Terraform's native syntax. */
export function partsOfBlocks(blocks: readonly HclBlock[]): SourceParts {
  const ofType = (type: string) => blocks.filter((block) => block.type === type);
  return partsOf({
    named: (type) => ofType(type).flatMap(({ labels }) => labels.slice(0, 1)),
    modules: ofType('module').map(({ attributes }) => ({
      source: attributes.get('source'),
      version: attributes.get('version'),
    })),
    required: ofType('terraform').flatMap(({ body }) =>
      (hclBlocks(body) ?? []).filter(({ type }) => type === 'required_providers').flatMap(requiredIn),
    ),
  });
}

/** `aws = { source = "hashicorp/aws", … }`, or the older `aws = "~> 5.0"`. */
function requiredIn({ body }: HclBlock): PartReader['required'] {
  const text = body.replaceAll(/(?:#|\/\/).*$/gmu, '');
  return [...text.matchAll(/(?<name>[\w-]+)\s*=\s*(?:"[^"]*"|\{(?<object>[^{}]*)\})/gu)].map(
    ({ groups }) => ({
      name: groups?.['name'] ?? '',
      source: /(?:^|[\s,])"?source"?\s*[=:]\s*"(?<source>[^"]+)"/u.exec(groups?.['object'] ?? '')?.groups?.[
        'source'
      ],
    }),
  );
}

/** Addresses in a dependency lock file. */
export function lockedProviders(source: string): string[] {
  return [...source.matchAll(/^provider\s+"(?<address>[^"\n]+)"/gmu)].map(
    ({ groups }) => groups?.['address'] ?? '',
  );
}

export function isLockFile(path: string): boolean {
  return /(?:^|\/)\.terraform\.lock\.hcl$/u.test(path);
}
