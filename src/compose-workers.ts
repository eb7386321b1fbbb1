import { join } from 'node:path';
import { createCalendar } from '#adapters/calendar/create-calendar.ts';
import { createCelChecks } from '#adapters/checks/cel-checks.ts';
import { createCelThreads } from '#adapters/checks/cel-threads.ts';
import { createCelTiers } from '#adapters/checks/cel-tiers.ts';
import { createGitSource } from '#adapters/git/git-source.ts';
import { readGitlabHook } from '#adapters/gitlab/hook-hint.ts';
import { readJiraHook } from '#adapters/jira/webhook.ts';
import { createFileSigner } from '#adapters/signer/file-signer.ts';
import { readSourceFacts } from '#adapters/terraform/source-facts.ts';
import { makeCheckpoint } from '#app/audit/make-checkpoint.ts';
import { recordHeartbeat } from '#app/audit/record-heartbeat.ts';
import { createJobDesk } from '#app/job-desk.ts';
import { patienceOf } from '#app/patience.ts';
import { endingReviews } from '#domain/module-register.ts';
import { composeBase } from './compose.ts';
import { createCatalogue } from './compose-catalogue.ts';
import { composeRuns } from './compose-runs.ts';
import { composeDirectory } from './compose-directory.ts';
import { composeHosts } from './compose-hosts.ts';
import { composeQueue } from './compose-queue.ts';
import { type Config, type Secrets } from './config.ts';

/** A project's path on GitLab is asked again after this long: projects move, but not often. */
const CLONE_URL_MAX_AGE_MS = 60_000;
/** A log that is silent for longer says so (assurance 3.2). */
const HEARTBEAT_AFTER_MS = 3_600_000;

/** Everything a worker process uses, made from the configuration. */
export async function composeWorkers(config: Config, secrets: Secrets) {
  const base = composeBase(config, secrets, 'workers');
  const patience = patienceOf(config.workers);
  const runs = composeRuns(config, secrets, base.db);
  const hosts = composeHosts(config, secrets);
  const source = composeSource(config, secrets, hosts.cloneUrl);
  const signer = await createFileSigner(config.audit.signerKeyFile);
  const queue = composeQueue(secrets, base.log);
  const threads = createCelThreads();
  const checks = createCelChecks(config.rules, threads);
  const tiers = createCelTiers(config, threads);
  for (const { what } of endingReviews(config.modules, new Date().toISOString()))
    base.log.warn({ file: config.path }, what);
  const names = { alsoAtlantis: config.gitlab.understandsAtlantis };
  return {
    ...base,
    ...hosts,
    ...runs,
    directory: composeDirectory(config, secrets, base, hosts),
    queue,
    desk: createJobDesk(base.db, secrets.databaseUrl, patience),
    patience: patience.attempt,
    source,
    rootModules: source,
    catalogue: createCatalogue({ config, source, rootModules: source, checks, tiers }),
    checks,
    tiers,
    calendar: createCalendar(config.calendar),
    hints: {
      gitlab: (body: string) => readGitlabHook(Buffer.from(body), names),
      jira: (body: string) => readJiraHook(Buffer.from(body)),
    },
    async checkpoint() {
      const made = await makeCheckpoint({ db: base.db, signer });
      if (made === undefined) throw new Error('an empty log has no checkpoint');
      return made.note;
    },
    heartbeat: () => recordHeartbeat(base.db, { now: new Date(), idleMs: HEARTBEAT_AFTER_MS }),
    settings: {
      ...runs.settings,
      externalUrl: config.externalUrl,
      repositories: config.repositories.map(({ id }) => id),
      ticketBot: config.jira.botAccount,
      accessLevels: config.gitlab.accessLevels,
      commandRules: config.gitlab.commands,
      ...names,
      admission: (repository: number) => admissionOf(config, repository),
      gates: config.gates,
      ...(config.breakGlass === undefined
        ? {}
        : { emergency: { ...config.breakGlass, holidays: config.calendar.holidays } }),
      planDigestKey: secrets.planDigestKey,
    },
    /** After the queue was closed. */
    close: () => base.database.close(),
  };
}

/** What the server says of merge requests before anything of the repository is read. */
function admissionOf({ repositories }: Config, repository: number) {
  const found = repositories.find(({ id }) => id === repository);
  return {
    branches: found?.branches ?? ['**'],
    forks: found?.forks ?? 'refuse',
    silence: found?.silence ?? [],
  };
}

function composeSource(config: Config, secrets: Secrets, askUrl: (repository: number) => Promise<string>) {
  const known = new Map<number, { url: string; until: number }>();
  return createGitSource({
    mirrors: join(config.spoolDir, 'mirrors'),
    readFacts: readSourceFacts,
    async remote(repository) {
      const fresh = known.get(repository);
      const url = fresh !== undefined && fresh.until > Date.now() ? fresh.url : await askUrl(repository);
      if (fresh?.url !== url) known.set(repository, { url, until: Date.now() + CLONE_URL_MAX_AGE_MS });
      return { url, credentials: { username: 'countersign', password: secrets.gitlab.cloneToken } };
    },
  });
}
