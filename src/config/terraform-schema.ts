import { z } from 'zod';

const seconds = z.int().positive('expected a number of seconds');
const bytes = z.int().positive('expected a number of bytes');
const distribution = z.enum(['terraform', 'tofu']);
const version = z.string().regex(/^\d+\.\d+\.\d+/, 'expected a version such as 1.11.4');

const backend = z.enum(['s3', 'gcs', 'azurerm', 'http', 'local']);
const keyTemplate = z
  .string()
  .regex(
    /^(?:[^{}]|\{(?:dir-?|workspace|repository)\})+$/,
    'expected a template such as "{dir}/{workspace}.tfstate", of {dir}, {dir-}, {workspace} and {repository}',
  );

const binary = z.strictObject({
  distribution: distribution.default('terraform'),
  version,
  path: z.string().min(1),
});

/** How runs are made: what is told of each in docs/configuration.md and docs/running-terraform.md. */
export const terraformSchema = z.strictObject({
  /** What runs a project that asks for nothing else. */
  binary: z.string().min(1).default('terraform'),
  /** What that is; without it, `tofu` when the program is called so. */
  distribution: distribution.exactOptional(),
  /** Exact version that the binary must have. */
  version: version.exactOptional(),
  /** Other programs, for projects that ask for their version. */
  binaries: z
    .array(binary)
    .default([])
    .refine(
      (all) => new Set(all.map((each) => `${each.distribution} ${each.version}`)).size === all.length,
      'two binaries of one version: nobody could tell which runs',
    ),
  providerMirror: z.string().min(1).exactOptional(),
  runRoot: z.string().min(1),
  /** Users that runs get, first and last; needs root. */
  uidRange: z.tuple([z.int().min(1000), z.int().min(1000)]).exactOptional(),
  requireIsolation: z.boolean().default(true),
  /** What the key of each project's state has to be. */
  stateKey: z.union([keyTemplate, z.partialRecord(backend, keyTemplate)]).exactOptional(),
  /** Refuses what keeps its state where it cannot be told from the code. */
  stateKeyRequired: z.boolean().default(false),
  limits: z
    .strictObject({
      planSeconds: seconds.default(900),
      /** For the look at one project's state when the gates are asked. */
      stateSeconds: seconds.default(60),
      applySeconds: seconds.default(6 * 3600),
      outputBytes: bytes.default(64 * 1024 ** 2),
      planJsonBytes: bytes.default(256 * 1024 ** 2),
      memoryBytes: bytes.default(4 * 1024 ** 3),
    })
    .prefault({}),
});

type TerraformFile = z.output<typeof terraformSchema>;

/** What runs a project that asks for nothing else. */
export function defaultBinary({
  binary: path,
  distribution: said,
}: Pick<TerraformFile, 'binary' | 'distribution'>) {
  const isTofu = said === 'tofu' || (said === undefined && /(?:^|\/)tofu$/.test(path));
  return { distribution: isTofu ? 'tofu' : 'terraform' } as const;
}
