import { createGitlabClient } from '#adapters/gitlab/client.ts';
import { cloneUrl } from '#adapters/gitlab/clone-url.ts';
import { examineGitlab } from '#adapters/gitlab/examine.ts';
import { createFileSigner } from '#adapters/signer/file-signer.ts';
import { readsClone } from '#adapters/git/reads-clone.ts';
import { readServerClock } from '#adapters/web/server-clock.ts';
import { examineAll, fromTicketing, type Look } from '#app/doctor/examine-all.ts';
import { peopleFindings } from '#app/doctor/examine-people.ts';
import {
  clockFinding,
  databaseFindings,
  deliveryFindings,
  sweepFindings,
  tagFindings,
  workerFindings,
} from '#app/doctor/examine-service.ts';
import { type Finding, fine, problem } from '#app/ports/examination.ts';
import { releaseTagName } from '#domain/release-tag.ts';
import { checkSchema } from '#store/check-schema.ts';
import { databaseNow } from '#store/bookkeeping.ts';
import { readStrayTags } from '#store/release-tags.ts';
import { readSurroundings } from '#store/surroundings.ts';
import { readSweepFaults } from '#store/sweep-faults.ts';
import { readWorkers } from '#store/workers.ts';
import { composeBase } from './compose.ts';
import { composeDirectory } from './compose-directory.ts';
import { composeHosts } from './compose-hosts.ts';
import { composeQueue } from './compose-queue.ts';
import { composeRuns } from './compose-runs.ts';
import type { Config, Secrets } from './config.ts';

const MIGRATIONS = new URL('../migrations/', import.meta.url).pathname;
const WORKER_SEEN_WITHIN_SECONDS = 60;

/** Everything around the service, looked at once with its own credentials; reads only. */
export async function examineSurroundings(config: Config, secrets: Secrets): Promise<Finding[]> {
  const base = composeBase(config, secrets, 'doctor');
  const hosts = composeHosts(config, secrets);
  try {
    return await examineAll([
      { about: 'configuration', look: async () => [fine('configuration', `${config.path} can be used`)] },
      ...looksAtService(config, secrets, base),
      { about: 'gitlab', look: () => lookAtGitlab(config, secrets) },
      { about: 'clones', look: () => lookAtClones(config, secrets) },
      { about: 'jira', look: async () => (await hosts.ticketing.examine()).map(fromTicketing) },
      {
        about: 'directory',
        look: async () =>
          peopleFindings(
            await composeDirectory(config, secrets, base, hosts).read({ fresh: true }),
            config.tiers,
          ),
      },
      { about: 'terraform', look: () => lookAtTerraform(config, secrets, base) },
      { about: 'clocks', look: () => lookAtClocks(config, base) },
    ]);
  } finally {
    await base.database.close();
  }
}

type Base = ReturnType<typeof composeBase>;

function looksAtService(config: Config, secrets: Secrets, { database, db, log }: Base): Look[] {
  return [
    {
      about: 'database',
      look: async () =>
        databaseFindings(await checkSchema(database.pool, MIGRATIONS), await readSurroundings(db)),
    },
    {
      about: 'queue',
      async look() {
        const queue = composeQueue(secrets, log);
        try {
          await queue.ping();
          return [fine('queue', `${secrets.redisUrl === undefined ? 'PostgreSQL' : 'Redis'} answers`)];
        } finally {
          await queue.close();
        }
      },
    },
    { about: 'release tags', look: async () => tagFindings(await readStrayTags(db)) },
    { about: 'sweep', look: async () => sweepFindings(await readSweepFaults(db)) },
    {
      about: 'workers',
      look: async () =>
        workerFindings(await readWorkers(db, WORKER_SEEN_WITHIN_SECONDS), config.terraform.requireIsolation),
    },
    { about: 'webhooks', look: async () => deliveryFindings(await readSurroundings(db)) },
    {
      about: 'audit log',
      async look() {
        const { origin } = await createFileSigner(config.audit.signerKeyFile);
        return [fine('audit log', `the key of ${origin} can be used`)];
      },
    },
  ];
}

async function lookAtGitlab(config: Config, secrets: Secrets): Promise<Finding[]> {
  const client = createGitlabClient({ baseUrl: config.gitlab.url, token: secrets.gitlab.token });
  return examineGitlab(client, {
    repositories: config.repositories.map(({ id }) => id),
    hooksUrl: `${config.externalUrl}/hooks/gitlab/`,
    exampleTag: releaseTagName(`${config.jira.projectKey}-1`),
    now: new Date(),
  });
}

async function lookAtClones(config: Config, secrets: Secrets): Promise<Finding[]> {
  const client = createGitlabClient({ baseUrl: config.gitlab.url, token: secrets.gitlab.token });
  return Promise.all(
    config.repositories.map(async ({ id }) => {
      const url = await cloneUrl(client, id);
      const answer = await readsClone(url, 'countersign', secrets.gitlab.cloneToken);
      return answer === true
        ? fine('clones', `the clone token reads ${url}`)
        : problem(
            'clones',
            `the clone token does not read ${url}: GitLab answers ${answer}`,
            'make one with the scope read_repository and put it into gitlab.cloneTokenFile',
          );
    }),
  );
}

async function lookAtTerraform(config: Config, secrets: Secrets, base: Base): Promise<Finding[]> {
  const { terraform } = composeRuns(config, secrets, base.db);
  const version = await terraform.version();
  const others = await Promise.all(
    config.terraform.binaries.map(({ distribution, version: wanted }) =>
      terraform.version(wanted === undefined ? { distribution } : { distribution, version: wanted }),
    ),
  );
  return [version, ...others].map((each) => fine('terraform', `${each} is on this host`));
}

async function lookAtClocks(config: Config, { db }: Base): Promise<Finding[]> {
  const begun = Date.now();
  const nowMs = Date.parse(await databaseNow(db));
  const half = (Date.now() - begun) / 2;
  const [gitlab, jira] = await Promise.all([
    readServerClock(`${config.gitlab.url.replace(/\/+$/, '')}/api/v4/version`),
    readServerClock(`${config.jira.baseUrl.replace(/\/+$/, '')}/rest/api/2/serverInfo`),
  ]);
  return [
    clockFinding('the database', { aheadMs: nowMs - (begun + half), uncertainMs: half }),
    clockFinding('GitLab', gitlab),
    clockFinding('JIRA', jira),
  ];
}
