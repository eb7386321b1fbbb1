import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCelTiers } from '#adapters/checks/cel-tiers.ts';
import { createGitSource } from '#adapters/git/git-source.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import type { RootModules, Source } from '#app/ports/source.ts';
import type { Change } from '#domain/change.ts';
import type { ModuleAttestation } from '#domain/module-register.ts';
import { redactPlan } from '#domain/plan/redact.ts';
import { summarizePlan } from '#domain/plan/summarize.ts';
import type { TierRule } from '#domain/tiers.ts';
import { loadTiers } from '#src/config/tiers.ts';
import { tierSchema } from '#src/config/tier-schema.ts';
import type { Configured } from '#workers/configured-project.ts';
import { decideDemand } from '#workers/decide-demand.ts';
import { backend, type Bench, planned, planRequest, startBench } from '../terraform/bench.ts';

const REPOSITORY = 7;
const TIERS = ['normal', 'high'].map((name) => tierSchema.parse({ name }));
let base: string;
let bench: Bench;
let source: Source & RootModules;
let target: string;
let head: string;

function git(...args: string[]): string {
  return execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
    cwd: join(base, 'upstream'),
    encoding: 'utf8',
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: base, GIT_CONFIG_NOSYSTEM: '1' },
  }).trim();
}

async function commit(files: Record<string, string>): Promise<string> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(base, 'upstream', path)), { recursive: true });
    await writeFile(join(base, 'upstream', path), content);
  }
  git('add', '--all');
  git('commit', '--quiet', '--message', 'more');
  return git('rev-parse', 'HEAD');
}

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'countersign-tiers-'));
  bench = await startBench();
  await mkdir(join(base, 'upstream'));
  git('init', '--quiet', '--initial-branch', 'main');
  git('config', 'uploadpack.allowAnySHA1InWant', 'true');
  source = createGitSource({
    mirrors: join(base, 'mirrors'),
    protocols: ['file'],
    remote: async () => ({ url: `file://${join(base, 'upstream')}` }),
    readFacts: readSourceFacts,
  });
  target = await commit({
    'app/main.tf': `${backend(bench)}\nresource "terraform_data" "old" {}\n`,
    'modules/known/main.tf': 'resource "terraform_data" "k" {}\n',
    'other/main.tf': 'module "net" {\n  source = "../modules/known"\n}\n',
  });
  head = await commit({
    'app/main.tf': `${backend(bench)}
resource "terraform_data" "old" {}
module "net" {
  source = "../modules/net"
}
`,
    'modules/net/main.tf': `module "k" {
  source = "../known"
}
resource "terraform_data" "n" {
  input = timestamp()
}
`,
    // The lock file is what people commit of a provider: it names more than this plan has resources of.
    'app/.terraform.lock.hcl':
      'provider "registry.terraform.io/hashicorp/random" {\n  version = "3.6.0"\n}\n',
  });
  await source.fetch(REPOSITORY, [target, head]);
});
afterAll(async () => {
  await bench.close();
  await rm(base, { recursive: true, force: true });
});

/** The plan of the project at the head, as terraform makes it. */
async function planOfHead() {
  const request = planRequest(
    {},
    {
      dir: 'app',
      materialize: async (folder) => {
        await source.materialize(REPOSITORY, head, ['app', 'modules'], folder);
        // No provider can be fetched here: what only the lock file names is not needed for the plan.
        await rm(join(folder, 'app/.terraform.lock.hcl'));
      },
    },
  );
  const { plan } = await planned(bench.worker(), request);
  const redacted = redactPlan(plan);
  return { plan: redacted, counts: summarizePlan(redacted).counts };
}

async function decide(rules: object[], modules: ModuleAttestation[] = [], targetSha = target) {
  const { tierRules } = loadTiers(
    { tiers: TIERS, tierRules: rules, repositories: [] } as unknown as Parameters<typeof loadTiers>[0],
    () => 'server.yaml:1:1',
  );
  const context = {
    ledger: { now: async () => '2026-11-01T10:00:00.000Z' },
    rootModules: source,
    source,
    tiers: createCelTiers({ tiers: TIERS, tierRules, modules }),
  } as unknown as Parameters<typeof decideDemand>[0];
  const change = {
    mergeRequest: { repository: REPOSITORY, iid: 1 },
    revision: { headSha: head, targetSha },
    author: { id: 11, username: 'ann' },
  } as unknown as Change;
  const configured = {
    project: { settings: { tier: 'normal', labels: {} } },
    catalogue: { tierRules: [] as TierRule[] },
  } as unknown as Configured;
  const project = { key: 'app', dir: 'app', workspace: 'default' };
  const who = { people: [], unseenSources: [] };
  return decideDemand(context, change, configured, { project, ...(await planOfHead()) }, who);
}

describe('the tier of a plan that terraform made', () => {
  test('tells which modules and providers are new against the target branch, also by way of others', async () => {
    const { reasons, tier } = await decide([
      { shipped: 'new-module', tier: 'high' },
      { shipped: 'new-provider', tier: 'high' },
    ]);
    expect([tier, reasons]).toEqual([
      'high',
      ['calls new modules: ./modules/net, ./modules/known', 'uses new providers: hashicorp/random'],
    ]);
  });

  test('finds nothing new where the target has it all', async () => {
    const rules = [
      { shipped: 'new-module', tier: 'high' },
      { shipped: 'new-provider', tier: 'high' },
    ];
    expect(await decide(rules, [], head)).toMatchObject({ tier: 'normal', reasons: [] });
  });

  test('stays light while the modules it calls are as they were reviewed', async () => {
    const [net, known] = await source.pathIds(REPOSITORY, head, ['modules/net', 'modules/known']);
    const entry = (path: string, hash: string | undefined) => ({
      source: path,
      hash: hash ?? '',
      reviewedBy: 'cleo',
      reviewedAt: '2026-01-01',
      until: '2026-12-31',
    });
    const rules = [{ shipped: 'unattested-module', tier: 'high' }];
    const register = [entry('./modules/net', net?.id), entry('./modules/known', known?.id)];
    expect(await decide(rules, register)).toMatchObject({ tier: 'normal', reasons: [] });
    expect(await decide(rules, [entry('./modules/net', known?.id), ...register.slice(1)])).toMatchObject({
      tier: 'high',
      reasons: ['calls modules without a valid review: ./modules/net'],
    });
  });

  test('takes what is known only after apply for the worst', async () => {
    const { reasons } = await decide([
      {
        id: 'input',
        tier: 'high',
        message: 'sets an input',
        when: 'plan.resources.exists(r, "input" in r.after && r.after.input == "x")',
        appliesTo: {},
        params: {},
      },
    ]);
    expect(reasons).toEqual([
      'sets an input: taken to be so, since it could not be decided (resource.after.input is known only after apply)',
    ]);
  });
});
