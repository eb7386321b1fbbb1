import { mkdtemp } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAws } from '#test/sandbox/demo/aws.ts';
import type { HouseSettings } from '#test/sandbox/house/configuration.ts';
import { rootModule } from '#test/sandbox/house/root-modules.ts';
import type { Kind } from './measure-plans.ts';
import { lockFileOf } from './raw-terraform.ts';
import type { Stage } from './stage.ts';

/** Three resources that need no cloud, with their state in GitLab: as little for terraform to do as there can be. */
export function tinyKind({ gitlabUrl, scene }: Stage): Kind {
  return {
    id: 'tiny',
    what: 'tiny plan',
    files: (name) => ({
      'main.tf': rootModule({ gitlabUrl, project: scene.project.id, state: name }, threeResources(name)),
    }),
    byHand: {
      environment: { TF_HTTP_USERNAME: 'terraform', TF_HTTP_PASSWORD: scene.stateTokens.plan },
    },
    goal: 1.5,
  };
}

function threeResources(name: string): string {
  const one = (label: string) =>
    `resource "terraform_data" "${label}" {\n  input = "${label} of ${name}"\n}\n`;
  return ['network', 'subnet', 'route'].map(one).join('\n');
}

export interface AwsKind {
  kind: Kind;
  settings: HouseSettings;
  close(): Promise<void>;
}

/** A network with two subnets on an AWS emulator, with a lock file; why not where that cannot be had. */
export async function awsKind(): Promise<AwsKind | string> {
  const mirror = process.env['COUNTERSIGN_TF_PLUGINS'];
  if (mirror === undefined || !existsSync(mirror))
    return 'AWS: COUNTERSIGN_TF_PLUGINS names no folder of providers';
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-aws-'));
  const aws = await openAws(dir, new AbortController().signal).catch((error: Error) => error.message);
  if (typeof aws === 'string') return `AWS: ${aws}`;
  const variables = aws.settings.runVariables?.plan ?? {};
  const endpoint = variables['AWS_ENDPOINT_URL'];
  const byHand = {
    environment: {
      AWS_ENDPOINT_URL: typeof endpoint === 'string' ? endpoint : '',
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIABYHAND',
      AWS_SECRET_ACCESS_KEY: 'by-hand',
    },
    providerMirror: mirror,
  };
  const lock = await lockFileOf({ 'main.tf': network('lock') }, byHand);
  const kind: Kind = {
    id: 'aws',
    what: 'AWS plan',
    files: (name) => ({ 'main.tf': network(name), '.terraform.lock.hcl': lock }),
    byHand,
    goal: 1,
  };
  return { kind, settings: { ...aws.settings, rules: [] }, close: () => aws.close() };
}

function network(name: string): string {
  return `terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
  backend "s3" {
    bucket         = "terraform-state"
    key            = "${name}.tfstate"
    region         = "eu-central-1"
    use_path_style = true
  }
}

resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
  tags       = { Name = "${name}" }
}

resource "aws_subnet" "main" {
  for_each   = toset(["10.0.1.0/24", "10.0.2.0/24"])
  vpc_id     = aws_vpc.main.id
  cidr_block = each.key
}
`;
}
