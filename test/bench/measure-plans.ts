import { ask, until } from '#test/sandbox/house/http.ts';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { type ByHand, planByHand } from './raw-terraform.ts';
import { count, median, ratio, type Row } from './result.ts';
import type { Stage } from './stage.ts';
import { programOf, startedBetween } from './started.ts';

/** What kind of project is planned. */
export interface Kind {
  id: string;
  what: string;
  /** The files of one project; its state is its own. */
  files: (name: string) => Record<string, string>;
  byHand: ByHand;
  goal: number;
}

interface Sample {
  byHandMs: number;
  /** From the webhook to the note that tells of every plan. */
  noteMs: number;
  /** To the first note, which tells that plans are being made. */
  firstNoteMs: number;
  /** Writes of the note. */
  noteWrites: number;
  gitlabCalls: number;
  jiraCalls: number;
  processes: Record<string, number>;
}

const LONGEST_MS = 20 * 60_000;
/** How many it takes for the shared work of a merge request to show in no single number any more. */
const MANY = 100;

/**
 * From the webhook of a merge request to the note with its plans, beside `terraform init && plan && show -json` of the
 * same projects by hand, one after another.
 */
export async function measurePlans(
  stage: Stage,
  kind: Kind,
  counts: readonly number[],
  repetitions: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  // Nobody's first merge request counts: it fetches the repository and reads every file of it.
  await sample(stage, kind, 1, 'first');
  for (const projects of counts) {
    const samples: Sample[] = [];
    const rounds = projects >= MANY ? 1 : repetitions;
    for (let round = 1; round <= rounds; round += 1) {
      samples.push(await sample(stage, kind, projects, `${projects}-${round}`));
    }
    rows.push(...rowsOf(kind, projects, samples));
  }
  return rows;
}

function rowsOf(kind: Kind, projects: number, samples: readonly Sample[]): Row[] {
  const middle = (pick: (each: Sample) => number) => median(samples.map(pick));
  const id = `${kind.id}-${projects}`;
  const many = `${kind.what}, ${projects} project${projects === 1 ? '' : 's'}`;
  const rows = [
    ratio({
      id: `${id}-note`,
      what: `${many}: webhook → plan note / by hand`,
      ours: middle(({ noteMs }) => noteMs),
      other: middle(({ byHandMs }) => byHandMs),
      unit: 'ms',
      goal: { at: 'most', value: projects >= MANY ? Math.min(0.45, kind.goal) : kind.goal },
    }),
    count({
      id: `${id}-first-note`,
      what: `${many}: webhook → first note`,
      ours: middle(({ firstNoteMs }) => firstNoteMs),
      unit: 'ms',
    }),
    count({
      id: `${id}-note-writes`,
      what: `${many}: writes of the note`,
      ours: middle(({ noteWrites }) => noteWrites),
      unit: 'count',
    }),
  ];
  const calls = [
    ['gitlab-calls', 'GitLab calls', (each: Sample) => each.gitlabCalls, 6],
    ['jira-calls', 'JIRA calls', (each: Sample) => each.jiraCalls, undefined],
    ['terraform', 'terraform processes', (each: Sample) => (each.processes['terraform'] ?? 0) / projects, 3],
    ['git', 'git processes', (each: Sample) => (each.processes['git'] ?? 0) / projects, undefined],
  ] as const;
  return [
    ...rows,
    ...calls.map(([name, words, pick, goal]) =>
      count({
        id: `${id}-${name}`,
        what: `${many}: ${words}${name.endsWith('-calls') ? ' until it stands' : ' a plan'}`,
        ours: middle(pick),
        unit: 'count',
        ...(goal === undefined || (name.endsWith('-calls') && projects > 1)
          ? {}
          : { goal: { at: 'most', value: goal } }),
      }),
    ),
  ];
}

async function sample(stage: Stage, kind: Kind, projects: number, name: string): Promise<Sample> {
  const names = Array.from({ length: projects }, (_, i) => `${kind.id}-${name}-${i + 1}`);
  const folders = Object.fromEntries(names.map((each) => [`bench/${each}`, kind.files(each)]));
  const byHandMs = await planByHand(folders, kind.byHand);
  await stage.rest();
  const behind = backstage(stage);
  const hooksBefore = (await behind.deliveries({ event: 'Merge Request' })).length;
  const branch = `bench-${kind.id}-${name}`;
  await stage.erin.push(branch, flat(folders));
  const { iid } = await stage.erin.open(branch, `Bench ${name}`);
  const note = await until('the note to tell of every plan', () => noteOf(stage, iid, projects), {
    withinMs: LONGEST_MS,
  });
  const hook = (await behind.deliveries({ event: 'Merge Request' }))[hooksBefore];
  const from = Date.parse(hook?.at ?? '');
  const calls = await callsBetween(stage, from, note.stands);
  await stage.rest();
  await stage.erin.close(iid);
  await stage.rest();
  const started = startedBetween(stage.processes, from, note.stands);
  return {
    byHandMs,
    noteMs: note.stands - from,
    firstNoteMs: note.first - from,
    noteWrites: note.writes,
    ...calls,
    processes: Object.fromEntries(
      Object.entries(Object.groupBy(started, programOf)).map(([program, all]) => [program, all?.length ?? 0]),
    ),
  };
}

function flat(folders: Record<string, Record<string, string>>): Record<string, string> {
  const files = Object.entries(folders).flatMap(([folder, own]) =>
    Object.entries(own).map(([name, content]) => [`${folder}/${name}`, content] as const),
  );
  return Object.fromEntries(files);
}

interface NoteTimes {
  first: number;
  stands: number;
  writes: number;
}

/** When the note was first there, and when it told of the last plan (ms since 1970); undefined until it does. */
async function noteOf({ query }: Stage, iid: number, projects: number): Promise<NoteTimes | undefined> {
  const [row] = await query<{
    failed: number;
    ended: number;
    first: number;
    stands: number | null;
    writes: number;
  }>(
    `with mine as (select id from changes where iid = $1),
      runs as (select count(ended_at)::int as ended, max(ended_at) as last,
        count(*) filter (where status = 'failed')::int as failed from plan_runs where change_id in (select id from mine)),
      notes as (select * from outbox where effect = 'publish-note' and done_at is not null
        and change_id in (select id from mine))
    select runs.failed, runs.ended, extract(epoch from min(done_at))::float8 * 1000 as first,
      (extract(epoch from min(done_at) filter (where started_at > runs.last)) * 1000)::float8 as stands,
      count(*)::int as writes
    from runs, notes group by runs.ended, runs.last, runs.failed`,
    [iid],
  );
  if (row !== undefined && row.failed > 0) throw new Error(`${row.failed} plans of !${iid} failed`);
  if (row === undefined || row.ended < projects || row.stands === null) return undefined;
  return { first: row.first, stands: row.stands, writes: row.writes };
}

/** Calls of the service itself, by its own accounts: terraform and git have others. */
async function callsBetween(
  stage: Stage,
  from: number,
  to: number,
): Promise<Pick<Sample, 'gitlabCalls' | 'jiraCalls'>> {
  const { gitlabUrl, jiraUrl, scene } = stage;
  const headers = { 'private-token': scene.bot.token };
  const { username } = await ask<{ username: string }>(`${gitlabUrl}/api/v4/user`, { headers });
  const isWithin = ({ at }: { at: string }) => Date.parse(at) >= from && Date.parse(at) <= to;
  const gitlab = await backstage(stage).requests({ user: username });
  const jira = await ask<{ at: string; accountId: string | null }[]>(`${jiraUrl}/sandbox/requests`);
  return {
    gitlabCalls: gitlab.filter(isWithin).length,
    jiraCalls: jira.filter((each) => each.accountId === scene.jira.bot.accountId && isWithin(each)).length,
  };
}
