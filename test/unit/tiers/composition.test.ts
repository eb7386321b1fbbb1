import { describe, expect, test } from 'vitest';
import { assembleRoots } from '#adapters/git/list-roots.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import { foreignCall, moduleTitle, noveltyOf } from '#domain/composition.ts';

/** What the project in `app` is made of, from the texts of a tree. */
async function compositionOf(files: Record<string, string>) {
  const known = new Map(
    await Promise.all(
      Object.entries(files).map(async ([path, text]) => [path, await readSourceFacts(path, text)] as const),
    ),
  );
  const sources = [...known.keys()].map((path) => ({ path, id: path }));
  const ids = new Map([['modules/vpc', 'tree-of-vpc']]);
  const found = assembleRoots(sources, known, ids).find(({ dir }) => dir === 'app');
  if (found === undefined) throw new Error('there is no project app');
  return found.composition;
}

describe('what a project is made of', () => {
  test('are the modules it calls, also through local ones, with version and hash as far as they are told', async () => {
    const { modules } = await compositionOf({
      'app/main.tf': `module "vpc" {
  source = "../modules/vpc" # local
}
module "bucket" {
  source  = "terraform-aws-modules/s3-bucket/aws"
  version = "= 4.1.0"
}
module "pinned" {
  source = "git::https://gitlab.example.com/modules/iam.git//role?ref=${'a1'.repeat(20)}&depth=1"
}
module "odd" {
  source = "../modules/\${var.which}"
}
`,
      'modules/vpc/main.tf':
        'module "tags" {\n  source = "git@gitlab.example.com:modules/tags.git?ref=v2"\n}\n',
      'other/main.tf': 'module "unrelated" {\n  source = "unrelated/x/y"\n}\n',
    });
    expect(modules).toEqual([
      { source: './modules/vpc', hash: 'tree-of-vpc' },
      { source: 'terraform-aws-modules/s3-bucket/aws', version: '4.1.0' },
      {
        source: 'git::https://gitlab.example.com/modules/iam.git//role',
        version: 'a1'.repeat(20),
        hash: 'a1'.repeat(20),
      },
      { source: '(computed)' },
      { source: 'git@gitlab.example.com:modules/tags.git', version: 'v2' },
    ]);
  });

  test('are the providers that its lock file, its requirements and its resources name, built-in ones left out', async () => {
    const { providers } = await compositionOf({
      'app/.terraform.lock.hcl':
        'provider "registry.terraform.io/hashicorp/random" {\n  version = "3.6.0"\n}\n',
      'app/main.tf': `terraform {
  required_providers {
    acme = {
      source  = "acme.example.com/infra/acme" # ours
      version = "~> 1.0"
    }
    null = "~> 3.0"
    # ghost = { source = "nobody/ghost" }
  }
}
resource "acme_network" "a" {}
resource "terraform_data" "b" {}
data "aws_caller_identity" "me" {}
provider "vault" {}
`,
      'app/more.tf.json': '{ "resource": { "tls_private_key": { "k": {} } } }',
      'lonely/.terraform.lock.hcl': 'provider "registry.terraform.io/hashicorp/other" {}\n',
    });
    expect(providers).toEqual([
      'acme.example.com/infra/acme',
      'hashicorp/aws',
      'hashicorp/null',
      'hashicorp/random',
      'hashicorp/tls',
      'hashicorp/vault',
    ]);
  });

  test('is a module that nobody can name where a file cannot be read', async () => {
    expect(await compositionOf({ 'app/main.tf': 'module "a" {\n' })).toMatchObject({
      modules: [{ source: '(computed)' }],
    });
  });
});

describe('what is new in a project', () => {
  const vpc = foreignCall('terraform-aws-modules/vpc/aws', '5.1.0');

  test('are providers and modules that the target’s version has not, another version of one too', () => {
    const target = { modules: [vpc], providers: ['hashicorp/aws'] };
    const bumped = foreignCall('terraform-aws-modules/vpc/aws', '5.2.0');
    const head = { modules: [vpc, bumped], providers: ['hashicorp/aws', 'hashicorp/random'] };
    expect(noveltyOf(head, target)).toEqual({
      providers: ['hashicorp/random'],
      modules: ['terraform-aws-modules/vpc/aws 5.2.0'],
    });
    expect(noveltyOf(target, head)).toEqual({ providers: [], modules: [] });
  });

  test('is everything where the target has no such project', () => {
    expect(noveltyOf({ modules: [vpc], providers: ['hashicorp/aws'] }, undefined)).toEqual({
      providers: ['hashicorp/aws'],
      modules: [moduleTitle(vpc)],
    });
  });

  test('is no local module whose folder merely changed', () => {
    const local = (hash: string) => ({ modules: [{ source: './modules/vpc', hash }], providers: [] });
    expect(noveltyOf(local('new'), local('old')).modules).toEqual([]);
  });
});
