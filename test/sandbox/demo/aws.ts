import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmulator } from './aws-emulator.ts';
import { awsModule } from './aws-module.ts';
import type { Infrastructure, State } from './infrastructure.ts';
import { Problem } from './problem.ts';

const BUCKET = 'terraform-state';
const REGION = 'eu-central-1';
const LABELS = ['network', 'env'];

const PROJECTS: Record<
  string,
  { prefix: string; vpc: string; before: string[]; after: string[]; later: string[] }
> = {
  'fin/prod/network': {
    prefix: 'fin-prod',
    vpc: '10.20.0.0/16',
    before: ['10.20.0.0/24'],
    after: ['10.20.0.0/24', '10.20.1.0/24'],
    later: ['10.20.0.0/24', '10.20.1.0/24', '10.20.2.0/24'],
  },
  'biz/dev/network': {
    prefix: 'biz-dev',
    vpc: '10.60.0.0/16',
    before: [],
    after: ['10.60.0.0/24'],
    later: ['10.60.1.0/24'],
  },
};

/**
 * Networks and subnets with the AWS provider and their state in S3, on an emulator. Plans may only read: they and applies
 * have credentials of their own, in their environment alone. Needs `moto_server` and a mirror with the provider.
 *
 * @throws Problem when either is missing
 */
export async function openAws(dir: string, signal: AbortSignal): Promise<Infrastructure> {
  const providerMirror = await findMirror();
  const emulator = await startEmulator(join(dir, 'logs/moto.log'), signal);
  await emulator.s3('PUT', BUCKET);
  const common = { AWS_ENDPOINT_URL: emulator.url, AWS_REGION: REGION };
  return {
    settings: {
      providerMirror,
      runVariables: {
        plan: { ...common, ...(await keysOf('plan', dir)) },
        apply: { ...common, ...(await keysOf('apply', dir)) },
      },
      rules: [
        { shipped: 'required-tags' },
        { shipped: 'naming', params: { labels: LABELS } },
        { shipped: 'no-destroy' },
      ],
    },
    before: () => files('before'),
    after: () => files('after'),
    later: () => files('later'),
    // The networks are made by the first change.
    prepare: async () => undefined,
    async approvals(_, project) {
      const where = `s3://${BUCKET}/${stateKey(project)}`;
      const { resources } = JSON.parse(await emulator.s3('GET', `${BUCKET}/${stateKey(project)}`)) as State;
      const numbers = resources.flatMap(({ type, name, instances }) =>
        instances.map(({ index_key: key, attributes }) => {
          const tags = attributes['tags_all'] as Record<string, string> | undefined;
          const address = `${type}.${name}${key === undefined ? '' : `[${JSON.stringify(key)}]`}`;
          return [address, tags?.['ApprovalId'] ?? ''] as const;
        }),
      );
      return { where, numbers: Object.fromEntries(numbers) };
    },
    close: () => emulator.stop(),
  };
}

/** The keys of the role that plans or applies, the secret one in a file that runs cannot read. */
async function keysOf(phase: 'plan' | 'apply', dir: string) {
  const file = join(dir, `aws-${phase}-secret`);
  await writeFile(file, `secret-of-the-role-for-${phase}`, { mode: 0o600 });
  return { AWS_ACCESS_KEY_ID: `AKIAROLEFOR${phase.toUpperCase()}`, AWS_SECRET_ACCESS_KEY: { file } };
}

function files(when: 'before' | 'after' | 'later'): Record<string, string> {
  return Object.fromEntries(
    Object.entries(PROJECTS).map(([project, { prefix, vpc, [when]: subnets }]) => [
      `${project}/main.tf`,
      awsModule({ bucket: BUCKET, key: stateKey(project), region: REGION, prefix, vpc, subnets }),
    ]),
  );
}

const stateKey = (project: string): string => `${project}.tfstate`;

/** The folder named by COUNTERSIGN_TF_PLUGINS, if it holds the AWS provider as `terraform providers mirror` lays it out. */
async function findMirror(): Promise<string> {
  const folder = process.env['COUNTERSIGN_TF_PLUGINS'];
  const fix =
    'Make one: terraform providers mirror <folder>, next to a file that requires hashicorp/aws; then set ' +
    'COUNTERSIGN_TF_PLUGINS=<folder>. Without --aws the demo needs none.';
  if (folder === undefined || folder === '')
    throw new Problem(
      `--aws needs a mirror with the AWS provider; COUNTERSIGN_TF_PLUGINS is not set. ${fix}`,
    );
  const provider = join(folder, 'registry.terraform.io/hashicorp/aws');
  const found = await stat(provider).catch(() => undefined);
  if (found?.isDirectory() !== true || (await readdir(provider)).length === 0)
    throw new Problem(`COUNTERSIGN_TF_PLUGINS is ${folder}, but there is nothing in ${provider}. ${fix}`);
  return folder;
}
