import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { JiraFlavour } from './jira-flavour.ts';
import type { Scene } from './scene.ts';

/** What tests and the demo may set differently. */
export interface HouseSettings {
  /** `applyOn` by folder pattern, first match decides. */
  projects?: readonly {
    match: string;
    applyOn: 'approval' | 'command' | 'merge';
    holdFrom?: 'plan' | 'apply';
    labels?: Record<string, string>;
    workspaces?: string[];
    varFiles?: string[];
    tier?: string;
    workflow?: string;
    /** What the repository's own file may decide. */
    allow?: { settings?: string[]; workflows?: string[]; tiers?: string[] };
  }[];
  rules?: readonly object[];
  /** Programs around plans and applies. */
  programs?: readonly object[];
  /** Commands that are reserved for groups. */
  commands?: readonly object[];
  gates?: {
    planMaxAgeSeconds?: number;
    pipelineRequired?: boolean;
    voidedBy?: 'inputs' | 'any';
    exclusions?: readonly (readonly [string, string])[];
  };
  /** Whatever else the server's file says: tiers, a calendar … */
  server?: Readonly<Record<string, unknown>>;
  /** Groups that players are in by the people file, by id. */
  groups?: Readonly<Record<string, readonly string[]>>;
  limits?: Record<string, number>;
  sweepSeconds?: number;
  /** Whatever else the server's file says of JIRA: fields, service management … */
  jiraSettings?: Readonly<Record<string, unknown>>;
  /** How long JIRA is waited for; the service's own default otherwise. */
  jiraTimeoutSeconds?: number;
  /** How long a silent worker and a silent apply are waited for; the service's own default otherwise. */
  patience?: { leaseSeconds: number; attemptSilentSeconds: number };
  providerMirror?: string;
  /** The program to run; default COUNTERSIGN_TERRAFORM, else `terraform`. */
  terraform?: string;
  /** More variables for plan and apply runs, values or `{file}`. */
  runVariables?: { plan?: RunVariables; apply?: RunVariables };
  /** Ids of players whom the people file leaves out. */
  unmapped?: readonly string[];
  /** Comments to Atlantis are commands as well. */
  understandsAtlantis?: boolean;
  /** Roles that players have in the people file besides their own, by id. */
  moreRoles?: Readonly<Record<string, readonly string[]>>;
}

type RunVariables = Readonly<Record<string, string | { file: string }>>;

export interface Places {
  dir: string;
  gitlabUrl: string;
  jira: JiraFlavour;
  jiraUrl: string;
  externalUrl: string;
}

export interface HookSecrets {
  gitlabSegment: string;
  gitlabSigningToken: string;
  jiraSegment: string;
  jiraSecret: string;
}

/** JIRA's status ids, as the double's default workflow has them. */
const STATUSES = {
  requested: '10100',
  'in-review': '10101',
  approved: '10102',
  rejected: '10103',
  applying: '10104',
  done: '10105',
  failed: '10106',
  superseded: '10107',
  expired: '10108',
};

export function makeHookSecrets(): HookSecrets {
  return {
    gitlabSegment: randomBytes(16).toString('hex'),
    gitlabSigningToken: `whsec_${randomBytes(32).toString('base64')}`,
    jiraSegment: randomBytes(16).toString('hex'),
    jiraSecret: randomBytes(24).toString('hex'),
  };
}

/** Where a house has its server's file. */
export const configurationFile = (dir: string): string => join(dir, 'countersign.server.yaml');

/** Where `audit keygen` puts the key that signs the log. */
export const signerKeyFile = (dir: string): string => join(dir, 'secrets', 'audit-signer-key');

/** Writes the server's file and everything it names but the signer's key, as an operator would; returns its path. */
export async function writeConfiguration(
  places: Places,
  scene: Scene,
  hooks: HookSecrets,
  settings: HouseSettings,
): Promise<string> {
  const { dir } = places;
  const secrets = join(dir, 'secrets');
  await mkdir(secrets, { recursive: true, mode: 0o700 });
  // Runs have users of their own, who must be able to pass through to their folders.
  await chmod(dir, 0o711);
  const secret = async (name: string, value: string) => {
    await writeFile(join(secrets, name), value, { mode: 0o600 });
    return join(secrets, name);
  };
  const runVariables = async (phase: 'plan' | 'apply', password: string) => ({
    TF_HTTP_USERNAME: 'terraform',
    TF_HTTP_PASSWORD: { file: await secret(`state-token-${phase}`, password) },
    ...settings.runVariables?.[phase],
  });
  const config = {
    mode: 'demo',
    externalUrl: places.externalUrl,
    http: { host: '127.0.0.1', port: Number(new URL(places.externalUrl).port) },
    gitlab: {
      url: places.gitlabUrl,
      commands: settings.commands ?? [],
      tokenFile: await secret('gitlab-token', scene.bot.token),
      cloneTokenFile: await secret('gitlab-clone-token', scene.cloneToken),
      understandsAtlantis: settings.understandsAtlantis ?? false,
      hooks: [
        {
          segment: hooks.gitlabSegment,
          repositories: [scene.project.id],
          signingTokenFiles: [await secret('gitlab-signing-token', hooks.gitlabSigningToken)],
        },
      ],
    },
    jira: {
      ...(places.jira === 'cloud'
        ? {
            flavour: 'cloud',
            email: scene.jira.bot.email,
            apiTokenFile: await secret('jira-token', scene.jira.bot.token),
          }
        : {
            flavour: 'data-center',
            tokenFile: await secret('jira-token', scene.jira.bot.token),
            machineAccounts: ['automation'],
          }),
      baseUrl: places.jiraUrl,
      botAccount: scene.jira.bot.accountId,
      projectKey: 'CHG',
      issueType: 'Change',
      statuses: STATUSES,
      hook: { segment: hooks.jiraSegment, secretFiles: [await secret('jira-hook-secret', hooks.jiraSecret)] },
      ...settings.jiraSettings,
      ...(settings.jiraTimeoutSeconds === undefined ? {} : { timeoutSeconds: settings.jiraTimeoutSeconds }),
    },
    repositories: [
      {
        id: scene.project.id,
        projects: settings.projects ?? [
          { match: 'fin/prod/**', applyOn: 'command', labels: { network: 'fin', env: 'prod' } },
          { match: 'biz/dev/**', applyOn: 'approval', labels: { network: 'biz', env: 'dev' } },
        ],
      },
    ],
    credentials: [
      {
        match: '**',
        plan: await runVariables('plan', scene.stateTokens.plan),
        apply: await runVariables('apply', scene.stateTokens.apply),
      },
    ],
    terraform: {
      binary: settings.terraform ?? process.env['COUNTERSIGN_TERRAFORM'] ?? 'terraform',
      runRoot: join(dir, 'runs'),
      ...(process.getuid?.() === 0 ? { uidRange: [61_000, 61_199] } : {}),
      requireIsolation: false,
      ...(settings.providerMirror === undefined ? {} : { providerMirror: settings.providerMirror }),
      ...(settings.limits === undefined ? {} : { limits: settings.limits }),
    },
    gates: settings.gates ?? {},
    hooks: settings.programs ?? [],
    rules: settings.rules ?? [{ shipped: 'no-destroy', params: { types: ['aws_*'] } }],
    people: join(dir, 'people.yaml'),
    audit: { signerKeyFile: signerKeyFile(dir), checkpointEverySeconds: 30 },
    keys: {
      planDigestKeyFile: await secret('plan-digest-key', randomBytes(32).toString('base64')),
      bundleKeyFiles: [await secret('bundle-key', randomBytes(32).toString('base64'))],
    },
    sweep: { everySeconds: settings.sweepSeconds ?? 5 },
    ...(settings.patience === undefined ? {} : { workers: settings.patience }),
    auth: { mode: 'demo' },
    spoolDir: join(dir, 'spool'),
    ...settings.server,
  };
  await writeFile(join(dir, 'people.yaml'), stringify({ people: peopleOf(scene, settings) }), {
    mode: 0o600,
  });
  await writeFile(configurationFile(dir), stringify(config), { mode: 0o600 });
  return configurationFile(dir);
}

function peopleOf(
  { players }: Scene,
  { groups = {}, unmapped = [], moreRoles = {} }: HouseSettings,
): object[] {
  return Object.values(players)
    .filter(({ id }) => !unmapped.includes(id))
    .map(({ id, name, email, roles, gitlab, jira }) => ({
      id,
      name,
      gitlabId: gitlab.id,
      jiraAccount: jira.accountId,
      emails: [email],
      roles: [...roles, ...(moreRoles[id] ?? [])],
      groups: groups[id] ?? [],
    }));
}
