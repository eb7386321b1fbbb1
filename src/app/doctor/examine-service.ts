import { tagTroubleInWords } from '#domain/tag-standing.ts';
import type { StrayTag } from '#store/release-tags.ts';
import type { Surroundings } from '#store/surroundings.ts';
import type { SweepFault } from '#store/sweep-faults.ts';
import type { WorkerRow } from '#store/workers.ts';
import { type Finding, fine, problem, warning } from '../ports/examination.ts';

/** The database: what keeps the service from starting, and what a person has to look at. */
export function databaseFindings(schemaProblems: readonly string[], found: Surroundings): Finding[] {
  const about = 'database';
  if (schemaProblems.length > 0)
    return schemaProblems.map((what) =>
      problem(about, what, 'docs/operations.md, "Database", says which roles there are'),
    );
  const { givenUp, role, serverVersion } = found;
  return [
    fine(about, `PostgreSQL ${serverVersion}, migrated, used as ${role}, which cannot rewrite the audit log`),
    ...(givenUp === 0
      ? []
      : [
          problem(
            about,
            `${givenUp} ${givenUp === 1 ? 'job was' : 'jobs were'} given up`,
            'docs/operations.md, "A job was given up", says how to look and go on',
          ),
        ]),
  ];
}

/** Workers that have been heard of within the last minute. */
export function workerFindings(workers: readonly WorkerRow[], requireIsolation: boolean): Finding[] {
  const about = 'workers';
  if (workers.length === 0)
    return [problem(about, 'no worker has been heard of for a minute', 'start one: npm run workers')];
  const bare = workers.filter(({ isolation }) => isolation === 'none').map(({ name }) => name);
  const versions = [...new Set(workers.map(({ terraformVersion }) => terraformVersion))];
  const remedy = 'run workers as root with terraform.uidRange, or install bubblewrap';
  return [
    fine(about, `${workers.length} ${workers.length === 1 ? 'is' : 'are'} at work`),
    ...(bare.length === 0
      ? []
      : [
          (requireIsolation ? problem : warning)(
            about,
            `terraform is not isolated from the service on ${bare.join(', ')}`,
            remedy,
          ),
        ]),
    ...(versions.length > 1
      ? [
          warning(
            about,
            `workers have different versions of terraform: ${versions.join(', ')}`,
            'a plan is applied with the version that made it, so give all of them the same',
          ),
        ]
      : []),
  ];
}

/** What no round of the sweep could do lately; everything else goes on meanwhile. */
export function sweepFindings(faults: readonly SweepFault[]): Finding[] {
  const about = 'sweep';
  if (faults.length === 0) return [fine(about, 'nothing fails')];
  return faults.map(({ beganAt, item, reason, step, tries }) =>
    warning(
      about,
      `${step} ${item} fails since ${beganAt}, ${tries} ${tries === 1 ? 'time' : 'times'}: ${reason}`,
      'docs/operations.md, "The sweep cannot read something", says what to do',
    ),
  );
}

/** Release tags that do not stand as they were made: somebody meddled with the evidence. */
export function tagFindings(tags: readonly StrayTag[]): Finding[] {
  const about = 'release tags';
  if (tags.length === 0) return [fine(about, 'all stand as they were made, as far as was looked')];
  return tags.map(({ repository, sha, since, standing, tag }) =>
    problem(
      about,
      `${tag} of repository ${repository} ${tagTroubleInWords(standing, sha)}, found ${since}`,
      'docs/operations.md, "A release tag does not stand as it was made", says what to do',
    ),
  );
}

/** A day without a single delivery while there is work means that webhooks do not arrive. */
const SILENT_MS = 24 * 3_600_000;

export function deliveryFindings(found: Surroundings): Finding[] {
  return ['gitlab', 'jira'].map((source) => {
    const about = `webhooks of ${source}`;
    const last = found.lastDeliveries[source];
    if (last !== undefined && found.nowMs - Date.parse(last) < SILENT_MS)
      return fine(about, `the last delivery came at ${last}`);
    if (found.changes === 0) return fine(about, 'none has come yet, and nothing has happened');
    return warning(
      about,
      last === undefined ? 'none has ever come' : `none has come since ${last}`,
      'everything still works, only later; see docs/gitlab.md and docs/jira.md, "When something does not work"',
    );
  });
}

/** Beyond this GitLab's and JIRA's signed times are no longer believed, and leases end at odd moments. */
const TOO_FAR_MS = 240_000;
const NOTICEABLE_MS = 30_000;

/** How far a clock is ahead of this host's. Times decide nothing between systems, but signatures carry them. */
export function clockFinding(
  whose: string,
  reading: { aheadMs: number; uncertainMs: number } | undefined,
): Finding {
  const about = 'clocks';
  if (reading === undefined)
    return warning(about, `${whose} does not tell its time`, 'nothing is to be done');
  const off = Math.max(0, Math.abs(reading.aheadMs) - reading.uncertainMs);
  const seconds = Math.round(off / 1000);
  if (off < NOTICEABLE_MS) return fine(about, `${whose} and this host agree`);
  const what = `the clock of ${whose} is ${seconds} s ${reading.aheadMs > 0 ? 'ahead of' : 'behind'} this host’s`;
  const remedy = 'let both keep time by NTP';
  return off < TOO_FAR_MS ? warning(about, what, remedy) : problem(about, what, remedy);
}
