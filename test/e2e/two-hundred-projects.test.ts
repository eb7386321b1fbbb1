import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '#test/sandbox/house/http.ts';
import { backstage } from '#test/support/gitlab-backstage.ts';
import { openStory, type Story, until } from '#test/support/story.ts';

/** All of the two hundred take minutes; a few of them tell the same. `COUNTERSIGN_STORY_PROJECTS=200` for the real thing. */
const PROJECTS = Number(process.env['COUNTERSIGN_STORY_PROJECTS'] ?? '16');
/** Enough to keep the workers busy while another change comes along. */
const CROWD = 24;
const PATIENCE_MS = 60_000 + PROJECTS * 6_000;

const UPSTREAM = 'biz/dev/many-001';
const DEPENDENT = 'biz/dev/reads-the-first';

describe(`${PROJECTS} projects in one merge request`, () => {
  let story: Story;
  beforeAll(async () => {
    story = await openStory({
      projects: [{ match: 'biz/dev/**', applyOn: 'approval' }],
      sweepSeconds: 600,
      files: () => ({ 'countersign.yaml': CONFIGURATION }),
    });
  });
  afterAll(() => story?.close());

  test(
    'are planned, approved and applied in waves, with one note and one ticket, and a dependent goes back to review',
    async () => {
      const memory = watchMemory(story);
      await seedState(story, 'many-001', { cidr: '10.0.0.0/24' });
      const { iid } = await story.propose('many', filesOf(story));
      const begun = performance.now();

      const key = await story.ticketIs(iid, 'In review', PATIENCE_MS);
      const planned = await story.changeIs(iid, 'awaiting-approval', PATIENCE_MS);
      const planSeconds = (performance.now() - begun) / 1_000;
      expect(planned.state.projects).toHaveLength(PROJECTS);
      const edits = await editsWhilePlanning(story, iid);
      expect(edits).toBeLessThanOrEqual(5);
      expect(await plannedInputs(story, DEPENDENT)).toEqual(['first saw 10.0.0.0/24']);

      await story.adamInJira.move(key, 'Approved');
      const again = await until(
        'the ticket to be in review for the second time',
        async () => {
          const { approval_id, state } = await story.changeOf(iid);
          const { review } = state.ticket;
          return review?.status === 'in-review' && review.round > 1 ? approval_id : undefined;
        },
        { withinMs: PATIENCE_MS, show: async () => JSON.stringify((await story.changeOf(iid)).state.ticket) },
      );
      expect(again).toBe(key);
      const halfway = await story.changeOf(iid);
      const standing = Object.groupBy(halfway.state.projects, ({ status }) => status);
      expect(standing['applied']).toHaveLength(PROJECTS - 1);
      expect(standing['awaiting-approval']?.map((project) => project.key)).toEqual([DEPENDENT]);
      expect(await plannedInputs(story, DEPENDENT)).toEqual([
        'first saw 10.0.0.0/24',
        'first saw 10.9.0.0/24',
      ]);

      await story.adamInJira.move(key, 'Approved');
      await story.changeIs(iid, 'merged', PATIENCE_MS);
      await story.ticketIs(iid, 'Done');
      expect((await story.erin.tag(`release/${key}`)).name).toBe(`release/${key}`);
      const attempts = await story.attempts(iid);
      expect(attempts.map(({ outcome }) => outcome)).toEqual(
        Array.from({ length: PROJECTS }, () => 'succeeded'),
      );
      expect(attempts.at(-1)?.project).toBe(DEPENDENT);
      expect(await tickets(story)).toEqual([key]);
      expect((await story.notes(iid)).filter(({ body }) => body.includes(':note -->'))).toHaveLength(1);

      const seconds = (performance.now() - begun) / 1_000;
      console.log(
        `${PROJECTS} projects: planned in ${planSeconds.toFixed(0)} s with ${edits} edits of the note, ` +
          `merged after ${seconds.toFixed(0)} s; ${await memory.inWords()}`,
      );
    },
    PATIENCE_MS * 3,
  );

  test(
    'a change of one project is planned among them, not behind them',
    async () => {
      const names = Array.from({ length: CROWD }, (_, i) => `later-${i + 1}`);
      const files = names.map(
        (name) => [`biz/dev/${name}/main.tf`, story.module(name, plain(name))] as const,
      );
      const many = await story.propose('crowd', Object.fromEntries(files));
      await until('the first plan of the many to run', async () => {
        const rows = await story.query(
          `select 1 from plan_runs where project like 'biz/dev/later-%' and ended_at is not null`,
        );
        return rows.length > 0 ? true : undefined;
      });
      const one = await story.propose('alone', {
        'biz/dev/alone/main.tf': story.module('alone', plain('alone')),
      });
      await story.changeIs(many.iid, 'awaiting-approval', PATIENCE_MS);
      await story.changeIs(one.iid, 'awaiting-approval');
      const [behind] = await story.query<{ queued: number; before: number }>(
        `select count(*)::int as queued, count(*) filter (where other.started_at < mine.started_at)::int as before
        from plan_runs mine, plan_runs other where mine.project = 'biz/dev/alone' and other.project like 'biz/dev/later-%'
          and (other.started_at is null or other.started_at > mine.queued_at)`,
      );
      // As many as were being begun at that moment may go first; the rest of the crowd waits.
      expect(behind?.before).toBeLessThanOrEqual(8);
      expect(behind?.queued).toBeGreaterThan(0);
    },
    PATIENCE_MS * 2,
  );
});

const CONFIGURATION = `version: 1
projects:
  - dir: ${UPSTREAM}
  - dir: ${DEPENDENT}
    dependsOn: [${UPSTREAM}]
  - dir: biz/dev/**
`;

function filesOf(story: Story): Record<string, string> {
  const names = Array.from({ length: PROJECTS - 2 }, (_, i) => `many-${String(i + 2).padStart(3, '0')}`);
  const others = names.map((name) => [`biz/dev/${name}/main.tf`, story.module(name, plain(name))] as const);
  const upstream = `output "cidr" {\n  value = "10.9.0.0/24"\n}\n`;
  return {
    ...Object.fromEntries(others),
    [`${UPSTREAM}/main.tf`]: story.module('many-001', upstream),
    [`${DEPENDENT}/main.tf`]: story.module('dependent', dependent(story)),
  };
}

function plain(name: string): string {
  return `resource "terraform_data" "plain" {\n  input = "${name}"\n}\n`;
}

/** Reads what the other project's state says at the time it is planned. */
function dependent({ gitlabUrl, scene }: Story): string {
  return `data "terraform_remote_state" "first" {
  backend = "http"
  config = {
    address = "${gitlabUrl}/api/v4/projects/${scene.project.id}/terraform/state/many-001"
  }
}

resource "terraform_data" "reader" {
  input = "first saw \${data.terraform_remote_state.first.outputs.cidr}"
}
`;
}

/** What an earlier apply would have left there. */
async function seedState({ gitlabUrl, scene }: Story, name: string, outputs: Record<string, string>) {
  const address = `${gitlabUrl}/api/v4/projects/${scene.project.id}/terraform/state/${name}`;
  const values = Object.entries(outputs).map(([key, value]) => [key, { value, type: 'string' }]);
  await ask(`${address}`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`terraform:${scene.stateTokens.apply}`).toString('base64')}`,
    },
    body: {
      version: 4,
      terraform_version: '1.0.0',
      serial: 1,
      lineage: '5d3c1c5e-0000-4000-8000-000000000001',
      outputs: Object.fromEntries(values),
      resources: [],
    },
  });
}

/** What the plans of a project would have made, oldest first. */
async function plannedInputs(story: Story, project: string): Promise<string[]> {
  const rows = await story.query<{ plan_text: string }>(
    `select plan_text from plan_runs where project = $1 and status = 'planned' order by ended_at`,
    [project],
  );
  return rows.flatMap(({ plan_text: text }) => /first saw [\d./]+/.exec(text) ?? []);
}

/** Edits of the note from its first writing until every plan was there and told. */
async function editsWhilePlanning(story: Story, iid: number): Promise<number> {
  const [note] = (await story.notes(iid)).filter(({ body }) => body.includes(':note -->'));
  const writes = await backstage(story).requests({
    method: 'PUT',
    path: `/merge_requests/${iid}/notes/${note?.id}`,
  });
  return writes.length;
}

async function tickets(story: Story): Promise<string[]> {
  const path = `/search/jql?${new URLSearchParams({ jql: 'project = CHG', fields: 'status' })}`;
  const { issues } = await story.adamInJira.asked<{ issues: { key: string }[] }>(path);
  return issues.map(({ key }) => key);
}

/** The most memory that server and worker were seen with. */
function watchMemory(story: Story) {
  const pids = { server: story.serverPid(), worker: story.workers[0]?.pid ?? 0 };
  const mebibytes = async (pid: number, field: string) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'mu').exec(status)?.[1]) / 1024);
  };
  return {
    async inWords() {
      const words = Object.entries(pids).map(
        async ([name, pid]) =>
          `${name} ${await mebibytes(pid, 'VmRSS')} MiB, at most ${await mebibytes(pid, 'VmHWM')} MiB`,
      );
      return (await Promise.all(words)).join('; ');
    },
  };
}
